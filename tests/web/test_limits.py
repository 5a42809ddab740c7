"""Those who want too much, or come too slowly, are told so; the server goes on."""

import contextlib
import json
import os
import random
import re
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from skimage import data

from colornet.picture import SUFFIXES
from colornet.web.settings import Settings
from tests.picture.test_picture import png_of_size
from tests.web.conftest import Server, encoded, running

COLORIZE, CANVASES = "/api/v1/colorize", "/api/v1/canvases"
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def small() -> Iterator[Server]:
    """A server with tight limits."""
    limits = {"max-upload": 1, "max-pixels": 2, "max-memory": 24, "max-canvases": 8, "timeout": 4}
    options = [f"--{name}={value}" for name, value in limits.items()]
    with running(*options, "--queue=2", "--threads=1", "--idle=3", "--model=faces") as server:
        yield server


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_too_many_bytes(small: Server) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(32):
            yield bytes(MEGABYTE // 16)

    for path in (COLORIZE, CANVASES):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n"
        assert b" 413 " in exchange(small, head.encode())
        try:
            answer = small.post(path, content=pieces())
        except httpx.TransportError:
            continue  # the server hung up while pieces were still being sent
        assert code(answer) == (413, "upload_too_large")
    canvas = small.open(encoded(data.camera()))
    answer = small.post(f"{canvas}/colorize", content=b" " * (MEGABYTE + 1))
    assert code(answer) == (413, "upload_too_large")


def test_too_many_pixels(small: Server, server: Server) -> None:
    for bomb in (png_of_size(60_000, 60_000), png_of_size(1500, 1500)):
        for path in (COLORIZE, CANVASES):
            answer = small.post(path, content=bomb)
            assert code(answer) == (413, "picture_too_large")
    zeros = encoded(np.zeros((1400, 1400), np.uint8), "png")  # 2 MB in 2 kB
    assert server.post(COLORIZE, content=zeros).status_code == 200


def test_too_slow_an_upload(small: Server) -> None:
    head = b"POST /api/v1/colorize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    began = time.monotonic()
    answer = exchange(small, head + b"only this")
    assert b" 408 " in answer
    assert b"too_slow" in answer
    assert 3 < time.monotonic() - began < 10


def test_too_slow_a_head(small: Server) -> None:
    """A client that sends a line now and then holds no connection for long."""
    with socket.create_connection(small.address, timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        with pytest.raises(OSError, match=r"."):  # noqa: PT012
            for number in range(60):
                connection.sendall(f"X-{number}: more\r\n".encode())
                time.sleep(0.2)
        assert time.monotonic() - began < 10


@pytest.mark.slow
def test_too_slow_a_reader() -> None:
    """Who asks and never reads is left alone with what was sent."""
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1400), np.uint8)
    body = b'{"format": "tiff"}'
    with running("--timeout", "15", "--model", "faces") as server:
        canvas = server.open(encoded(noise, quality=20))
        ask = f"POST {canvas}/colorize HTTP/1.1\r\nHost: localhost\r\n"
        with socket.create_connection(server.address, timeout=30) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            connection.sendall(f"{ask}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            start = connection.recv(1 << 10)
            time.sleep(17)
            rest = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        head, _, received = (start + rest).partition(b"\r\n\r\n")
        announced = int(re.findall(rb"content-length: (\d+)", head)[0])
        assert announced > len(received) > 0
        assert metric(server, "jobs_pending") == 0


def test_too_many_at_a_time() -> None:
    picture = encoded(np.asarray(data.camera()).repeat(2, 0).repeat(2, 1))
    with running("--threads=1", "--queue=1") as server, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: server.post(COLORIZE, content=picture), range(12)))
        refused = [answer for answer in answers if answer.status_code == 503]
        assert {answer.status_code for answer in answers} == {200, 503}
        assert refused[0].headers["retry-after"] == "2"
        assert code(refused[0]) == (503, "busy")
        assert metric(server, "jobs_pending") == 0
        assert server.post(COLORIZE, content=picture).status_code == 200


