"""Open photographs make room for others, and are closed when nobody uses them."""

import time
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from colornet import Colorizer, Hint
from colornet.web.routes.canvases import opened_canvas
from tests.web.conftest import Server, encoded, running
from tests.web.helpers import MEGABYTE, code, metric


def test_too_long_open(small: Server, gray: bytes) -> None:
    canvas = small.open(gray)
    time.sleep(1.5)
    assert small.get(canvas).status_code == 200
    time.sleep(3.5)
    assert code(small.get(canvas)) == (404, "no_such_canvas")
    deadline = time.monotonic() + 15  # a sweep later the memory is free, although nobody asked
    while metric(small, "canvases") and time.monotonic() < deadline:
        time.sleep(0.2)
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


def test_what_is_kept_for_other_photographs_is_counted(colorizer: Colorizer, gray: bytes) -> None:
    """What the model sees in one, and what it is as a reference."""
    opened = opened_canvas(colorizer, "general", "a.jpg", gray, len(gray))
    hint = Hint(points=[(10, 10)], color="teal")
    for use in (lambda: opened.canvas.matches([hint], opened.canvas), lambda: opened.reference):
        before = opened.bytes
        use()
        assert opened.bytes > before + MEGABYTE


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
