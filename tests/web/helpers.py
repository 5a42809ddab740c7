"""What tests ask of servers and their answers."""

import contextlib
import os
import socket
import struct
import time
from pathlib import Path

import httpx
import numpy as np

from tests.web.conftest import Server

COLORIZE, CANVASES = "/api/v1/colorize", "/api/v1/canvases"
MEGABYTE = 1 << 20


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def metric(server: Server, name: str) -> float:
    lines = server.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"colornet_{name} "))


def exchange(server: Server, request: bytes) -> bytes:
    with socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def strokes(count: int, points: int, **rest: object) -> dict[str, object]:
    places = np.random.default_rng(points).random((count, points, 2)).round(5).tolist()
    hint = {"color": "#6a5040", "unit": "fractions"} | rest
    return {"version": 1, "hints": [{"points": place} | hint for place in places]}


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


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert len(answer.content) < 2000
    return answer.status_code, answer.json()["error"]["subject"]


def with_damaged_page(tiff: bytes) -> bytes:
    """A TIFF whose first page's pixels are said to be where the file has ended."""
    content = bytearray(tiff)
    (directory,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, directory)
    for at in range(directory + 2, directory + 2 + 12 * count, 12):
        if struct.unpack_from("<H", content, at) == (273,):  # StripOffsets
            struct.pack_into("<I", content, at + 8, 100_000_000)
    return bytes(content)
