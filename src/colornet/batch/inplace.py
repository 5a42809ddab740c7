"""A result in the place of its original, which is kept as NAME.orig.EXT."""

from __future__ import annotations

import filecmp
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

from colornet.errors import UnwritablePicture
from colornet.picture import whole_file

MARK = ".orig"


def kept_place(path: Path) -> Path:
    """NAME.jpg -> NAME.orig.jpg."""
    return path.with_name(f"{path.stem}{MARK}{path.suffix}")


def result_place(place: Path) -> Path:
    """Where a result is made before it takes a picture's place."""
    number = zlib.crc32(os.fsencode(place.name))
    return place.with_name(f".colornet-{number:08x}{place.suffix}")


def is_kept_original(path: Path) -> bool:
    """Whether a picture is called NAME.orig.jpg, and a NAME.jpg is beside it."""
    stem = path.stem.removesuffix(MARK)
    return path.stem.endswith(MARK) and os.path.lexists(path.with_name(stem + path.suffix))


def put(place: Path, kept: Path, make: Callable[[Path], object]) -> None:
    """Make a result in the place of a picture, which is kept.

    At every moment both names lead to a whole picture: the original's new name before the result
    takes its old one.

    Args:
        place: of the picture, and then of the result.
        kept: where the original is kept, or already is.
        make: writes the result to a new file.

    Raises:
        UnwritablePicture: the original cannot be kept, or the result not written.
    """
    if place.is_symlink():
        raise UnwritablePicture(place, "is a link", "name the file that it leads to")
    result = result_place(place)
    try:
        result.unlink(missing_ok=True)  # of a process that was killed
        make(result)
        if not os.path.lexists(kept):
            _keep(place, kept)
        result.replace(place)
    except OSError as error:
        remedy = "check the folder, its permissions and the space left"
        reason = f"cannot be replaced ({(error.strerror or str(error)).lower()})"
        raise UnwritablePicture(place, reason, remedy) from None
    finally:
        result.unlink(missing_ok=True)


def is_untouched(place: Path, kept: Path) -> bool:
    """Whether a picture is still its original, also if that has its second name already."""
    if not os.path.lexists(kept):
        return True
    try:
        return place.samefile(kept) or filecmp.cmp(place, kept, shallow=False)
    except OSError:
        return False


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
