"""FTP as fsspec has it, but for errors that it takes for something else."""

from __future__ import annotations

from ftplib import error_perm, error_temp
from typing import Any

from fsspec.implementations.ftp import FTPFileSystem


class Ftp(FTPFileSystem):  # type: ignore[misc]  # fsspec tells no types
    """A folder that could not be listed is not empty; what is made or removed already is no error.

    Another process may have done that, or this one, whose connection was lost before the answer.
    """

    def _connect(self) -> None:
        if hasattr(self, "ftp"):  # servers count connections
            self.ftp.close()
        super()._connect()

    def ls(self, path: str, detail: bool = True, **options: Any) -> list[Any]:
        """What is in a folder; raises what the server says if that cannot be listed."""
        found: list[Any] = super().ls(path, detail, **options)
        folder = self._strip_protocol(path)
        if not found and folder not in self.dircache:
            self.ftp.dir(folder, str)
            raise error_temp(f"{folder} could not be listed before")
        return found

    def mkdir(self, path: str, create_parents: bool = True, **options: Any) -> None:
        """Make a folder, unless there is one."""
        try:
            super().mkdir(path, create_parents, **options)
        except error_perm:
            self.invalidate_cache()
            if not self.isdir(path):
                raise

    def _rm(self, path: str) -> None:
        try:
            super()._rm(path)
        except error_perm:
            self.invalidate_cache()
            self.info(path)  # raises FileNotFoundError
            raise
