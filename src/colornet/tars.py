"""Tar files, of which damage is an error."""

from __future__ import annotations

import tarfile

# typeshed does not know these
DAMAGE = (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError)  # type: ignore[attr-defined]


class CheckedMember(tarfile.TarInfo):
    """A member of a tar file, to be given to `tarfile.open` as `tarinfo`.

    Otherwise tarfile takes a damaged header for the end of the file, and does not tell of the
    members behind it.
    """

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> CheckedMember:
        """The next member; raises `tarfile.ReadError` if its header is damaged or cut off."""
        try:
            return super().fromtarfile(tarfile_)  # type: ignore[return-value]
        except DAMAGE as error:
            raise tarfile.ReadError(str(error)) from None
