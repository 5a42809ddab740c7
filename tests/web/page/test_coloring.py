"""What a person does with a photograph."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from skimage import data

from tests.web.conftest import Server, encoded, running
from tests.web.page.browser import (
    PATIENCE,
    PICTURE,
    REFERENCE,
    choose_color,
    drop,
    open_photograph,
    payload,
    shown,
    spot,
    visit,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow


def test_a_person_colors_corrects_and_downloads(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="no-preference")
    open_photograph(page)
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
    open_photograph(page)
    expect(page.locator("#divider")).to_have_attribute("aria-valuenow", "50")
    page.mouse.click(*spot(page, 0.5, 0.9))
    expect(page.locator(".swatch")).to_have_count(8)
    expect(page.locator("#divider")).to_have_attribute("aria-valuenow", "50")


def test_strokes_looks_and_variants(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.keyboard.press("c")
    desktop.keyboard.press("b")
    desktop.mouse.move(*spot(desktop, 0.2, 0.6))
    desktop.mouse.down()
    desktop.mouse.move(*spot(desktop, 0.4, 0.7), steps=8)
    desktop.mouse.up()
    expect(desktop.locator("#picker-title")).to_have_text("Color of this area")
    choose_color(desktop, "teal")
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
    open_photograph(desktop)
    wait_for_change(desktop, lambda: desktop.set_input_files("#reference-file", [REFERENCE]))
    expect(desktop.locator("#reference-thumb")).to_be_visible()
    wait_for_change(desktop, desktop.locator("#reference-remove").click)
    expect(desktop.locator("#reference-thumb")).to_be_hidden()


def test_a_reference_that_the_browser_cannot_show(desktop: Page) -> None:
    """As of a TIFF: its name stands for it, and no broken picture."""
    open_photograph(desktop)
    scan = payload("scan.tif", encoded(data.coffee(), "tiff"), "image/tiff")
    wait_for_change(desktop, lambda: desktop.set_input_files("#reference-file", [scan]))
    thumb, choose = desktop.locator("#reference-thumb"), desktop.locator("#reference-choose")
    for step in ("Control+z", "Control+y"):
        expect(thumb).to_be_hidden()
        wait_for_change(desktop, lambda step=step: desktop.keyboard.press(step))
    expect(thumb).to_be_hidden()
    expect(choose).to_have_text("Choose another")
    expect(choose).to_have_attribute("title", "scan.tif")


def test_several_photographs_as_one_zip(desktop: Page) -> None:
    files = [
        payload("scan.png", encoded(gray, "png"), "image/png")
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
    open_photograph(desktop, encoded(large))
    assert shown(desktop).shape == (2048, 2048, 3)
    desktop.keyboard.press("1")
    tile = desktop.locator("#tile-after")
    expect(tile).to_be_visible()
    assert tile.evaluate("(image) => image.naturalWidth") == pytest.approx(964, abs=1)


def test_saved_corrections_are_loaded(desktop: Page) -> None:
    open_photograph(desktop)
    hint = {"points": [[150, 370]], "color": "teal", "unit": "pixels"}
    guidance = {"version": 1, "strength": 0.9, "hints": [hint]}
    saved = json.dumps(guidance).encode()
    file = payload("g.json", saved, "application/json")
    wait_for_change(desktop, lambda: desktop.set_input_files("#json-file", [file]))
    expect(desktop.locator("#hints button")).to_have_count(1)
    expect(desktop.locator("#strength-value")).to_have_text("90 %")


def test_a_canvas_that_the_server_closed_is_opened_again(browser: Browser) -> None:
    with running("--max-canvases", "1") as server:
        page = visit(browser, server)
        open_photograph(page)
        server.open(PICTURE)  # closes the page's
        wait_for_change(page, lambda: page.get_by_role("radio", name="Vivid").check())
        expect(page.locator(".toast")).to_have_count(0)
        page.context.close()


def test_the_token_is_asked_for(browser: Browser) -> None:
    token = "пароль é+/=%20 🗝"
    with running("--token", token) as server:
        page = visit(browser, server)
        expect(page.locator("#token-title")).to_have_text("This server asks for a token")
        page.locator("#token").fill("sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#token-title")).to_have_text("This token is wrong")
        page.locator("#token").fill(token)
        page.keyboard.press("Enter")
        expect(page.locator("#limits")).to_contain_text("64 MB")
        open_photograph(page)
        page.context.close()
        page = browser.new_page()
        page.goto(f"{server.url}#token={quote(token)}")
        expect(page.locator("#limits")).to_contain_text("64 MB")
        page.goto(f"{server.url}docs")
        expect(page.locator("#example")).to_contain_text("-H 'Authorization: Bearer TOKEN'")
        page.close()


def test_what_cannot_be_colored_is_told_in_its_place(desktop: Any) -> None:
    drop(desktop, b"Dear diary", "diary.jpg")
    failure = desktop.get_by_role("group", name="This photograph could not be colored")
    expect(failure).to_contain_text("is not a picture in JPEG")
    expect(desktop.locator(".frame.failed")).to_be_visible()
    for name in ("Strength", "Saturation"):
        expect(desktop.get_by_role("slider", name=name)).to_be_disabled()
    for button in ("#download", "#save-one", "#variants-show", "#hints-load", "#zoom-in"):
        expect(desktop.locator(button)).to_be_disabled()
    failure.get_by_role("button", name="Remove it").click()
    expect(desktop.locator("#welcome")).to_be_visible()
    desktop.complaints.clear()  # the browser tells of the status 422 and of the picture


def test_what_failed_is_tried_again(desktop: Any) -> None:
    desktop.context.set_offline(True)
    drop(desktop)
    failure = desktop.get_by_role("group", name="This photograph could not be colored")
    expect(failure).to_contain_text("The server does not answer")
    desktop.context.set_offline(False)
    failure.get_by_role("button", name="Retry").click()
    wait_for_color(desktop)
    expect(failure).to_be_hidden()
    expect(desktop.get_by_role("slider", name="Strength")).to_be_enabled()
    desktop.complaints.clear()  # the browser tells of the request that failed


def test_a_scan_that_is_too_large_is_made_smaller(browser: Browser) -> None:
    with running("--max-pixels", "1") as server:
        page = visit(browser, server)
        large = np.asarray(Image.fromarray(data.camera()).resize((1200, 1200)))
        drop(page, encoded(large))
        failure = page.get_by_role("group", name="This photograph could not be colored")
        expect(failure).to_contain_text("1200 x 1200 pixels")
        failure.get_by_role("button", name="Make it smaller and retry").click()
        wait_for_color(page)
        height, width, _ = shown(page).shape
        assert height == width
        assert 990_000 < width * height <= 1_000_000
        page.context.close()
