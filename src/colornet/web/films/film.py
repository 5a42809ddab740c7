"""A film on the server: what is known of it, what is being done with it, and what came out."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colornet.errors import ColornetError
from colornet.notices import Notice
from colornet.web.errors import ApiError, from_library, unexpected
from colornet.web.films.orders import Header, Kind, Order, Result
from colornet.web.films.process import Crashed, Message, working
from colornet.web.schemas import ErrorDetail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from colornet.video.overview import Overview
    from colornet.video.source import Source
    from colornet.video.stills import Stills

State = Literal["reading", "ready", "waiting", "coloring", "failed"]
KEPT = 1000
"""Notices kept of one result."""


@dataclass
class Film:
    """One film. It is used on the event loop alone, so that no locks are needed.

    Attributes:
        id: that cannot be guessed.
        name: what the client calls it.
        folder: of its own.
        path: of the film in it.
        state: what is being done.
        header: None: not read yet.
        overview: its frames and shots; None: not known yet.
        order: the last one; None: none yet.
        told: how far that is, as JSON, and when the process told that; None: it is not in work.
        results: colored films, of each kind the one that was asked for last.
        error: why the last work failed; None: it did not.
        used: when a client last asked for it.
    """

    id: str
    name: str
    folder: Path
    path: Path
    partial: bool
    state: State = "reading"
    header: Header | None = None
    overview: Overview | None = None
    order: Order | None = None
    told: tuple[dict[str, Any], float] | None = None
    results: dict[Kind, Result] = field(default_factory=dict)
    error: ErrorDetail | None = None
    used: float = field(default_factory=time.monotonic)
    _task: asyncio.Task[None] | None = None
    _stills: Stills | None = None

    @cached_property
    def source(self) -> Source:
        """The film, opened; in a thread."""
        from colornet.video.source import Source

        return Source(self.path)

    def still(self, frame: int) -> NDArray[np.uint8]:
        """A frame (H, W), gray; in a thread.

        Raises:
            UnreadableFilm: it cannot be read any more.
        """
        assert self._stills is not None
        try:
            return self._stills.still(frame)
        except ColornetError as error:
            raise self.renamed(error) from None

    @property
    def done(self) -> dict[str, Any] | None:
        """How far the work is now, as JSON; None: it is not in work."""
        if self.told is None:
            return None
        told, at = self.told
        left = told["left_seconds"]
        if left is not None:
            left = max(left - (time.monotonic() - at), 0.0)
        return told | {"left_seconds": left}

    def check_read(self) -> None:
        """Raises `ApiError` unless its frames are known."""
        if self.overview is not None:
            return
        reason, remedy = "is being read", "ask again when its state is ready"
        if self.error is not None:
            reason, remedy = self.error.reason, self.error.remedy
        raise ApiError(409, "film_not_ready", self.name, reason, remedy)

    def about(self, notice: Notice) -> Notice:
        """The same notice with the client's name for the film."""
        text, subject = self._without_paths(notice.text), self._without_paths(notice.subject)
        return replace(notice, text=text, subject=subject)

    @property
    def is_busy(self) -> bool:
        """Whether something is being done with it."""
        return self._task is not None and not self._task.done()

    async def read(self, max_seconds: float, max_pixels: int) -> None:
        """Begin to look at it, and wait until it is known that it is a film.

        Raises:
            ApiError: it is none, or too large, or no process could look at it.
        """
        opened = asyncio.get_running_loop().create_future()
        failure: ApiError | None = None
        order = {
            "do": "look",
            "source": str(self.path),
            "overview": str(self._overview_path),
            "partial": self.partial,
            "max_seconds": max_seconds,
            "max_pixels": max_pixels,
        }

        async def look() -> None:
            nonlocal failure
            try:
                async for kind, told in self._work(order):
                    if kind == "opened":
                        self.header = Header(**told)
                        opened.set_result(None)
                self.overview = await asyncio.to_thread(self._load_overview)
                self.state = "ready"
            except Exception as error:
                failure = error if isinstance(error, ApiError) else unexpected(error)
                self._fail(failure)
            finally:
                if not opened.done():
                    opened.set_result(None)

        self.start(look())
        await opened
        if self.header is None and failure is not None:
            raise failure

    def color(self, order: Order, gate: asyncio.Lock) -> None:
        """Begin to color it, after the films that hold the gate.

        What was made by the same order before is there at once. What was made by another one is
        kept until this one is done.
        """
        self.order, self.error, self.told = order, None, None
        there = self.results.get(order.kind)
        if there is not None and there.path.name == order.name:
            self.state = "ready"
            return
        self.state = "waiting"

        async def color() -> None:
            try:
                async with gate:
                    self.state = "coloring"
                    self.results[order.kind] = await self._color(order)
                    await asyncio.to_thread(self._make_room, order)
                self.state = "ready"
            except ApiError as error:
                self._fail(error)
            finally:
                self.told = None

        self.start(color())

    async def cancel(self) -> None:
        """Stop what is being done; what is finished of it is kept."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if self.state in ("waiting", "coloring"):
            self.state = "ready"
        self.told = None

    async def close(self) -> None:
        """Stop all work, and remove its files."""
        await self.cancel()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    @property
    def _overview_path(self) -> Path:
        return self.folder / "overview.json"

    def _load_overview(self) -> Overview:
        from colornet.video.overview import Overview
        from colornet.video.stills import Stills

        overview = Overview.from_json(json.loads(self._overview_path.read_text("utf-8")))
        self._stills = Stills(self.source, overview.survey)
        return overview

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this, unless it is canceled."""
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self.used = time.monotonic()
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._fail(unexpected(error))

    async def _color(self, order: Order) -> Result:
        output = self.folder / order.name
        await asyncio.to_thread(self._make_room, order)
        asked = {
            "do": "color",
            "source": str(self.path),
            "overview": str(self._overview_path),
            "output": str(output),
            **asdict(order),
        }
        told: dict[str, Any] = {}
        async for kind, told in self._work(asked):
            if kind == "progress":
                self.told = told, time.monotonic()
        notices = tuple(self.about(Notice(**one)) for one in told["notices"][:KEPT])
        size = output.stat().st_size
        return Result(output, size, told["seconds"], order, notices)

    def _make_room(self, order: Order) -> None:
        """Remove what is there of other orders of this kind, but for what came out last."""
        there = self.results.get(order.kind)
        kept = (order.name, *([there.path.name] if there else ()))
        for path in self.folder.glob(f"{order.kind}-*"):
            if not path.name.startswith(kept):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    async def _work(self, order: dict[str, Any]) -> AsyncIterator[Message]:
        """The messages of a process that does this.

        Raises:
            ApiError: it failed.
        """
        try:
            async with working(order) as messages, aclosing(messages):  # type: ignore[type-var]
                async for message in messages:
                    yield message
        except ColornetError as error:
            raise from_library(self.renamed(error)) from None
        except Crashed:
            reason = "ended the process that worked on it, perhaps for want of memory"
            remedy = "try again, or make the film smaller"
            raise ApiError(422, "film_crashed", self.name, reason, remedy) from None

    def _fail(self, error: ApiError) -> None:
        self.state, self.error = "failed", error.detail

    def renamed(self, error: ColornetError) -> ColornetError:
        """The same error with the client's name for the film."""
        texts = error.subject, error.reason, error.remedy
        return type(error)(*(self._without_paths(text) for text in texts))

    def _without_paths(self, text: str) -> str:
        """The same with the client's name for the film's file, and no name of the server's own."""
        text = text.replace(str(self.path), self.name)
        return re.sub(re.escape(str(self.folder)) + r"[^\s,;:]*", "the server", text)
