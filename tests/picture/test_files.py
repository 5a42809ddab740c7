"""Files and streams, read with clear errors."""

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colornet.errors import PictureTooLarge, UnreadablePicture
from colornet.picture import Limits, read
from colornet.picture.files import peek


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
    assert not any(tmp_path.iterdir())


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
