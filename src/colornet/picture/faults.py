"""What libvips and the system say, as errors about a picture."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pyvips

from colornet.errors import UnreadablePicture
from colornet.picture.formats import GET_ANOTHER_COPY


@contextlib.contextmanager
def reading(name: str) -> Iterator[None]:
    """Turns what libvips and the system say into `UnreadablePicture`."""
    try:
        yield
    except (pyvips.Error, OSError) as error:
        reason = f"is damaged or cut off ({one_line(error)})"
        raise UnreadablePicture(name, reason, GET_ANOTHER_COPY) from None


def one_line(error: Exception) -> str:
    """The first of libvips' many lines, or the system's own words."""
    if isinstance(error, pyvips.Error):
        lines = str(error.detail).strip().splitlines()
        return str(lines[0]).strip() if lines else "libvips gives no reason"
    return (getattr(error, "strerror", None) or str(error)).lower()
