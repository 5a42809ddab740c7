"""The films of a server: bounded in number, removed when unused.

They are used on the event loop alone, so that no locks are needed.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from colornet.extras import EXTRAS
from colornet.temporary import remove_leftovers
from colornet.web.errors import ApiError
from colornet.web.films.film import Film
from colornet.web.films.folder import PREFIX, FilmsFolder
from colornet.web.settings import Settings
from colornet.words import counted


class Films:
    """The films by id.

    Attributes:
        gate: held by the one that is colored.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._films: dict[str, Film] = {}
        self._folder = FilmsFolder()
        self._uploading = 0
        self.gate = asyncio.Lock()
        self.are_possible = all(find_spec(module) for module in EXTRAS["video"])

    def __len__(self) -> int:
        return len(self._films)

    def check_possible(self) -> None:
        """Raises `ApiError` without the extra `video`."""
        if not self.are_possible:
            reason = "colors no films: its extra video is not installed"
            remedy = "install it there: pip install '.[video]' in a checkout of colornet"
            raise ApiError(501, "no_films", "the server", reason, remedy)

    @contextmanager
    def uploading(self) -> Iterator[None]:
        """Hold a place for a film that is on its way.

        Raises:
            ApiError: there are as many as may be.
        """
        self.check_possible()
        if len(self._films) + self._uploading >= self._settings.max_films:
            reason = f"has {counted(self._settings.max_films, 'film')} open, and takes no more"
            remedy = "remove one, or wait until one is unused for long enough"
            raise ApiError(503, "too_many_films", "the server", reason, remedy)
        self._uploading += 1
        try:
            yield
        finally:
            self._uploading -= 1

    async def make_folder(self) -> Path:
        """Make a folder for one film, whose name is the film's id.

        Raises:
            OSError: there is no space, or no permission.
        """
        return await asyncio.to_thread(self._folder.make, secrets.token_urlsafe(16))

    def add(self, film: Film) -> None:
        """Add a film."""
        self._films[film.id] = film

    def get(self, film_id: str) -> Film:
        """The film of that id.

        Raises:
            ApiError: there is none, or it was removed meanwhile.
        """
        self.check_possible()
        if film_id not in self._films:
            reason = "is not on the server; it may have been unused for too long"
            raise ApiError(404, "no_such_film", "the film", reason, "upload it again")
        film = self._films[film_id]
        film.used = time.monotonic()
        return film

    async def remove(self, film_id: str) -> None:
        """End all work on a film, and remove it.

        Raises:
            ApiError: as `get`.
        """
        film = self.get(film_id)
        del self._films[film_id]
        await film.close()

    async def expire(self) -> None:
        """Remove films that were not used for the idle time, and with which nothing is done."""
        before = time.monotonic() - self._settings.idle
        for film in list(self._films.values()):
            if film.used < before and not film.is_busy:
                del self._films[film.id]
                await film.close()

    def begin(self) -> None:
        """Remove what killed servers have left."""
        with suppress(OSError):  # nowhere can be written: photographs need no disk
            remove_leftovers(PREFIX)

    async def close(self) -> None:
        """End all work, and remove all films."""
        while self._films:
            await self._films.popitem()[1].close()
        await asyncio.to_thread(self._folder.close)
