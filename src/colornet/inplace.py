"""Results that replace their originals, which are kept as NAME.orig.EXT."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from colornet.access import access_of, give_access
from colornet.errors import (
    CHECK_FOLDER,
    ColornetError,
    OptionError,
    UnreadablePicture,
    UnwritablePicture,
    checked_flag,
    system_reason,
)
from colornet.paths import is_file, is_folder, is_link, is_same, path_of
from colornet.picture import look_alike, provenance, shows_in_color
from colornet.whole_files import whole_file

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows
    flock = None  # type: ignore[assignment]

MARK = ".orig"

Make = Callable[[Path, Path], object]
"""A function that colors an original, the first path, into a new file, the second."""


def kept_place(path: Path) -> Path:
    """The path NAME.orig.jpg at which the original of NAME.jpg is kept."""
    return path.with_name(f"{path.stem}{MARK}{path.suffix}")


def result_of(path: Path) -> Path | None:
    """The path NAME.jpg for NAME.orig.jpg; None: the name is another, or there is no such result.

    A result without metadata does not tell how it was made, but it looks like its original.
    """
    name = path.stem.removesuffix(MARK)
    if name in (path.stem, ""):
        return None
    result = path.with_name(name + path.suffix)
    if not os.path.lexists(result):
        return None
    try:
        is_result = bool(provenance(result)) or look_alike(result, path)
    except ColornetError:  # one cannot be read: better no result than one of a kept original
        is_result = True
    return result if is_result else None


def original_of(path: Path) -> Path:
    """The original of NAME.jpg: NAME.orig.jpg, or the picture itself if there is no such file."""
    kept = kept_place(path)
    return kept if os.path.lexists(kept) else path


def is_untouched(path: Path) -> bool:
    """Whether a picture has not been replaced by a result yet."""
    kept = kept_place(path)
    if not os.path.lexists(kept):
        return True
    try:
        return path.samefile(kept) or filecmp.cmp(path, kept, shallow=False)
    except OSError:
        return False


def color_in_place(
    source: str | os.PathLike[str], output: str | Path | None, make: Make, again: bool
) -> Path:
    """Replace one picture by its result, unless that was done before.

    Args:
        source: the path of the picture.
        output: None, or the same picture.
        make: colors it.
        again: whether to replace an existing result.

    Returns:
        The path.

    Raises:
        OptionError: the source is not a path, or the output another file.
        UnreadablePicture: it is a folder.
        UnwritablePicture: it is a result, or the original of one; or see `put`.
    """
    path = path_of("source", source)
    if is_folder(path):
        raise UnreadablePicture(path, "is a folder, not a picture", "name a picture in it")
    other = path if output is None else path_of("output", output)
    if other != path and not is_same(path, other):
        raise OptionError(output, "is another place than the original's", "leave one of them out")
    if result := result_of(path):
        raise original_of_another(path, result)
    refuse_links(path)
    with _alone(path):
        if not is_untouched(path):
            kept = kept_place(path)
            check_result(path)
            if not checked_flag("overwrite", again):
                raise UnwritablePicture(
                    path, f"is made from {kept}", "--overwrite (overwrite=True) makes it anew"
                )
        _put(path, make)
    return path


def original_of_another(path: Path, result: Path) -> UnwritablePicture:
    """The error for a picture that is kept as the original of another."""
    reason = f"is kept as the original of {result.name}"
    return UnwritablePicture(path, reason, "name that, or rename this one")


def check_result(path: Path) -> None:
    """Raise `UnwritablePicture` unless a picture is a result of the original that is kept.

    Its metadata says so; without them, it shows the same in color as a gray original.
    """
    if not (provenance(path) or shows_in_color(path, kept_place(path))):
        reason = "is there already, where the original would be kept"
        remedy = "move one of the two pictures elsewhere"
        raise UnwritablePicture(kept_place(path), reason, remedy)


def put(path: Path, make: Make) -> None:
    """Replace a picture by its result, and keep the original.

    The original gets its new name before the result takes the old one, so that both names lead to
    complete files at any time.

    Args:
        path: of the picture, and then of the result.
        make: colors the original, at its current path.

    Raises:
        UnwritablePicture: the original cannot be kept, the result cannot be written, or another
            process is doing the same.
    """
    refuse_links(path)
    with _alone(path):
        _put(path, make)


def remove_leftover(path: Path) -> None:
    """Remove the result of a killed process, which has not replaced the picture."""
    shutil.rmtree(_private_folder(path), ignore_errors=True)


def refuse_links(path: Path) -> None:
    """Raise `UnwritablePicture` if a picture, or what is where it would be kept, is a link.

    What a link leads to may be the picture itself, or one that gets a result, too.
    """
    if is_link(path):
        raise UnwritablePicture(path, "is a link", "name the file that it leads to")
    if is_link(kept := kept_place(path)):
        reason = "is a link, where the original would be kept"
        raise UnwritablePicture(kept, reason, "move the link elsewhere")


def _put(path: Path, make: Make) -> None:
    original, kept, private = original_of(path), kept_place(path), _private_folder(path)
    result = private / path.name
    try:
        remove_leftover(path)
        private.mkdir(0o700)
        make(original, result)
        if access := access_of(original):
            give_access(result, access)
        if original is path:
            _keep(path, kept)
        _replace(path, result, None if original is kept else kept)
    except UnwritablePicture as error:
        if error.subject != str(result):
            raise
        raise UnwritablePicture(path, error.reason, error.remedy) from None
    except OSError as error:
        reason = f"cannot be replaced ({system_reason(error)})"
        raise UnwritablePicture(path, reason, CHECK_FOLDER) from None
    finally:
        remove_leftover(path)


def _replace(path: Path, result: Path, kept: Path | None) -> None:
    """Replace a picture; if that fails, remove what was kept of it, unless it is replaced all the
    same, as a network's file system may have done it.
    """
    try:
        result.replace(path)
    except OSError:
        if kept and is_untouched(path):
            kept.unlink(missing_ok=True)
        raise


def _private_folder(path: Path) -> Path:
    """The folder in which a result is made, where nobody else can read it before it has the
    permissions of its original.
    """
    number = zlib.crc32(os.fsencode(path.name))
    return path.with_name(f".colornet-{number:08x}")


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lock a picture's file, where the system has such locks.

    Raises:
        UnwritablePicture: another process has locked it.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # which reading or replacing the file reports
            if flock is not None and is_file(path) and not _locked(stack, path):
                reason = "is being replaced by another process, or under another name"
                raise UnwritablePicture(path, reason, "wait for its end")
        yield


def _locked(stack: contextlib.ExitStack, path: Path) -> bool:
    file = stack.enter_context(path.open("rb"))
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return os.path.samestat(os.fstat(file.fileno()), path.stat())  # replaced before it was locked?


def _keep(original: Path, kept: Path) -> None:
    """Link the original to a second name, or copy it if the file system has no hard links."""
    try:
        os.link(original, kept)
    except FileExistsError:
        raise
    except OSError:
        with original.open("rb") as source, whole_file(kept, False, 0o600) as copy:
            shutil.copyfileobj(source, copy)
        shutil.copystat(original, kept)
        if access := access_of(original):
            give_access(kept, access)
