"""Files are written whole or not at all, by one process at a time."""

import errno
import os
import struct
from pathlib import Path

import pytest

from colornet import access
from colornet.errors import UnwritablePicture
from colornet.whole_files import remove_leftover, whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fail(*arguments: object) -> None:
    raise OSError("no hard links here")


@pytest.mark.parametrize("links", [True, False])
def test_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", fail)
    target = tmp_path / "a.jpg"
    with whole_file(target, overwrite=False) as file:
        file.write(b"first")
        assert not target.exists()
    assert target.read_bytes() == b"first"
    assert names(tmp_path) == ["a.jpg"]
    with pytest.raises(FileExistsError), whole_file(target, overwrite=False) as file:
        file.write(b"second")
    assert target.read_bytes() == b"first"
    with whole_file(target) as file:
        file.write(b"third")
    assert target.read_bytes() == b"third"
    assert names(tmp_path) == ["a.jpg"]


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "a.jpg") as file:
        file.write(bytes([1 // 0]))
    assert names(tmp_path) == []


def test_another_process_is_writing(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    with whole_file(target) as file:
        file.write(b"first")
        with (
            pytest.raises(UnwritablePicture, match="being written by another process"),
            whole_file(target),
        ):
            pass
        remove_leftover(target)
    assert target.read_bytes() == b"first"


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_who_may_not_read_a_file_cannot_read_its_successor(tmp_path: Path) -> None:
    target = tmp_path / "a"
    for mode in (0o600, 0o664, 0o440):
        target.write_bytes(b"old")
        target.chmod(mode)
        with whole_file(target) as file:
            file.write(b"new")
            (beside,) = (path for path in tmp_path.iterdir() if path != target)
            assert not beside.stat().st_mode & 0o077
        assert target.read_bytes() == b"new"
        assert target.stat().st_mode & 0o777 == mode
        target.unlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
def test_root_replaces_files_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    os.chown(target, 1234, 1235)
    target.chmod(0o640)

    def replaced() -> os.stat_result:
        with whole_file(target) as file:
            file.write(b"new")
        return target.stat()

    status = replaced()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (1234, 1235, 0o640)
    monkeypatch.setattr(os, "chown", fail)  # as for those who are not root
    status = replaced()
    assert status.st_gid == os.getegid()
    assert status.st_mode & 0o777 == 0o600, "another group than before may read it"


def access_list(group: int, *, user: int, mask: int) -> bytes:
    """What the owner, the user 4321, the group and all others may do, as Linux stores it."""
    entries = [(1, 6, -1), (2, user, 4321), (4, group, -1), (16, mask, -1), (32, 0, -1)]
    listed = (struct.pack("<HHi", *entry) for entry in entries)
    return struct.pack("<I", 2) + b"".join(listed)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="access lists of another kind")
@pytest.mark.parametrize("keeps", [True, False])
def test_an_access_list_is_kept_or_lets_nobody_in(
    keeps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permissions of a file with a list have its mask in place of what its group may do."""
    target = tmp_path / "a"
    target.write_bytes(b"old")
    listed = access_list(0, user=6, mask=6)
    try:
        os.setxattr(target, access.LIST, listed)
        os.setxattr(tmp_path, "system.posix_acl_default", access_list(7, user=7, mask=7))
    except OSError:
        pytest.skip("the file system has no access lists")
    assert target.stat().st_mode & 0o777 == 0o660
    if not keeps:
        monkeypatch.setattr(os, "setxattr", fail)
    with whole_file(target) as file:
        file.write(b"new")
    if keeps:
        assert os.getxattr(target, access.LIST) == listed
    else:
        assert access.LIST not in os.listxattr(target)
    assert target.stat().st_mode & 0o777 == (0o660 if keeps else 0o600)


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_what_a_killed_process_left_gives_no_permissions(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.touch()
    for mode in (0o600, 0o666):
        with whole_file(target) as file:
            file.write(b"half")
            (beside,) = (path for path in tmp_path.iterdir() if path != target)
            leftover = tmp_path / "leftover"
            os.link(beside, leftover)
        leftover.chmod(mode)
        leftover.rename(beside)
        usual = tmp_path / "usual"
        usual.touch()
        target.unlink()
        with whole_file(target) as file:
            file.write(b"new")
        assert target.stat().st_mode == usual.stat().st_mode
        usual.unlink()


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr("colornet.whole_files.flock", flock)
    with whole_file(tmp_path / "a") as file:
        file.write(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_leftover_of_a_killed_process(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    with whole_file(target):
        (leftover,) = names(tmp_path)
    target.unlink()
    (tmp_path / leftover).write_bytes(b"half of a longer file")
    remove_leftover(target)
    remove_leftover(target)
    assert names(tmp_path) == []
    (tmp_path / leftover).write_bytes(b"half of a longer file")
    with whole_file(target) as file:
        file.write(b"whole")
    assert target.read_bytes() == b"whole"
