"""The album on another server, in a full browser, and in the colors of a system."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Server, running
from tests.web.page.browser import (
    open_photograph,
    spot,
    visit,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow
FULL = """(least) => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
        if (value instanceof File && value.size >= least) {
            this.transaction.abort();
            throw new DOMException("no room", "QuotaExceededError");
        }
        return put.call(this, value, key);
    };
}"""


def test_a_model_without_the_setting_takes_its_usual_one(browser: Browser) -> None:
    with running("--model=general") as server:
        page = visit(browser, server)
        open_photograph(page)
        wait_for_change(page, page.get_by_role("radio", name="Vivid").check)
        port = str(server.address[1])
    with running("--model=faces", f"--port={port}"):
        page.reload()
        wait_for_color(page)
        expect(page.locator("#settings")).to_be_hidden()
    with running("--model=general", f"--port={port}"):
        page.reload()
        wait_for_color(page)
        expect(page.get_by_role("radio", name="Vivid")).to_be_checked()
    page.context.close()


def test_what_finds_no_room_does_not_take_the_rest_along(desktop: Page) -> None:
    open_photograph(desktop, name="kept.jpg")
    desktop.evaluate(FULL, 1000)
    open_photograph(desktop, name="large.jpg")
    expect(desktop.get_by_text("This browser has no more room")).to_be_visible()
    desktop.locator(".frame").first.click()
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    desktop.wait_for_timeout(500)
    desktop.reload()
    wait_for_color(desktop, "kept.jpg")
    expect(desktop.locator(".frame")).to_have_count(1)
    expect(desktop.locator("#strength-value")).to_have_text("50 %")


def test_in_a_systems_own_colors(browser: Browser, server: Server) -> None:
    page = visit(browser, server, forced_colors="active")
    open_photograph(page)
    page.mouse.click(*spot(page, 0.3, 0.72))
    swatches = page.locator(".swatch")
    expect(swatches).to_have_count(8)
    for swatch in swatches.all():
        color = [int(str(swatch.get_attribute("value"))[i : i + 2], 16) for i in (1, 3, 5)]
        seen = np.asarray(Image.open(io.BytesIO(swatch.screenshot())).convert("RGB"))
        assert np.abs(seen[12, seen.shape[1] // 2].astype(int) - color).max() <= 2
    page.keyboard.press("Escape")
    track = np.asarray(Image.open(io.BytesIO(page.locator("#strength").screenshot())).convert("L"))
    assert np.ptp(track[:, track.shape[1] // 2].astype(int)) > 100
    compare = page.locator("[aria-pressed=true]").first
    assert compare.evaluate("(button) => getComputedStyle(button).outlineStyle") == "solid"
    page.context.close()
