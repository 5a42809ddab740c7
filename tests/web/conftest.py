"""Real servers, each in a process of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import Colorizer
from tests.video.films import gray_frames, write_film

Serve = Callable[..., "Server"]


class Server(httpx.Client):
    """A client of a server that runs beside it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        super().__init__(base_url=url, timeout=60)
        self.process = process
        self.url = url

    @property
    def memory(self) -> int:
        """Bytes of the process in memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:  # noqa: PTH123
            return next(int(line.split()[1]) << 10 for line in status if "VmRSS" in line)

    @property
    def address(self) -> tuple[str, int]:
        return self.base_url.host, self.base_url.port or 80

    def open(self, picture: bytes) -> str:
        """The path of a new canvas."""
        answer = self.post("/api/v1/canvases", content=picture)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])


@contextmanager
def running(*options: str, logged: list[str] | None = None) -> Iterator[Server]:
    """A server with these options, which ends without a word of complaint.

    Args:
        options: of `colornet serve`.
        logged: gets the lines on standard error; None: there may be none.
    """
    command = [sys.executable, "-m", "colornet", "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    try:
        line = process.stdout.readline()
        if not line.startswith("colornet: http://"):
            raise AssertionError(line + process.stderr.read())
        with Server(process, line.removeprefix("colornet: ").strip()) as server:
            server.get("/healthz")  # the address is bound before it is printed
            yield server
    finally:
        process.send_signal(2)
        try:
            _, complaints = process.communicate(timeout=30)
        finally:
            process.kill()  # in vain, if it has ended as it should
    if logged is None:
        assert not complaints
    else:
        logged += complaints.splitlines()
    assert process.returncode == 0


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server as it is started by default, with both models."""
    with running("--model", "general", "--model", "faces") as one:
        yield one


@pytest.fixture(scope="module")
def small() -> Iterator[Server]:
    """A server with tight limits."""
    limits = {"max-upload": 1, "max-pixels": 2, "max-memory": 24, "max-canvases": 8, "timeout": 4}
    options = [f"--{name}={value}" for name, value in limits.items()]
    with running(*options, "--queue=2", "--threads=1", "--idle=3", "--model=faces") as server:
        yield server


@pytest.fixture(scope="session")
def colorizer() -> Colorizer:
    """The library, to which the server is held."""
    return Colorizer()


@pytest.fixture(scope="module")
def canvas(server: Server) -> str:
    """The path of a small photograph that is open."""
    return server.open(encoded(data.camera()[:64, :64]))


@pytest.fixture(scope="session")
def films_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for temporary files of `film_server`."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="session")
def film_server(guided_model: Path, films_folder: Path) -> Iterator[Server]:
    """A server with a small model and tight limits on films."""
    limits = ("--max-films=2", "--max-film-size=1", "--max-film-seconds=8", "--max-pixels=1")
    patch = pytest.MonkeyPatch()
    patch.setenv("TMPDIR", str(films_folder))
    try:
        with running(f"--model={guided_model}", *limits) as server:
            patch.undo()
            yield server
    finally:
        patch.undo()
    assert not list(films_folder.iterdir())


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An MP4 of 12 frames of 64 x 48 pixels, a twenty-fifth of a second each, in two shots."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    return write_film(path, gray_frames(12, cuts=[6])).read_bytes()


def encoded(array: np.ndarray, format: str = "jpeg", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format, **options)
    return buffer.getvalue()


def decoded(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.fixture(scope="session")
def gray() -> bytes:
    """A gray JPEG of 300 x 200 pixels."""
    return encoded(np.asarray(Image.fromarray(data.coffee()).convert("L").resize((300, 200))))
