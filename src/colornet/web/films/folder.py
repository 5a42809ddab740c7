"""The folder on disk that holds all films of a server; it is removed with the server."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

from colornet.temporary import temporary_folder

PREFIX = "colornet-films-"


class FilmsFolder:
    """A folder in the system's folder for temporary files, made when it is first needed.

    Several threads may use it.
    """

    def __init__(self) -> None:
        self._root: Path | None = None
        self._held = ExitStack()
        self._making = threading.Lock()

    def make(self, name: str) -> Path:
        """Make a folder in it, and give its path.

        Raises:
            OSError: there is no space, or no permission.
        """
        with self._making:
            if self._root is None or not self._root.is_dir():
                self.close()  # if it was unused for days, what tidies up there has removed it
                self._root = self._held.enter_context(temporary_folder(PREFIX))
            folder = self._root / name
        folder.mkdir()
        return folder

    def close(self) -> None:
        """Remove it with all that is in it."""
        self._held.close()
        self._root = None
