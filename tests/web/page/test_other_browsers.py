"""The page in Firefox and in WebKit, the engine of Safari: what a person does first, once."""

from __future__ import annotations

import base64
import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.web.conftest import Server, decoded
from tests.web.page.browser import DROP, PICTURE, SHOWN
from tests.web.page.firefox import FIREFOX, firefox
from tests.web.page.webkit import HAS_WEBKIT, webkit
from tests.web.page.window import Window

pytestmark = pytest.mark.slow

ESCAPE = "\ue00c"
ALIVE = "() => document.documentElement.classList.contains('alive')"


@pytest.mark.skipif(not FIREFOX, reason="there is no firefox (Debian: apt install firefox-esr)")
def test_firefox(server: Server, tmp_path: Path) -> None:
    with firefox(tmp_path) as window:
        corrected = open_color_stroke_levels_download(window, server, tmp_path)
        window.go(server.url)
        wait_for_color(window)
        window.wait("() => document.querySelectorAll('#hints li').length === 2")
        window.wait("() => document.querySelector('#stage').ariaBusy === 'false'")
        assert np.abs(shown(window) - corrected).mean() < 1
        assert window.complaints() == []


@pytest.mark.skipif(
    not HAS_WEBKIT, reason="there is no WebKit (Debian: apt install webkit2gtk-driver xvfb)"
)
def test_webkit(server: Server, tmp_path: Path) -> None:
    with webkit(tmp_path) as window:
        window.go(server.url)
        window.wait(ALIVE)
        window.run(DROP, [base64.b64encode(PICTURE).decode(), "scan.jpg"])
        window.wait("() => /keeps nothing of your work/.test(document.body.textContent)")
        open_color_stroke_levels_download(window, server, tmp_path)
        assert window.complaints() == []


def open_color_stroke_levels_download(
    window: Window, server: Server, downloads: Path
) -> np.ndarray:
    """What most people do; returns what they see at its end."""
    window.resize(1280, 800)
    window.go(server.url)
    window.wait(ALIVE)
    window.run(DROP, [base64.b64encode(PICTURE).decode(), "scan.jpg"])
    wait_for_color(window)
    usual = shown(window)
    assert usual.shape == (512, 512, 3)
    assert np.ptp(usual, axis=-1).mean() > 10

    window.drag(spot(window, 0.3, 0.72))
    window.wait("() => document.querySelectorAll('.swatch').length >= 8")
    change(window, lambda: window.click(".swatch:nth-of-type(8)"))
    assert np.abs(shown(window) - usual).sum(axis=-1)[360:378, 145:163].mean() > 15
    window.press(ESCAPE)

    window.press("b")
    window.drag(*[spot(window, x, 0.2) for x in (0.6, 0.65, 0.7, 0.75)])
    window.wait("() => !document.querySelector('#picker').hidden")
    window.wait("() => document.querySelectorAll('.swatch').length >= 8")
    change(window, lambda: window.click(".swatch:nth-of-type(7)"))
    window.wait("() => document.querySelectorAll('#hints li.stroke').length === 1")

    change(window, lambda: window.run("() => document.querySelector('#levels-auto').click()"))
    corrected = shown(window)

    window.run("() => document.querySelector('#save-one').click()")
    file = downloaded(downloads, "scan-color.jpg")
    assert Image.open(io.BytesIO(file)).getexif()
    assert np.abs(decoded(file).astype(int) - corrected).mean() < 4
    return corrected


def wait_for_color(window: Window) -> None:
    window.wait("() => /is in color/.test(document.querySelector('#status').textContent)")


def shown(window: Window) -> np.ndarray:
    url = window.run(SHOWN)
    return decoded(base64.b64decode(url.partition(",")[2]))[..., :3].astype(int)


def spot(window: Window, x: float, y: float) -> tuple[float, float]:
    box = window.run("() => document.querySelector('#sheet').getBoundingClientRect().toJSON()")
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def change(window: Window, action: object) -> None:
    """Do something and wait until another picture is on screen, and none is under way."""
    before = window.run("() => document.querySelector('#after').src")
    action()  # type: ignore[operator]
    window.wait(
        """(before) => document.querySelector('#after').src !== before
            && document.querySelector('#stage').ariaBusy === 'false'""",
        before,
    )


def downloaded(folder: Path, name: str) -> bytes:
    """A file, once it is there as a whole."""
    for _ in range(600):
        if (folder / name).is_file() and not list(folder.glob("*.part")):
            return (folder / name).read_bytes()
        time.sleep(0.1)
    raise AssertionError(f"{name} was not downloaded; there is {[*folder.iterdir()]}")