def test_too_many_connections() -> None:
    with running("--model=faces") as server:
        with contextlib.ExitStack() as stack:
            for _ in range(Settings().max_connections):
                stack.enter_context(socket.create_connection(server.address))
            answer = httpx.get(server.url + "healthz")
            assert code(answer) == (503, "busy")
            assert answer.headers["retry-after"] == "2"
            assert answer.headers["connection"] == "close"
            assert server.get("/healthz").status_code == 200  # its connection is an older one
        assert httpx.get(server.url + "healthz").status_code == 200


def test_too_long_open(small: Server, gray: bytes) -> None:
    canvas = small.open(gray)
    time.sleep(1.5)
    assert small.get(canvas).status_code == 200
    time.sleep(3.5)
    assert code(small.get(canvas)) == (404, "no_such_canvas")
    time.sleep(10)  # a sweep later the memory is free, although nobody asked
    assert metric(small, "canvases") == 0
    assert metric(small, "bytes") == 0


def test_too_many_open(small: Server, gray: bytes) -> None:
    """The one unused for longest makes room."""
    first, second = small.open(gray), small.open(gray)
    for _ in range(6):
        small.open(gray)
    assert small.get(first).status_code == 200
    small.open(gray)
    assert small.get(first).status_code == 200
    assert small.get(second).status_code == 404
    assert metric(small, "canvases") == 8


def test_too_much_memory(small: Server) -> None:
    large = encoded(np.zeros((1400, 1400), np.uint8), "png")  # 8 MB as a small copy
    for _ in range(6):
        small.open(large)
    assert metric(small, "canvases") < 8
    assert metric(small, "bytes") < 24 * MEGABYTE


@pytest.mark.slow
def test_a_thousand_canvases(tiny_model: Path) -> None:
    picture = encoded(data.camera()[:64, :64])
    before = 0
    with running("--model", str(tiny_model)) as server:
        for number in range(1000):
            server.open(picture)
            if number == 200:
                before = server.memory
        assert metric(server, "canvases") == 64
        assert server.memory < 1.1 * before


def test_aborted_uploads(small: Server, gray: bytes) -> None:
    for _ in range(50):
        with socket.create_connection(small.address) as connection:
            head = f"POST {COLORIZE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(gray)}"
            connection.sendall(head.encode() + b"\r\n\r\n" + gray[: len(gray) // 2])
    for _ in range(5):  # complete, but nobody waits for the answer
        with socket.create_connection(small.address) as connection:
            connection.sendall(head.encode() + b"\r\n\r\n" + gray)
    time.sleep(0.5)
    assert small.post(COLORIZE, content=gray).status_code == 200
    deadline = time.monotonic() + 10
    while metric(small, "jobs_pending") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert metric(small, "jobs_pending") == 0
    time.sleep(2)
    assert metric(small, "bytes") < 24 * MEGABYTE


@pytest.mark.parametrize("format", SUFFIXES)
def test_mutated_files(server: Server, format: str) -> None:
    """Each is either a picture or told why not."""
    chance = random.Random(format)
    whole = encoded(data.camera()[:96, :128], format)
    for _ in range(20):
        mutated = bytearray(whole)
        for _ in range(chance.choice((1, 4, 40))):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        if chance.random() < 0.2:
            del mutated[chance.randrange(len(mutated)) :]
        answer = server.post(COLORIZE, content=bytes(mutated))
        assert answer.status_code in (200, 413, 422), answer.text
        if answer.status_code != 200:
            assert answer.json()["error"]["reason"]


def test_nothing_is_written_to_disk(server: Server) -> None:
    """Not even a picture of 100 MB of pixels, nor a form of several megabytes."""
    noise = np.random.default_rng(1).integers(0, 255, (2000, 3000), np.uint8)
    files = {"picture": ("noise.jpg", encoded(np.tile(noise, (2, 2)), quality=60))}
    assert len(files["picture"][1]) > 8 * MEGABYTE
    before = written(server)
    assert server.post(CANVASES, files=files).status_code == 201
    assert written(server) - before < MEGABYTE // 4


def written(server: Server) -> int:
    """Bytes that the server has handed to files; its answers go to sockets and count too."""
    with open(f"/proc/{server.process.pid}/io", encoding="ascii") as counters:  # noqa: PTH123
        values = dict(line.split(": ") for line in counters)
    return int(values["wchar"])


def metric(server: Server, name: str) -> float:
    lines = server.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"colornet_{name} "))


