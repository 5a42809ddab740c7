"""What a person does, in the system's Chromium, with every other host cut off."""

from __future__ import annotations

import base64
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from skimage import data

from tests.web.conftest import Server, decoded, encoded, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if not CHROMIUM:
    pytest.skip("there is no chromium (Debian: apt install chromium)", allow_module_level=True)

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright  # noqa: E402

pytestmark = pytest.mark.slow

CUT_OFF = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-sandbox"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
WINDOWS = {"desktop": (1280, 800), "phone": (390, 844)}
PATIENCE = 60_000  # milliseconds

PICTURE = encoded(np.asarray(Image.fromarray(data.astronaut()).convert("L")), quality=92)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CUT_OFF, *QUIET, "--disable-gpu"]
        )
        yield browser
        browser.close()


def visit(browser: Browser, server: Server, window: str = "desktop", **options: object) -> Page:
    """A window on the page, which is held to ask nobody else and to complain of nothing."""
    width, height = WINDOWS[window]
    phone = window == "phone"
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=phone,
        has_touch=phone,
        accept_downloads=True,
        **options,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.requests = []  # type: ignore[attr-defined]
    page.complaints = []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: line.type == "error" and page.complaints.append(line.text),
    )
    page.goto(server.url)
    return page


@pytest.fixture(params=WINDOWS)
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    page = visit(browser, server, request.param)
    yield page
    check_alone(page, server)
    page.context.close()


@pytest.fixture
def desktop(browser: Browser, server: Server) -> Iterator[Page]:
    page = visit(browser, server)
    yield page
    check_alone(page, server)
    page.context.close()


def check_alone(page: Page, server: Server) -> None:
    others = {urlsplit(url).netloc for url in page.requests if not url.startswith("blob:")}
    assert others == {f"127.0.0.1:{server.base_url.port}"}
    assert page.complaints == []


def drop(page: Page, picture: bytes = PICTURE, name: str = "scan.jpg") -> None:
    """Drop a file as a person does."""
    page.evaluate(
        """([text, name]) => {
            const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            for (const type of ["dragenter", "dragover", "drop"]) {
                const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true });
                document.body.dispatchEvent(event);
            }
        }""",
        [base64.b64encode(picture).decode(), name],
    )


def wait_for_color(page: Page) -> None:
    expect(page.locator("#status")).to_contain_text("is in color", timeout=PATIENCE)


