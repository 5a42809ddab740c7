"""Photographs that are open: in memory alone, with a cap and an expiry.

Used on the event loop only, so there are no locks.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from colornet.canvas import Canvas
from colornet.guidance.reference import Reference
from colornet.notices import Notice
from colornet.picture import Picture
from colornet.web.errors import ApiError, busy
from colornet.web.settings import Settings


@dataclass
class OpenCanvas:
    """A photograph that somebody works on."""

    canvas: Canvas
    name: str
    """What messages call it."""
    model: str
    small: Picture
    """The photograph at the size of a screen, decoded; the photograph itself if it is small."""
    notices: Sequence[Notice]
    uploaded: int
    """Bytes of the file."""
    used: float = field(default_factory=time.monotonic)

    @property
    def bytes(self) -> int:
        """Held in memory: the file, what was computed of it, and `small`."""
        return self.uploaded + self.canvas.nbytes + 4 * self.small.width * self.small.height

    @cached_property
    def reference(self) -> Reference:
        """What the photograph tells about the colors of others."""
        return self.canvas.refer()


class Canvases:
    """What is open, by id, and the memory left for more."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: OrderedDict[str, OpenCanvas] = OrderedDict()  # longest unused first
        self._reserved = 0

    def __len__(self) -> int:
        return len(self._open)

    @property
    def bytes(self) -> int:
        """Held by open photographs, and by uploads and answers under way."""
        return self._reserved + sum(opened.bytes for opened in self._open.values())

    @property
    def ids(self) -> list[str]:
        """Of what is open."""
        return list(self._open)

    def add(self, opened: OpenCanvas) -> str:
        """Keep a photograph open; returns its id, which nobody can guess."""
        while self._open and len(self._open) >= self._settings.max_canvases:
            self._open.popitem(last=False)
        self._make_room(opened.bytes)
        canvas_id = secrets.token_urlsafe(16)
        self._open[canvas_id] = opened
        return canvas_id

    def get(self, canvas_id: str) -> OpenCanvas:
        """The photograph of that id.

        Raises:
            ApiError: there is none, or it was closed meanwhile.
        """
        self.expire()
        if canvas_id not in self._open:
            reason = "is not open; it may have been closed to make room, or unused for too long"
            raise ApiError(404, "no_such_canvas", "the canvas", reason, "upload the picture again")
        opened = self._open[canvas_id]
        opened.used = time.monotonic()
        self._open.move_to_end(canvas_id)
        return opened

    def close(self, canvas_id: str) -> None:
        """Let go of one.

        Raises:
            ApiError: as `get`.
        """
        self.get(canvas_id)
        del self._open[canvas_id]

    def expire(self) -> None:
        """Let go of what nobody has used for long."""
        before = time.monotonic() - self._settings.idle
        while self._open and next(iter(self._open.values())).used < before:
            self._open.popitem(last=False)

    @contextmanager
    def uploading(self) -> Iterator[Reservation]:
        """Memory for one upload, given back at the end."""
        reservation = Reservation(self)
        try:
            yield reservation
        finally:
            reservation.release()

    def reserve(self, size: int) -> Reservation:
        """Memory for an answer, which is to be released.

        Raises:
            ApiError: there is none left.
        """
        reservation = Reservation(self)
        try:
            reservation.grow(size)
        except ApiError:
            reservation.release()
            raise
        return reservation

    def _reserve(self, size: int) -> None:
        self._reserved += size
        if size > 0:
            self._make_room(0)

    def _make_room(self, size: int) -> None:
        while self._open and self.bytes + size > self._settings.max_memory:
            self._open.popitem(last=False)
        if self.bytes + size > self._settings.max_memory:
            raise busy("has no memory left for another picture")


@dataclass
class Reservation:
    """Memory that an upload or an answer takes."""

    canvases: Canvases
    bytes: int = 0

    def grow(self, size: int) -> None:
        """Take more.

        Raises:
            ApiError: there is none left.
        """
        self.bytes += size
        self.canvases._reserve(size)

    def release(self) -> None:
        """Give all of it back."""
        self.grow(-self.bytes)