def exchange(server: Server, request: bytes) -> bytes:
    with socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


# Guidance, work and answers


def strokes(count: int, points: int, **rest: object) -> dict[str, object]:
    places = np.random.default_rng(points).random((count, points, 2)).round(5).tolist()
    hint = {"color": "#6a5040", "unit": "fractions"} | rest
    return {"version": 1, "hints": [{"points": place} | hint for place in places]}


@pytest.mark.parametrize(("count", "points"), [(1, 200_000), (20, 10_000), (10_001, 1)])
def test_too_many_points_are_refused_at_once(
    server: Server, gray: bytes, count: int, points: int
) -> None:
    canvas = server.open(gray)
    body = json.dumps({"guidance": strokes(count, points)})
    began = time.monotonic()
    answer = server.post(f"{canvas}/colorize", content=body)
    assert time.monotonic() - began < 2
    assert code(answer) == (422, "guidance_error")
    assert "use up to" in answer.json()["error"]["remedy"]
    form = {"picture": gray, "guidance": json.dumps(strokes(count, points)).encode()}
    assert code(server.post(COLORIZE, files=form)) == (422, "guidance_error")


@pytest.mark.parametrize(
    ("count", "points", "radius"), [(1, 8000, 0.0), (1, 10_000, 0.1), (3000, 1, 0.0)]
)
def test_as_much_guidance_as_there_may_be_takes_seconds(
    server: Server, gray: bytes, count: int, points: int, radius: float
) -> None:
    canvas = server.open(gray)
    server.post(f"{canvas}/colorize", json={})
    before = cpu_seconds(server)
    asked = {"guidance": strokes(count, points, radius=radius)}
    answer = server.post(f"{canvas}/colorize", json=asked)
    assert answer.status_code == 200
    assert cpu_seconds(server) - before < 5
    assert len(answer.headers.get("colornet-notices", "")) < 8000


def test_work_ends_at_its_deadline(gray: bytes) -> None:
    """Or when its client leaves: in either case the thread is free for others."""
    noise = np.random.default_rng(0).integers(0, 255, (6000, 8000), np.uint8)
    large = encoded(noise, "tiff")
    with running("--timeout=3", "--threads=1", "--model=faces") as server:
        for ask in ("format=png", "format=webp"):
            began = time.monotonic()
            answer = server.post(f"{COLORIZE}?{ask}", content=large)
            assert code(answer) == (503, "too_long")
            assert answer.headers["retry-after"]
            assert time.monotonic() - began < 15
            assert idle_within(server, 10)
        empty = gray[:2] + b"\xff\xe2\0\2" * 4_000_000 + gray[2:]
        assert code(server.post(COLORIZE, content=empty)) == (503, "too_long")
        assert idle_within(server, 10)
        with socket.create_connection(server.address) as connection:
            head = f"POST {COLORIZE}?format=png HTTP/1.1\r\nHost: localhost\r\n"
            head += f"Content-Length: {len(large)}\r\n\r\n"
            connection.sendall(head.encode() + large)
            time.sleep(1)
        assert idle_within(server, 10)
        spent = cpu_seconds(server)
        time.sleep(1)
        assert cpu_seconds(server) - spent < 0.5
        assert server.post(COLORIZE, content=gray).status_code == 200


