"""Work waits in a bounded queue, and ends when nobody waits for it."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from skimage import data

from tests.web.conftest import Server, encoded, running
from tests.web.helpers import COLORIZE, code, cpu_seconds, idle_within, metric, strokes


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


def test_too_much_to_be_parsed(gray: bytes) -> None:
    with running("--threads=1", "--queue=1") as server, ThreadPoolExecutor(12) as pool:
        canvas = server.open(gray)
        body = json.dumps({"guidance": strokes(50, 1000), "n": 99})
        ask = partial(server.post, f"{canvas}/variants", content=body)
        answers = [job.result() for job in [pool.submit(ask) for _ in range(12)]]
        assert {code(answer) for answer in answers} == {(422, "invalid"), (503, "busy")}
        assert code(ask()) == (422, "invalid")


@pytest.mark.parametrize(("count", "points"), [(1, 200_000), (20, 10_000), (10_001, 1)])
def test_too_many_points_are_refused_at_once(
    server: Server, gray: bytes, count: int, points: int
) -> None:
    canvas = server.open(gray)
    body = json.dumps({"guidance": strokes(count, points)})
    before = cpu_seconds(server)
    answer = server.post(f"{canvas}/colorize", content=body)
    assert cpu_seconds(server) - before < 2
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
