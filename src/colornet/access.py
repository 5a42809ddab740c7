"""Who may use a file: its owner, group and permissions, and the access list that Linux has."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

LIST = "system.posix_acl_access"
"""The attribute that is a file's access list."""


class Access(NamedTuple):
    """Who may use a file.

    Attributes:
        status: has its owner, group and permissions.
        listed: its access list; None: it has none.
    """

    status: os.stat_result
    listed: bytes | None


def access_of(path: Path) -> Access | None:
    """Who may use a file; None: there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    listed = None
    if hasattr(os, "getxattr"):  # on Linux
        with contextlib.suppress(OSError):  # it has none, or the file system has no such lists
            listed = os.getxattr(path, LIST)
    return Access(status, listed) if stat.S_ISREG(status.st_mode) else None


def give_access(path: Path, access: Access) -> None:
    """Give a file what another has, as far as that is possible, and to nobody more.

    A group that may read one may not read the other if that has another group.
    """
    status, listed = access
    mode = stat.S_IMODE(status.st_mode) & 0o777
    if hasattr(os, "chown"):  # not on Windows
        for owner in (status.st_uid, -1):  # only root may give files away
            with contextlib.suppress(OSError):
                os.chown(path, owner, status.st_gid)
                break
        if path.stat().st_gid != status.st_gid:
            mode &= 0o707 | (mode & 0o007) << 3
            listed = None
    if hasattr(os, "setxattr"):
        with contextlib.suppress(OSError):
            os.removexattr(path, LIST)  # that new files in its folder get
        if listed:
            with contextlib.suppress(OSError):
                os.setxattr(path, LIST, listed)
                return  # it has the permissions, too
            mode &= 0o707  # those of the group are what the list grants to anybody
    with contextlib.suppress(OSError):  # not on every file system
        path.chmod(mode)
