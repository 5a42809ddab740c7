"""From picking a color to the new picture on screen, in Chromium, for 1 megapixel.

    python benchmarks/web/latency.py [PICKS]

Beside it, in the same run and in turn, what the library takes for decoder and recombination.
Limit: 400 ms on two cores, or twice the library's time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import httpx
import numpy as np
from load import photograph
from playwright.sync_api import FilePayload, Page, sync_playwright

from colornet import Colorizer
from colornet.model import usable_cores

PICK = """async (number) => {
    const image = document.querySelector("#after");
    const shown = new Promise((resolve) => {
        new MutationObserver(async (_, observer) => {
            observer.disconnect();
            await image.decode();
            requestAnimationFrame(() => resolve(performance.now()));
        }).observe(image, { attributeFilter: ["src"] });
    });
    const begun = performance.now();
    const swatches = document.querySelectorAll(".swatch");
    swatches[number % swatches.length].click();
    return (await shown) - begun;
}"""


def main() -> None:
    picks = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    picture, colorizer = photograph(), Colorizer()
    command = [sys.executable, "-m", "colornet", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        url = server.stdout.readline().removeprefix("colornet: ").strip()
        httpx.get(f"{url}healthz")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(url)
            prepare(page, picture)
            on_screen, alone = [], []
            for number in range(picks):
                on_screen.append(page.evaluate(PICK, number))
                alone.append(library_time(colorizer, picture))
                page.wait_for_timeout(300)
            browser.close()
    finally:
        server.terminate()
        server.wait()
    ratio = np.median(on_screen) / np.median(alone)
    print(f"{picks} picks, {usable_cores()} cores, medians")
    print(f"from pick to picture: {np.median(on_screen):.0f} ms, slowest {max(on_screen):.0f} ms")
    print(f"decoder and recombination alone: {np.median(alone):.0f} ms; ratio {ratio:.2f}")


def prepare(page: Page, picture: bytes) -> None:
    """Open the photograph, and the picker on a spot of it."""
    file: FilePayload = {"name": "photograph.jpg", "mimeType": "image/jpeg", "buffer": picture}
    page.set_input_files("#files", [file])
    page.get_by_text("is in color").wait_for(state="attached", timeout=60_000)
    page.wait_for_timeout(2500)
    page.locator("#stage").click(position={"x": 600, "y": 500})
    page.locator(".swatch").nth(7).wait_for()


def library_time(colorizer: Colorizer, picture: bytes) -> float:
    """Milliseconds for a decoder run and the full picture."""
    canvas = colorizer.open(picture)
    begun = time.perf_counter()
    canvas.colorize().array()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