def shown(page: Page) -> np.ndarray:
    """The colored picture that is on screen, at its own size."""
    url = page.evaluate(
        """async () => {
            const image = document.querySelector("#after");
            await image.decode();
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            canvas.getContext("2d").drawImage(image, 0, 0);
            return canvas.toDataURL("image/png");
        }"""
    )
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


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the photograph, in fractions, is on screen."""
    box = page.locator("#sheet").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_a_person_colors_corrects_and_downloads(page: Page, server: Server) -> None:
    drop(page)
    wait_for_color(page)
    usual = shown(page)
    assert np.ptp(usual, axis=-1).mean() > 10
    assert usual.shape == (512, 512, 3)

    drag_the_border(page)

    page.mouse.click(*spot(page, 0.3, 0.72))
    swatches = page.locator(".swatch")
    expect(swatches).to_have_count(8)
    least_likely = swatches.nth(7)
    color = least_likely.get_attribute("value")
    wait_for_change(page, least_likely.click)
    expect(least_likely).to_have_attribute("aria-pressed", "true")
    corrected = shown(page)
    change = np.abs(corrected - usual).sum(axis=-1)
    here = change[360:378, 145:163].mean()
    assert here > 15, f"{color} changed nothing"
    assert here > 3 * change[20:100, 330:480].mean(), "the sky changed as well"
    wait_for_change(page, page.locator("#keep").click)
    assert np.abs(shown(page) - usual).sum(axis=-1)[360:378, 145:163].mean() < 4
    expect(page.locator("#hints button")).to_have_class("kept")
    wait_for_change(page, least_likely.click)
    nearer = np.abs(reaching(page, "0.3") - usual).sum(axis=-1)
    assert nearer[366:372, 151:157].mean() > 15
    assert nearer.mean() < 0.7 * change.mean()
    assert np.array_equal(reaching(page, "1"), corrected)
    page.keyboard.press("Escape")

    save_tab(page)
    with page.expect_download() as download:
        page.locator("#save-one").click()
    assert download.value.suggested_filename == "scan-color.jpg"
    file = Path(download.value.path()).read_bytes()
    with page.expect_download() as saved:
        page.evaluate("document.querySelector('#hints-save').click()")
    guidance = json.loads(Path(saved.value.path()).read_text())
    assert guidance["hints"][0]["color"] == color
    answer = server.post(
        "/api/v1/colorize?metadata=true",
        files={"picture": PICTURE},
        data={"guidance": json.dumps(guidance)},
    )
    assert file == answer.content

    wait_for_change(page, page.locator("#undo").click)
    assert np.array_equal(shown(page), usual)
    wait_for_change(page, page.locator("#redo").click)
    assert np.array_equal(shown(page), corrected)


def reaching(page: Page, reach: str) -> np.ndarray:
    """What is on screen once the color of the open box reaches so far."""
    slider = page.locator("#reach")
    wait_for_change(page, lambda: slider.fill(reach))
    expect(page.locator("#reach-value")).to_have_text(f"{float(reach):.0%}".replace("%", " %"))
    return shown(page)


def save_tab(page: Page) -> None:
    if page.locator("#tab-save").is_visible():
        page.locator("#tab-save").click()


def drag_the_border(page: Page) -> None:
    divider = page.locator("#divider")
    page.wait_for_timeout(1800)  # it sweeps into place first
    expect(divider).to_have_attribute("aria-valuenow", "50")
    page.mouse.move(*spot(page, 0.5, 0.9))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.25, 0.9), steps=4)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "25")
    divider.focus()
    page.keyboard.press("Home")
    expect(divider).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuetext", "98 % in color")


def test_a_click_beside_the_border_means_the_photograph(page: Page) -> None:
    drop(page)
    wait_for_color(page)
    page.wait_for_timeout(1800)  # the border sweeps into place first
    page.mouse.click(*spot(page, 0.5, 0.9))
    expect(page.locator(".swatch")).to_have_count(8)
    expect(page.locator("#divider")).to_have_attribute("aria-valuenow", "50")


def test_with_the_keyboard_alone(desktop: Page) -> None:
    drop(desktop)
    wait_for_color(desktop)
    desktop.locator(".skip").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#stage")).to_be_focused()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown"):
        desktop.keyboard.press(key)
    expect(desktop.locator("#status")).to_contain_text("% from the left")
    desktop.keyboard.press("Enter")
    expect(desktop.locator(".swatch").first).to_be_focused()
    desktop.keyboard.press("Tab")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Enter"))
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#stage")).to_be_focused()
    expect(desktop.locator("#hints button")).to_have_count(1)
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#hints button")).to_have_count(0)
    desktop.keyboard.press("1")
    expect(desktop.locator("#zoom-level")).to_have_text("100 %")
    desktop.keyboard.press("c")
    expect(desktop.locator("#compare")).to_have_attribute("aria-pressed", "false")


def test_strokes_looks_and_variants(desktop: Page) -> None:
    drop(desktop)
    wait_for_color(desktop)
    desktop.keyboard.press("c")
    desktop.keyboard.press("b")
    desktop.mouse.move(*spot(desktop, 0.2, 0.6))
    desktop.mouse.down()
    desktop.mouse.move(*spot(desktop, 0.4, 0.7), steps=8)
    desktop.mouse.up()
    expect(desktop.locator("#picker-title")).to_have_text("Color of this area")
    desktop.locator("#hex").fill("teal")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Enter"))
    expect(desktop.locator("#hints li.stroke")).to_have_count(1)
    desktop.keyboard.press("Escape")

    wait_for_change(desktop, lambda: desktop.get_by_role("radio", name="Vivid").check())
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0"))
    expect(desktop.locator("#after")).to_have_js_property("naturalWidth", 512)
    assert np.ptp(shown(desktop), axis=-1).max() <= 3
    wait_for_change(desktop, desktop.locator("#undo").click)

    desktop.locator("#variants-show").click()
    variants = desktop.locator("#variants button")
    expect(variants.first).to_be_visible()
    assert variants.count() >= 2
    wait_for_change(desktop, variants.nth(1).click)
    expect(variants.nth(1)).to_have_attribute("aria-checked", "true")


def test_a_reference_lends_its_colors(desktop: Page) -> None:
    drop(desktop)
    wait_for_color(desktop)
    reference = {"name": "r.jpg", "mimeType": "image/jpeg", "buffer": encoded(data.coffee())}
    wait_for_change(desktop, lambda: desktop.set_input_files("#reference-file", [reference]))
    expect(desktop.locator("#reference-thumb")).to_be_visible()
    wait_for_change(desktop, desktop.locator("#reference-remove").click)
    expect(desktop.locator("#reference-thumb")).to_be_hidden()


def test_several_photographs_as_one_zip(desktop: Page) -> None:
    files = [
        {"name": "scan.png", "mimeType": "image/png", "buffer": encoded(gray, "png")}
        for gray in (data.camera()[:200, :200], data.camera()[200:400, :300])
    ]
    desktop.set_input_files("#files", files)
    expect(desktop.locator(".frame:not(.busy)")).to_have_count(2, timeout=PATIENCE)
    with desktop.expect_download() as download:
        desktop.locator("#save-all").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["scan-color.png", "scan-color 2.png"]
        sizes = [Image.open(io.BytesIO(archive.read(name))).size for name in archive.namelist()]
    assert sizes == [(200, 200), (300, 200)]
    desktop.get_by_label("Remove scan.png").first.click()
    expect(desktop.locator(".frame")).to_have_count(1)


def test_close_up_of_a_large_photograph(desktop: Page) -> None:
    large = np.asarray(Image.fromarray(data.camera()).resize((3000, 3000)))
    drop(desktop, encoded(large))
    wait_for_color(desktop)
    assert shown(desktop).shape == (2048, 2048, 3)
    desktop.keyboard.press("1")
    tile = desktop.locator("#tile-after")
    expect(tile).to_be_visible()
    assert tile.evaluate("(image) => image.naturalWidth") == pytest.approx(964, abs=1)


def test_saved_corrections_are_loaded(desktop: Page) -> None:
    drop(desktop)
    wait_for_color(desktop)
    hint = {"points": [[150, 370]], "color": "teal", "unit": "pixels"}
    guidance = {"version": 1, "strength": 0.9, "hints": [hint]}
    file = {"name": "g.json", "mimeType": "application/json", "buffer": json.dumps(guidance)}
    file["buffer"] = file["buffer"].encode()
    wait_for_change(desktop, lambda: desktop.set_input_files("#json-file", [file]))
    expect(desktop.locator("#hints button")).to_have_count(1)
    expect(desktop.locator("#strength-value")).to_have_text("90 %")


def test_a_canvas_that_the_server_closed_is_opened_again(browser: Browser) -> None:
    with running("--max-canvases", "1") as server:
        page = visit(browser, server)
        drop(page)
        wait_for_color(page)
        server.open(PICTURE)  # closes the page's
        wait_for_change(page, lambda: page.get_by_role("radio", name="Vivid").check())
        expect(page.locator(".toast")).to_have_count(0)
        page.context.close()


def test_the_token_is_asked_for(browser: Browser) -> None:
    with running("--token", "sesame") as server:
        page = visit(browser, server)
        page.locator("#token").fill("sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#limits")).to_contain_text("64 MB")
        drop(page)
        wait_for_color(page)
        page.goto(f"{server.url}#token=sesame")
        page.context.close()


def test_what_cannot_be_colored_is_told(desktop: Page) -> None:
    drop(desktop, b"Dear diary", "diary.jpg")
    expect(desktop.locator(".toast")).to_contain_text("is not a picture in JPEG")
    expect(desktop.locator(".frame.failed")).to_be_visible()
    desktop.complaints.clear()  # the browser tells of the status 422 and of the picture


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
def test_accessible_to_everybody(
    browser: Browser, server: Server, window: str, scheme: str
) -> None:
    page = visit(browser, server, window, color_scheme=scheme, reduced_motion="reduce")
    check_with_axe(page)
    drop(page)
    wait_for_color(page)
    page.mouse.click(*spot(page, 0.3, 0.72))
    expect(page.locator(".swatch")).to_have_count(8)
    check_with_axe(page)
    page.locator(".swatch").first.click()
    page.keyboard.press("Escape")
    check_with_axe(page)
    page.goto(f"{server.url}docs")
    page.locator("summary").first.click()
    check_with_axe(page)
    page.context.close()


def check_with_axe(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious
