"""A browser on the page, and what a person does there again and again."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, FloatRect, Page, expect
from skimage import data

from tests.web.conftest import Server, decoded, encoded

WITH_WINDOWS = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM = shutil.which("chromium-headless-shell") or WITH_WINDOWS
"""The first takes a third less time, and has neither windows nor settings."""
CUT_OFF = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-sandbox"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
WINDOWS = {"desktop": (1280, 800), "phone": (390, 844)}
PATIENCE = 60_000  # milliseconds: a busy machine is no failure
expect.set_options(timeout=PATIENCE)

DROP = """([text, name]) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
    for (const type of ["dragenter", "dragover", "drop"]) {
        const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true });
        document.body.dispatchEvent(event);
    }
}"""
SHOWN = """async () => {
    const image = document.querySelector("#after");
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/png");
}"""
PICTURE = encoded(np.asarray(Image.fromarray(data.astronaut()).convert("L")), quality=92)


def visit(
    browser: Browser,
    server: Server,
    window: str = "desktop",
    size: tuple[int, int] | None = None,
    **options: Any,
) -> Page:
    """A window on the page, which is held to ask nobody else and to complain of nothing.

    Unless asked for, nothing moves by itself in it: drawing that would take a third of the time.
    """
    width, height = size or WINDOWS[window]
    phone = width < 600
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=phone,
        has_touch=phone,
        accept_downloads=True,
        **{"service_workers": "block", "reduced_motion": "reduce"} | options,
    )
    context.set_default_timeout(PATIENCE)
    page: Any = context.new_page()
    page.requests, page.complaints = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: line.type == "error" and page.complaints.append(line.text),
    )
    page.goto(server.url)
    return page


def check_alone(page: Any, server: Server) -> None:
    others = {urlsplit(url).netloc for url in page.requests if not url.startswith("blob:")}
    assert others == {f"127.0.0.1:{server.base_url.port}"}
    assert page.complaints == []


def payload(name: str, content: bytes, kind: str = "image/jpeg") -> FilePayload:
    """A file, to be chosen."""
    return {"name": name, "mimeType": kind, "buffer": content}


REFERENCE = payload("r.jpg", encoded(data.coffee()))


def drop(page: Page, picture: bytes = PICTURE, name: str = "scan.jpg") -> None:
    """Drop a file as a person does."""
    page.evaluate(DROP, [base64.b64encode(picture).decode(), name])


def wait_for_color(page: Page, name: str = "") -> None:
    expect(page.locator("#status")).to_contain_text(f"{name} is in color", timeout=PATIENCE)


def open_photograph(page: Page, picture: bytes = PICTURE, name: str = "scan.jpg") -> None:
    """Drop a file, and wait until it is in color."""
    drop(page, picture, name)
    wait_for_color(page, name)


def shown(page: Page) -> np.ndarray:
    """The colored picture that is on screen, at its own size."""
    url = page.evaluate(SHOWN)
    return decoded(base64.b64decode(url.partition(",")[2]))[..., :3].astype(int)


def wait_for_change(page: Page, action: object) -> None:
    """Do something and wait until another picture is on screen, and none is under way."""
    before = page.locator("#after").get_attribute("src")
    action()  # type: ignore[operator]
    page.wait_for_function(
        """(before) => document.querySelector('#after').src !== before
            && document.querySelector('#stage').ariaBusy === 'false'""",
        arg=before,
    )


def fingers(page: Page) -> Callable[..., None]:
    """Touches the screen: with the kind of an event, and where each finger is."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": id} for id, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def color_spot(page: Page, color: str, x: float, y: float) -> None:
    """Choose the color of a spot, at shares of the shown picture's width and height."""
    page.keyboard.press("c")  # or the divider may take the click
    page.mouse.click(*spot(page, x, y))
    choose_color(page, color)
    page.keyboard.press("Escape")


def choose_color(page: Page, color: str) -> None:
    """In the box, which is open."""
    page.locator("#hex").fill(color)
    wait_for_change(page, lambda: page.keyboard.press("Enter"))


def settled_box(page: Page) -> FloatRect:
    """Where the photograph is, after it and the divider, which may take a click, have settled."""
    before = None
    for _ in range(100):
        boxes = [page.locator(name).bounding_box() for name in ("#sheet", "#divider")]
        if boxes[0] and boxes == before:
            return boxes[0]
        before = boxes
        page.wait_for_timeout(100)
    raise AssertionError("the photograph does not settle")


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the photograph, in fractions, is on screen, once nothing moves there."""
    box = settled_box(page)
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def check_with_axe(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious


def guidance_of(page: Page) -> Any:
    """What the page says of the photograph's colors, as it would save it."""
    with page.expect_download() as download:
        page.evaluate("document.querySelector('#hints-save').click()")
    return json.loads(Path(download.value.path()).read_text())
