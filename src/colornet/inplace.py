"""A result in the place of its original, which is kept as NAME.orig.EXT."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from colornet.errors import OptionError, UnwritablePicture
from colornet.paths import is_same
from colornet.picture import provenance, whole_file

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # not on Windows
    flock = None  # type: ignore[assignment]

MARK = ".orig"

Make = Callable[[Path, Path], object]
"""Colors the original, the first path, into a new file, the second."""


def kept_place(path: Path) -> Path:
    """NAME.jpg -> NAME.orig.jpg."""
    return path.with_name(f"{path.stem}{MARK}{path.suffix}")


def result_of(path: Path) -> Path | None:
    """The NAME.jpg beside NAME.orig.jpg; None: it is not called so, or there is none."""
    result = path.with_name(path.stem.removesuffix(MARK) + path.suffix)
    return result if path.stem.endswith(MARK) and os.path.lexists(result) else None


def original_of(path: Path) -> Path:
    """The original of NAME.jpg: NAME.orig.jpg, or the picture itself where there is none."""
    kept = kept_place(path)
    return kept if os.path.lexists(kept) else path


def is_untouched(path: Path) -> bool:
    """Whether a picture is still its original, also if that has its second name already."""
    kept = kept_place(path)
    if not os.path.lexists(kept):
        return True
    try:
        return path.samefile(kept) or filecmp.cmp(path, kept, shallow=False)
    except OSError:
        return False


def color_in_place(path: Path, output: str | Path | None, make: Make, again: bool) -> Path:
    """Color one picture in its place, unless that was done.

    Args:
        path: of the picture.
        output: None, or the picture once more.
        make: colors it.
        again: replace a result that is there by a new one.

    Returns:
        The path.

    Raises:
        OptionError: the output is another file.
        UnwritablePicture: it is a result already, or the original of one; or see `put`.
    """
    if output is not None and Path(output) != path and not is_same(path, Path(output)):
        raise OptionError(output, "is another place than the original's", "leave one of them out")
    if result := result_of(path):
        raise original_of_another(path, result)
    with _alone(path):
        if not is_untouched(path):
            kept = kept_place(path)
            check_result(path)
            if not again:
                raise UnwritablePicture(
                    path, f"is made from {kept}", "--overwrite (overwrite=True) makes it anew"
                )
        _put(path, make)
    return path


def original_of_another(path: Path, result: Path) -> UnwritablePicture:
    """Why a kept original has no place for a result of its own."""
    reason = f"is kept as the original of {result.name}"
    return UnwritablePicture(path, reason, "name that, or rename this one")


def check_result(path: Path) -> None:
    """Raises `UnwritablePicture` unless a picture says that colornet made it."""
    if not provenance(path):
        reason = "is there already, where the original would be kept"
        remedy = "move one of the two pictures elsewhere"
        raise UnwritablePicture(kept_place(path), reason, remedy)


def put(path: Path, make: Make) -> None:
    """Make a result in the place of a picture, which is kept.

    At every moment both names lead to a whole picture: the original's new name before the result
    takes its old one.

    Args:
        path: of the picture, and then of the result.
        make: colors the original, wherever it is.

    Raises:
        UnwritablePicture: the original cannot be kept, or the result not written; or another
            process is doing so.
    """
    with _alone(path):
        _put(path, make)


def remove_leftover(path: Path) -> None:
    """What a killed process made, but did not put in the picture's place."""
    _result_place(path).unlink(missing_ok=True)


def _put(path: Path, make: Make) -> None:
    if path.is_symlink():
        raise UnwritablePicture(path, "is a link", "name the file that it leads to")
    original, kept, result = original_of(path), kept_place(path), _result_place(path)
    try:
        result.unlink(missing_ok=True)  # of a process that was killed
        make(original, result)
        if original is path:
            _keep(path, kept)
        result.replace(path)
    except UnwritablePicture as error:
        if error.subject != str(result):
            raise
        raise UnwritablePicture(path, error.reason, error.remedy) from None
    except OSError as error:
        remedy = "check the folder, its permissions and the space left"
        reason = f"cannot be replaced ({(error.strerror or str(error)).lower()})"
        raise UnwritablePicture(path, reason, remedy) from None
    finally:
        result.unlink(missing_ok=True)


def _result_place(path: Path) -> Path:
    """Where a result is made before it takes a picture's place."""
    number = zlib.crc32(os.fsencode(path.name))
    return path.with_name(f".colornet-{number:08x}{path.suffix}")


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """A picture for this process alone, by a lock on its file; where there are no locks, without.

    Raises:
        UnwritablePicture: another process has it.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # told by whoever reads or replaces the file
            if flock is not None and path.is_file() and not _locked(stack, path):
                reason = "is being replaced by another process"
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
    """Give the original a second name or, where the file system has no such, copy it."""
    try:
        os.link(original, kept)
    except FileExistsError:
        raise
    except OSError:
        with original.open("rb") as source, whole_file(kept, overwrite=False) as copy:
            shutil.copyfileobj(source, copy)
        shutil.copystat(original, kept)
