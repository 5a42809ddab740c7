"""WebKit, the engine of Safari, as GTK's small browser has it, spoken to by WebDriver.

Its windows are private ones: nothing is kept in them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_ports
from tests.web.page.window import SECONDS, Window

BROWSER = next(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"), None)
DRIVER = shutil.which("WebKitWebDriver")
SCREEN = shutil.which("Xvfb")
HAS_WEBKIT = bool(BROWSER and DRIVER and SCREEN)
COMPLAIN = """() => {
    window.complaints = [];
    addEventListener("error", (event) => complaints.push(event.message));
    addEventListener("unhandledrejection", (event) => complaints.push(String(event.reason)));
}"""


class WebKit(Window):
    """A window of WebKit."""

    def __init__(self, client: httpx.Client) -> None:
        self._client, self._session = client, ""
        options = {"binary": str(BROWSER), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._session = f"/{self._command('', capabilities=wanted)['sessionId']}"

    def _command(self, name: str, **values: Any) -> Any:
        response = self._client.post(f"/session{self._session}{name}", json=values)
        value = response.json()["value"]
        assert response.is_success, value
        return value

    def go(self, url: str) -> None:
        self._command("/url", url=url)
        self.run(COMPLAIN)

    def resize(self, width: int, height: int) -> None:
        self._command("/window/rect", width=width, height=height)

    def run(self, function: str, *values: Any) -> Any:
        script = f"return ({function})(...arguments)"
        return self._command("/execute/sync", script=script, args=values)

    def act(self, source: dict[str, Any]) -> None:
        self._command("/actions", actions=[source])

    def complaints(self) -> list[str]:
        found: list[str] = self.run("() => complaints")
        return found


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """A private window of WebKit, on a screen of its own, which saves downloads in a folder."""
    screen = subprocess.Popen(
        [str(SCREEN), "-displayfd", "1", "-screen", "0", "1400x1000x24"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert screen.stdout
    display = f":{screen.stdout.readline().strip()}"
    (port,) = free_ports(1)
    environment = {**os.environ, "DISPLAY": display, "HOME": str(folder)}
    driver = subprocess.Popen([str(DRIVER), f"--port={port}"], env=environment)
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=SECONDS, trust_env=False
        ) as client:
            window = WebKit(_answering(client))
            yield window
            client.delete(f"/session{window._session}")
    finally:
        for process in (driver, screen):
            process.terminate()
            process.communicate(timeout=30)


def _answering(client: httpx.Client) -> httpx.Client:
    """The client, once the driver answers."""
    for _ in range(SECONDS * 10):
        try:
            client.get("/status")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return client
    raise AssertionError("WebKitWebDriver does not answer")
