"""Open photographs: kept in memory, limited in number and size, closed when unused.

They are used on the event loop alone, so that no locks are needed.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from colornet.canvas import Canvas
from colornet.guidance import Guidance
from colornet.guidance.reference import Reference
from colornet.notices import Notice
from colornet.picture import Picture
from colornet.web.errors import ApiError, busy
from colornet.web.settings import Settings


@dataclass
class OpenCanvas:
    """An open photograph."""

    canvas: Canvas
    name: str
    """Its name in messages."""
    model: str
    small: Picture
    """The photograph at the size of a screen, decoded; the photograph itself if it is small."""
    notices: Sequence[Notice]
    uploaded: int
    """Size of the file in bytes."""
    brush: float = 0.0
    """Radius of a hint, at least, in fractions of the longer side; in films each has one."""
    used: float = field(default_factory=time.monotonic)

    @property
    def bytes(self) -> int:
        """Memory held: the file, what was computed from it, and `small`."""
        reference: Reference | None = vars(self).get("reference")
        computed = self.canvas.nbytes + (reference.nbytes if reference else 0)
        return self.uploaded + computed + 4 * self.small.width * self.small.height

    def guidance(self, given: Guidance, reference: Reference | None) -> Guidance:
        """The same with a reference, and with hints that are not smaller than `brush`."""
        hints = given.hints
        if self.brush:
            picture = self.canvas.picture
            least = {"pixels": self.brush * max(picture.width, picture.height)}
            hints = tuple(
                replace(one, radius=max(one.radius, least.get(one.unit, self.brush)))
                for one in hints
            )
        return replace(given, hints=hints, reference=reference)

    @cached_property
    def reference(self) -> Reference:
        """The photograph as a reference for others; computed once."""
        return self.canvas.refer()


class Canvases:
    """The open photographs by id, and the memory that is left."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: OrderedDict[str, OpenCanvas] = OrderedDict()  # longest unused first
        self._reserved = 0

    def __len__(self) -> int:
        return len(self._open)

    @property
    def bytes(self) -> int:
        """Memory held by open photographs, uploads and responses."""
        return self._reserved + sum(opened.bytes for opened in self._open.values())

    @property
    def ids(self) -> list[str]:
        """The ids of the open photographs."""
        return list(self._open)

    def add(self, opened: OpenCanvas) -> str:
        """Add a photograph and return its id, which cannot be guessed."""
        while self._open and len(self._open) >= self._settings.max_canvases:
            self._open.popitem(last=False)
        self._make_room(opened.bytes)
        canvas_id = secrets.token_urlsafe(16)
        self._open[canvas_id] = opened
        return canvas_id

    def get(self, canvas_id: str, subject: str = "the canvas") -> OpenCanvas:
        """The photograph of that id.

        Args:
            canvas_id: from `add`.
            subject: of the error: the field that the id was given in.

        Raises:
            ApiError: there is none, or it was closed meanwhile.
        """
        self.expire()
        if canvas_id not in self._open:
            reason = "is not open; it may have been closed to make room, or unused for too long"
            raise ApiError(404, "no_such_canvas", subject, reason, "upload the picture again")
        opened = self._open[canvas_id]
        opened.used = time.monotonic()
        self._open.move_to_end(canvas_id)
        return opened

    def close(self, canvas_id: str) -> None:
        """Close a photograph.

        Raises:
            ApiError: as `get`.
        """
        self.get(canvas_id)
        del self._open[canvas_id]

    def expire(self) -> None:
        """Close photographs that were not used for the idle time."""
        before = time.monotonic() - self._settings.idle
        while self._open and next(iter(self._open.values())).used < before:
            self._open.popitem(last=False)

    @contextmanager
    def uploading(self) -> Iterator[Reservation]:
        """Reserve memory for one upload, and release it at the end."""
        reservation = Reservation(self)
        try:
            yield reservation
        finally:
            reservation.release()

    def reserve(self, size: int) -> Reservation:
        """Reserve memory for a response; the caller releases it.

        Raises:
            ApiError: no memory is left.
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
    """Memory reserved for an upload or a response."""

    canvases: Canvases
    bytes: int = 0

    def grow(self, size: int) -> None:
        """Reserve more.

        Raises:
            ApiError: no memory is left.
        """
        self.bytes += size
        self.canvases._reserve(size)

    def release(self) -> None:
        """Release all of it."""
        self.grow(-self.bytes)
