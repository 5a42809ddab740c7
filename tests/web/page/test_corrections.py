"""Corrections that are there: moved, removed, saved, loaded; and where to make some."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from colornet.color import rgb_to_lab
from tests.web.conftest import Server
from tests.web.page.browser import (
    guidance_of,
    open_photograph,
    payload,
    shown,
    spot,
    visit,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow

HINTS = [
    {"points": [[0.25, 0.5]], "color": "#2a5a2a", "unit": "fractions", "radius": 0},
    {"points": [[0.6, 0.2], [0.7, 0.3]], "color": "#b5651d", "unit": "fractions", "radius": 0.03},
]


@pytest.fixture(scope="module")
def loaded(browser: Browser, server: Server) -> Iterator[Page]:
    """A window with a photograph."""
    page = visit(browser, server)
    open_photograph(page)
    yield page
    page.context.close()


def load(page: Page, guidance: object, text: str | None = None) -> None:
    content = (text if text is not None else json.dumps(guidance)).encode()
    file = payload("told.json", content, "application/json")
    page.set_input_files("#json-file", [file])


def test_corrections_are_moved_and_removed(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.keyboard.press("c")
    wait_for_change(desktop, lambda: load(desktop, {"version": 1, "hints": HINTS}))
    hints = desktop.locator("#hints button")
    expect(hints).to_have_count(2)

    desktop.mouse.move(*spot(desktop, 0.25, 0.5))
    desktop.mouse.down()
    desktop.mouse.move(*spot(desktop, 0.35, 0.7), steps=5)
    wait_for_change(desktop, desktop.mouse.up)
    expect(desktop.locator("#picker")).to_be_hidden()
    assert guidance_of(desktop)["hints"][0]["points"][0] == pytest.approx([0.35, 0.7], abs=0.01)

    hints.nth(1).focus()
    for _ in range(10):
        desktop.keyboard.press("ArrowRight")
    expect(hints.nth(1)).to_be_focused()
    x, y = guidance_of(desktop)["hints"][1]["points"][0]
    assert (x, y) == pytest.approx((0.7, 0.2))
    desktop.keyboard.press("Control+z")  # ten presses are one step
    assert guidance_of(desktop)["hints"][1]["points"] == HINTS[1]["points"]

    hints.nth(1).focus()
    desktop.keyboard.press("Delete")
    expect(hints).to_have_count(1)
    expect(hints.first).to_be_focused()
    desktop.keyboard.press("Delete")
    expect(hints).to_have_count(0)
    expect(desktop.locator("#stage")).to_be_focused()


def test_the_brush_shows_its_size(desktop: Page) -> None:
    open_photograph(desktop)
    ring = desktop.locator("#brush-ring")
    desktop.mouse.move(*spot(desktop, 0.5, 0.2))
    expect(ring).to_be_hidden()
    desktop.keyboard.press("b")
    desktop.mouse.move(*spot(desktop, 0.4, 0.2))
    box, sheet = ring.bounding_box(), desktop.locator("#sheet").bounding_box()
    assert box
    assert sheet
    assert box["width"] == pytest.approx(0.06 * sheet["width"], abs=1)
    x, y = spot(desktop, 0.4, 0.2)
    assert box["x"] + box["width"] / 2 == pytest.approx(x, abs=1)
    assert box["y"] + box["height"] / 2 == pytest.approx(y, abs=1)
    desktop.keyboard.press("]")
    assert ring.bounding_box()["width"] > box["width"] * 1.1  # type: ignore[index]


def test_a_stroke_shows_what_it_reaches_before_it_has_a_color(desktop: Page) -> None:
    desktop.evaluate("localStorage.setItem('recent-colors', '#008080')")
    open_photograph(desktop)
    desktop.keyboard.press("c")
    usual = shown(desktop)
    desktop.keyboard.press("b")
    desktop.mouse.move(*spot(desktop, 0.2, 0.6))
    desktop.mouse.down()
    before = desktop.locator("#after").get_attribute("src")
    desktop.mouse.move(*spot(desktop, 0.35, 0.7), steps=6)
    expect(desktop.locator("#after")).not_to_have_attribute("src", before or "")
    desktop.mouse.up()
    expect(desktop.locator("#picker")).to_be_visible()
    expect(desktop.locator("#stage")).to_have_js_property("ariaBusy", "false")
    red, _, blue = (shown(desktop) - usual)[330:380, 100:180].mean(axis=(0, 1))  # of the suit
    assert blue > red + 10
    expect(desktop.locator("#undo")).to_be_disabled()
    expect(desktop.locator("#hints button")).to_have_count(0)
    wait_for_change(desktop, lambda: desktop.keyboard.press("Escape"))
    assert np.array_equal(shown(desktop), usual)


def test_unsure_places_are_shown(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.get_by_role("button", name="Show uncertain places").click()
    places = desktop.locator("#unsure-places button")
    expect(places.first).to_have_text("1")
    expect(desktop.locator("#uncertainty")).to_be_visible()
    assert desktop.evaluate("document.querySelector('#uncertainty').width") > 16
    places.first.click()
    expect(desktop.locator("#picker")).to_be_visible()
    expect(desktop.locator("#swatches .swatch")).to_have_count(8)
    desktop.keyboard.press("Escape")
    desktop.keyboard.press("u")
    expect(desktop.locator("#uncertainty")).to_be_hidden()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "is not an object of corrections"),
        ('{"hints": []}', "version is missing"),
        ('{"version": 2}', "version is 2; this page reads version 1"),
        ('{"version": 1, "hints": 3}', "hints is not a list"),
        ('{"version": 1, "hints": [{}]}', "hints[0].points is not a list of points"),
        (
            '{"version": 1, "hints": [{"points": [[1, "2"]], "color": "red"}]}',
            "hints[0].points[0] is not a pair of numbers",
        ),
        ('{"version": 1, "strenght": 1}', "strenght"),
        ('{"version": 1, "strength": 7}', "strength"),
    ],
)
def test_what_cannot_be_loaded_names_the_field(loaded: Page, text: str, told: str) -> None:
    loaded.locator("#toasts").evaluate("(box) => box.replaceChildren()")
    load(loaded, None, text)
    expect(loaded.locator(".toast").last).to_contain_text(told, ignore_case=True)
    expect(loaded.locator("#undo")).to_be_disabled()


def test_a_photograph_is_turned_with_its_corrections(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.keyboard.press("c")
    wait_for_change(desktop, lambda: load(desktop, {"version": 1, "hints": HINTS[:1]}))
    upright = shown(desktop)
    desktop.get_by_role("button", name="Turn right").click()
    wait_for_color(desktop)
    expect(desktop.locator("#working")).to_be_hidden()
    assert guidance_of(desktop)["hints"][0]["points"] == [pytest.approx([0.5, 0.25])]
    turned = shown(desktop)
    assert turned.shape == upright.shape
    lightness = [rgb_to_lab(rgb / 255)[..., 0] for rgb in (np.rot90(upright, -1), turned)]
    assert np.abs(lightness[0] - lightness[1]).mean() < 2
    desktop.reload()
    wait_for_color(desktop)
    assert np.array_equal(shown(desktop), turned)
    desktop.get_by_role("button", name="Turn left").click()
    wait_for_change(desktop, lambda: None)
    expect(desktop.locator("#working")).to_be_hidden()
    assert np.array_equal(shown(desktop), upright)
