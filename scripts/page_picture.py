"""The picture of the page in the documents: docs/page.jpg. It needs the development tools, and
Chromium.

    python scripts/page_picture.py docs/page.jpg
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright
from skimage import data

WINDOW: ViewportSize = {"width": 1280, "height": 800}
PICTURES = ("astronaut", "coffee", "chelsea")
SPOT = (0.62, 0.62)
"""On the astronaut's suit, in fractions of the photograph."""
PATIENCE = 60_000  # milliseconds


def color(page: Page, pictures: list[Path]) -> None:
    """Open photographs and wait until they are in color."""
    page.locator("input[type=file]").first.set_input_files(pictures)
    last = f"{pictures[-1].name} is in color"
    expect(page.locator("#status")).to_contain_text(last, timeout=PATIENCE)
    page.wait_for_timeout(2000)  # the border sweeps into place


def choose(page: Page) -> None:
    """Ask for the colors that are possible at a place."""
    box = page.locator("#sheet").bounding_box()
    assert box
    page.mouse.click(box["x"] + SPOT[0] * box["width"], box["y"] + SPOT[1] * box["height"])
    expect(page.locator(".swatch")).to_have_count(8)
    page.wait_for_timeout(500)


def main(target: Path) -> None:
    """Serve, color, choose, and store what is on screen."""
    serve = [sys.executable, "-m", "colornet", "serve", "--port", "0"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        pictures = [Path(folder) / f"{name}.jpg" for name in PICTURES]
        for picture in pictures:
            Image.fromarray(getattr(data, picture.stem)()).convert("L").save(picture, quality=95)
        assert server.stdout
        url = server.stdout.readline().removeprefix("colornet: ").strip()
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW, color_scheme="dark")
        page.goto(url)
        color(page, pictures)
        choose(page)
        shot = Image.open(io.BytesIO(page.screenshot()))
        shot.convert("RGB").save(target, quality=85)
        browser.close()
        server.send_signal(2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
