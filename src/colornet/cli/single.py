"""`colornet colorize` for one picture: to a file, in a pipe, or in place."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from colornet.cli.options import say, say_all
from colornet.errors import OptionError, UnreadablePicture, UnwritablePicture, system_reason
from colornet.paths import is_same

if TYPE_CHECKING:
    from colornet.cli.request import Request
    from colornet.colorizer import Colorizer
    from colornet.guidance import Guidance

PIPE = Path("-")


def color_file(source: Path, target: Path | None, request: Request) -> None:
    """Write NAME-color beside the picture, or another file.

    Raises:
        OptionError: the file is the picture itself.
    """
    _keep_apart(source, target, request)
    guidance, colorizer = request.guidance_of(source), request.colorizer()
    if request.variants is None and request.page is None:  # with all its pages
        written = colorizer.write(
            source, target, guidance, partial=request.partial, **request.stored
        )
        say_all(written.notices)
        say(f"{written.result}: written")
        return
    canvas = colorizer.encode(source, partial=request.partial, page=request.page)
    if request.variants is None:
        one = canvas.write(target, guidance, **request.stored)
        notices, paths = one.notices, [one.result]
    else:
        variants = canvas.write_variants(request.variants, target, guidance, **request.stored)
        notices, paths = variants.notices, variants.result
    say_all((*canvas.notices, *notices))
    for path in paths:
        say(f"{path}: written")


def color_in_place(path: Path, request: Request) -> None:
    """Replace the picture by the result, and keep it as NAME.orig.EXT.

    If that was done with the same model and options, nothing is.
    """
    from colornet.inplace import kept_place

    guidance, colorizer = request.guidance_of(path), request.colorizer()
    if not (request.overwrite or request.redo) and _is_done(path, guidance, request, colorizer):
        say(f"{path}: skipped, made so from {kept_place(path)} before")
        return
    written = colorizer.write(
        path,
        guidance=guidance,
        encoding=request.encoding,
        overwrite=request.overwrite or request.redo,
        in_place=True,
        partial=request.partial,
    )
    say_all(written.notices)
    say(f"{path}: written, and the original kept as {kept_place(path)}")


def _is_done(path: Path, guidance: Guidance, request: Request, colorizer: Colorizer) -> bool:
    """Whether a picture is a result in its original's place that is to be made in the same way.

    A result without metadata does not tell how it was made, so it is compared with a new one.
    """
    from colornet.inplace import is_untouched, original_of
    from colornet.picture import provenance
    from colornet.provenance import is_made_with

    if is_untouched(path):
        return False
    made, strip = provenance(path), request.encoding.strip_metadata
    if made:
        return not strip and is_made_with(made, colorizer.card, guidance, request.encoding)
    if not strip:
        return False
    again = colorizer.write(
        original_of(path).read_bytes(),
        guidance=guidance,
        encoding=request.encoding,
        partial=request.partial,
    )
    return bool(again.result == path.read_bytes())


def is_pipe(path: Path) -> bool:
    """Whether a name is that of a pipe, such as `<(..)` and /dev/stdin in a shell."""
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def color_pipe(source: Path, output: Path | None, request: Request) -> None:
    """Color from a picture or pipe to a file or stdout.

    Raises:
        UnwritablePicture: nobody reads what is written.
    """
    from colornet.picture import write

    target = None if output == PIPE else output
    _keep_apart(source, target, request)
    piped = source == PIPE or is_pipe(source)
    guidance = request.guidance if piped else request.guidance_of(source)
    colorizer = request.colorizer()
    canvas = colorizer.encode(
        _stream(source) if piped else source, partial=request.partial, page=request.page
    )
    written = write(canvas.picture, canvas.render(guidance), target, **request.stored)
    say_all((*canvas.notices, *written.notices))
    result = written.result
    if not isinstance(result, bytes):
        say(f"{result}: written")
        return
    try:
        sys.stdout.buffer.write(result)
        sys.stdout.buffer.flush()
    except OSError as error:
        reason = f"cannot be written ({system_reason(error)})"
        raise UnwritablePicture("stdout", reason) from None


def check_pipe(inputs: list[Path], output: Path | None, request: Request) -> None:
    """Refuse options that contradict a pipe.

    Raises:
        OptionError: other inputs, options that need files, or closed streams.
    """
    if request.encoding.keep_times:
        raise OptionError("--keep-times", "needs files", "name a picture and -o FILE")
    if request.variants is not None:
        raise OptionError("--variants", "are several files", "name pictures, not -")
    if len(inputs) > 1:
        raise OptionError("-", "stands beside other inputs", "color one at a time")
    if inputs[0] == PIPE and sys.stdin is None:
        raise OptionError("-", "stdin is closed", "add < FILE, or name a picture")
    if output not in (None, PIPE):
        return
    if sys.__stdout__ is None:
        raise OptionError("-", "stdout is closed", "add > FILE or -o FILE")
    if sys.stdout.isatty():
        raise OptionError("-", "would write a picture to the terminal", "add > FILE or -o FILE")


def _keep_apart(source: Path, target: Path | None, request: Request) -> None:
    """Refuse a result that would replace its original or its reference, also through links or
    another case.
    """
    if target is None:
        return
    from colornet.output import keep_reference, numbered

    numbers = range(1, (request.variants or 0) + 1)
    places = [numbered(target, k) for k in numbers] or [target]
    keep_reference(places, request.guidance)
    for place in places:
        try:
            original = os.fstat(sys.stdin.fileno()) if source == PIPE else source.stat()
            same = os.path.samestat(original, place.stat())
        except (OSError, ValueError):
            continue
        if same or is_same(source, place):
            remedy = "choose another name, or --in-place, which keeps it as NAME.orig.jpg"
            raise OptionError(place, "is the original itself", remedy)


def _stream(source: Path) -> BinaryIO:
    """The content of stdin or a pipe; empty if it is closed."""
    if source == PIPE:
        return sys.stdin.buffer

    def open_at_once(name: str, flags: int) -> int:
        descriptor = os.open(name, flags | os.O_NONBLOCK)
        os.set_blocking(descriptor, True)
        return descriptor

    try:
        return open(source, "rb", opener=open_at_once)
    except OSError as error:
        reason = system_reason(error)
        raise UnreadablePicture(source, reason, "check the name") from None