def test_what_cannot_be_stopped_is_not_begun(gray: bytes) -> None:
    """An AVIF of more pixels than may be encoded in the time for a request."""
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1428), np.uint8)
    picture = encoded(noise // 8, quality=30)
    with running("--timeout=3", "--model=faces") as server:
        answer = server.post(f"{COLORIZE}?format=avif", content=picture)
        assert code(answer) == (422, "invalid")
        assert answer.json()["error"]["subject"] == "format"
        canvas = server.open(picture)
        answer = server.post(f"{canvas}/colorize", json={"format": "avif"})
        assert code(answer) == (422, "invalid")
        assert server.post(f"{COLORIZE}?format=avif", content=gray).status_code == 200


def test_too_many_scans(small: Server) -> None:
    """A progressive JPEG of some kilobytes that would take hours to decode."""
    answer = small.post(COLORIZE, content=jpeg_of_scans(1400, 1400, 20_000))
    assert code(answer) == (413, "picture_too_large")
    assert "20,001 scans" in answer.json()["error"]["reason"]


def test_a_client_that_never_reads_is_left_alone() -> None:
    """Its memory and its connection are free again."""
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1400), np.uint8)
    with running("--timeout=2", "--model=faces") as server:
        canvas = server.open(encoded(noise, quality=20))
        body = b'{"format": "tiff"}'
        server.post(f"{canvas}/colorize", content=body)  # what it keeps is not what is sent
        held, sockets = metric(server, "bytes"), open_sockets(server)
        ask = f"POST {canvas}/colorize HTTP/1.1\r\nHost: localhost\r\n"
        page = b"GET /example-color.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40
        with contextlib.ExitStack() as stack:
            for request in (f"{ask}Content-Length: {len(body)}\r\n\r\n".encode() + body, page):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
                connection.connect(server.address)
                stack.enter_context(connection)
                connection.sendall(request)
            deadline = time.monotonic() + 20
            while metric(server, "bytes") <= held and time.monotonic() < deadline:
                time.sleep(0.05)
            assert metric(server, "bytes") > held, "what is sent counts"
            while open_sockets(server) > sockets and time.monotonic() < deadline:
                time.sleep(0.1)
            assert open_sockets(server) <= sockets, "fewer where an idle one was closed meanwhile"
        assert metric(server, "bytes") == held


def cpu_seconds(server: Server) -> float:
    """That the server has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text("ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_within(server: Server, seconds: float) -> bool:
    """Whether nothing is computed any more, so soon."""
    deadline = time.monotonic() + seconds
    while metric(server, "jobs_pending") and time.monotonic() < deadline:
        time.sleep(0.1)
    return metric(server, "jobs_pending") == 0


def open_sockets(server: Server) -> int:
    folder = Path(f"/proc/{server.process.pid}/fd")
    links = []
    for link in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(str(link.readlink()))
    return sum(link.startswith("socket:") for link in links)


def jpeg_of_scans(width: int, height: int, scans: int) -> bytes:
    """A gray progressive JPEG that is decoded so often, with nothing to be seen in it."""
    blocks = -(-width // 8) * -(-height // 8)

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    def scan(first: int, last: int, bits: str) -> bytes:
        padded = bits + "1" * (-len(bits) % 8)
        data = int(padded, 2).to_bytes(len(padded) // 8, "big").replace(b"\xff", b"\xff\0")
        return segment(0xDA, bytes([1, 1, 0, first, last, 0])) + data

    runs, left = "", blocks  # of blocks without a coefficient: 2^n, n up to 14
    while left:
        power = min(left.bit_length() - 1, 14)
        runs += f"{14 - power:04b}" + (f"{0:0{power}b}" if power else "")
        left -= 1 << power
    head = b"\xff\xd8" + segment(0xDB, b"\0" + b"\1" * 64)
    head += segment(0xC2, struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0))
    head += segment(0xC4, b"\0\1" + bytes(16))
    codes = bytes(power << 4 for power in range(14, -1, -1))
    head += segment(0xC4, b"\x10" + bytes([0, 0, 0, len(codes)]) + bytes(12) + codes)
    again = [scan(1 + k % 63, 1 + k % 63, runs) for k in range(63)]
    body = b"".join(again[k % 63] for k in range(scans))
    return head + scan(0, 0, "0" * blocks) + body + b"\xff\xd9"
