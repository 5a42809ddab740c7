"""Files are written whole or not at all, by one process at a time."""

import bz2
import errno
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colornet.errors import PictureTooLarge, UnreadablePicture, UnwritablePicture
from colornet.picture import Limits, access, read, remove_leftover, whole_file
from colornet.picture.files import peek


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

    monkeypatch.setattr("colornet.picture.files.flock", flock)
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


def test_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadablePicture, match="is a pipe or device"):
        read(tmp_path / "pipe.jpg")


def test_peek_at_a_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"content")

    def refuse(*arguments: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    with peek(tmp_path / "a.jpg") as file:
        assert file.read() == b"content"


def test_address(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePicture, match="there is no such file; download it first"):
        read("https://example.org/a.jpg")
    with pytest.raises(UnreadablePicture, match="there is no such file; check the name"):
        read(tmp_path / "https:")


def test_what_is_closed() -> None:
    file, picture = io.BytesIO(b"x"), Image.new("L", (4, 4))
    file.close()
    with pytest.raises(UnreadablePicture, match="closed file"):
        read(file)
    picture.close()
    with pytest.raises(UnreadablePicture, match="closed"):
        read(picture)


def test_what_is_no_beginning_of_a_binary_stream(tmp_path: Path) -> None:
    written = io.BytesIO()
    Image.new("L", (4, 4)).save(written, "PNG")
    with pytest.raises(
        UnreadablePicture,
        match=r"is at its end already; give it from its beginning \(in Python: seek\(0\)\)",
    ):
        read(written)
    with pytest.raises(UnreadablePicture, match="the stream: is empty"):
        read(io.BytesIO())
    path = tmp_path / "a.png"
    path.write_bytes(written.getvalue())
    told = "is a stream of text; open it in binary mode"
    with path.open(encoding="utf-8") as text, pytest.raises(UnreadablePicture, match=told):
        read(text)  # type: ignore[arg-type]


JPEG = io.BytesIO()
Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))).save(JPEG, "JPEG")


def test_a_pipe_that_gives_a_few_bytes_at_a_time() -> None:
    """One read of a pipe returns what is in it by then."""
    data = JPEG.getvalue()
    ends = os.pipe()

    def feed() -> None:
        with os.fdopen(ends[1], "wb", buffering=0) as file:
            for start in range(0, len(data), 100):
                file.write(data[start : start + 100])
                time.sleep(0.001)

    thread = threading.Thread(target=feed)
    thread.start()
    with os.fdopen(ends[0], "rb", buffering=0) as file:
        picture = read(file)
    thread.join()
    assert (picture.name, picture.lightness.shape) == ("the stream", (48, 64))


class Stream:
    """Returns bytes of some kind, so many at a time."""

    def __init__(self, data: bytes, kind: Any, most: int) -> None:
        self.file, self.kind, self.most = io.BytesIO(data), kind, most

    def read(self, size: int) -> Any:
        return self.kind(self.file.read(min(size, self.most)))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_streams_of_other_programs(kind: Any) -> None:
    stream: Any = Stream(JPEG.getvalue(), kind, 99)
    assert read(stream).width == 64


def test_no_more_of_a_stream_is_read_than_the_limit_allows() -> None:
    stream: Any = Stream(bytes(10**6), bytes, 1000)
    with pytest.raises(PictureTooLarge, match="more than 5,000"):
        read(stream, Limits(bytes=5000))
    assert stream.file.tell() <= 6000


@pytest.mark.parametrize("module", [gzip, bz2, lzma], ids=lambda module: module.__name__)
def test_a_damaged_compressed_stream(module: Any) -> None:
    packed = bytearray(module.compress(JPEG.getvalue() + os.urandom(5000)))
    cut = bytes(packed[:-40])
    packed[len(packed) // 3] ^= 255
    for data in (cut, bytes(packed)):
        with pytest.raises(UnreadablePicture, match="the stream: ") as caught:
            read(module.open(io.BytesIO(data)))
        assert caught.value.remedy


def test_masked_pixels() -> None:
    gray = np.ma.masked_array(np.zeros((4, 4), np.uint8), mask=np.eye(4, dtype=bool))  # type: ignore[no-untyped-call]
    with pytest.raises(UnreadablePicture, match="has masked pixels; give them values"):
        read(gray)
    assert read(np.ma.masked_array(np.zeros((4, 4), np.uint8))).width == 4  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_a_full_disk_is_told(suffix: str, tmp_path: Path) -> None:
    code = f"""
from colornet.colorizer import Colorizer
import numpy as np
from colornet.errors import UnwritablePicture
from colornet.picture import Pixels, read, write
from tests.full_disk import full_disk
noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
pixels = Pixels(200, 200, 3, 8, lambda first, end: iter([noise[first:end]]))
try:
    with full_disk(5000):
        write(read(noise), pixels, {str(tmp_path / "a")!r} + ".{suffix}")
except UnwritablePicture as error:
    print(error.reason)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "cannot be written (file too large)\n", done.stderr
    assert names(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_does_not_hang() -> None:
    code = """
import os, sys, warnings
import numpy as np
from colornet.errors import OptionError
from colornet.picture import read
gray = np.zeros((8, 8, 3), np.uint8)
warnings.simplefilter("ignore")  # of Python, about forking with threads
forked = os.fork() if sys.argv[1:] else None
if forked is None:
    read(gray)
    forked = os.fork()
if forked:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]))
try:
    read(gray)
except OptionError as error:
    print(error, flush=True)
os._exit(0)
"""
    for arguments, told in (([], "was forked from a process that had read pictures"), (["x"], "")):
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, bool(done.stdout)) == (0, bool(told)), done.stderr
        assert told in done.stdout
