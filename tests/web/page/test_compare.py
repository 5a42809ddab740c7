"""Comparing: side by side, with another coloring, at the same zoom; the quality of a download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Server
from tests.web.page.browser import (
    check_alone,
    drop,
    fingers,
    settled_box,
    shown,
    spot,
    visit,
    wait_for_change,
)
from tests.web.page.test_album import CAMERA
from tests.web.page.test_carry import AUNT, open_album, show

pytestmark = pytest.mark.slow


def beside_of(page: Page) -> np.ndarray:
    """What the photograph is compared with."""
    page.evaluate("document.querySelector('#after').id = 'chosen'")
    page.evaluate("document.querySelector('#before').id = 'after'")
    beside = shown(page)
    page.evaluate("document.querySelector('#after').id = 'before'")
    page.evaluate("document.querySelector('#chosen').id = 'after'")
    return beside


def test_side_by_side_and_variant_against_variant(desktop: Page) -> None:
    open_album(desktop, one=AUNT[::2, ::2])
    desktop.keyboard.press("d")
    pane, stage = desktop.locator("#beside-pane"), desktop.locator("#stage")
    expect(pane).to_be_visible()
    left, right = pane.bounding_box(), stage.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] == pytest.approx(right["x"], abs=3)
    assert left["width"] == pytest.approx(right["width"], abs=3)
    desktop.keyboard.press("+")
    desktop.keyboard.press("+")
    sheets = [desktop.locator(name) for name in ("#beside-sheet", "#sheet")]
    boxes = [sheet.bounding_box() for sheet in sheets]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"])
    assert boxes[0]["x"] - left["x"] == pytest.approx(boxes[1]["x"] - right["x"], abs=3)

    original = desktop.locator("#beside-before").get_attribute("src")
    desktop.locator("#variants-show").click()
    against = desktop.get_by_role("combobox", name="Compare with")
    expect(against).to_be_visible()
    against.select_option("Other 1")
    expect(desktop.locator("#chip-before")).to_have_text("Other 1")
    other = desktop.locator("#beside-before").get_attribute("src")
    assert other != original
    variants = desktop.locator("#variants button")
    wait_for_change(desktop, variants.nth(1).click)
    assert np.array_equal(beside_of(desktop), shown(desktop))  # what was compared with was chosen
    desktop.locator("#stage").focus()
    desktop.keyboard.down("o")  # the original, not the variant
    expect(desktop.locator("#before")).to_have_attribute("src", original or "")
    desktop.keyboard.up("o")
    expect(desktop.locator("#before")).to_have_attribute("src", other or "")
    against.select_option("Original")
    expect(desktop.locator("#chip-before")).to_have_text("Before")
    desktop.keyboard.press("c")
    expect(pane).to_be_hidden()
    expect(desktop.locator("#divider")).to_be_visible()


@pytest.mark.parametrize("first", ["divider", "photograph"])
def test_two_fingers_zoom_also_where_one_is_on_the_border(
    browser: Browser, server: Server, first: str
) -> None:
    page = visit(browser, server, "phone")
    open_album(page, one=AUNT[::2, ::2])
    divider = page.locator("#divider")
    expect(divider).to_have_attribute("aria-valuenow", "50")
    before = settled_box(page)
    places = [spot(page, 0.5, 0.2), spot(page, 0.8, 0.7)]
    if first == "photograph":
        places.reverse()
    touch = fingers(page)
    touch("touchStart", places[0])
    touch("touchStart", *places)
    (x, y), (other_x, other_y) = sorted(places)
    for step in (10, 20, 30):
        moved = [(x - step, y - step), (other_x + step, other_y + step)]
        touch("touchMove", *(moved if first == "divider" else reversed(moved)))
    touch("touchEnd")
    assert settled_box(page)["width"] > 1.1 * before["width"]
    expect(divider).to_have_attribute("aria-valuenow", "50")
    expect(page.locator("#picker")).to_be_hidden()

    y = spot(page, 0.5, 0.5)[1]  # one finger still moves the border, and nothing else
    photograph, at = settled_box(page), divider.bounding_box()
    assert at
    touch("touchStart", (at["x"] + 22, y))
    touch("touchMove", (at["x"] + 82, y))
    touch("touchEnd")
    expect(divider).not_to_have_attribute("aria-valuenow", "50")
    assert settled_box(page) == photograph
    expect(page.locator("#picker")).to_be_hidden()
    check_alone(page, server)
    page.context.close()


def test_what_is_chosen_to_compare_with_is_shown(desktop: Page) -> None:
    """Also where the photograph is shown in color alone, or the border is at its edge."""
    open_album(desktop, one=AUNT[::2, ::2])
    desktop.locator("#variants-show").click()
    against, divider = desktop.locator("#against"), desktop.locator("#divider")
    desktop.keyboard.press("c")
    expect(divider).to_be_hidden()
    against.select_option("Other 1")
    expect(divider).to_be_visible()
    divider.focus()
    desktop.keyboard.press("Home")
    expect(divider).to_have_attribute("aria-valuenow", "0")
    against.select_option("Other 2")
    expect(divider).to_have_attribute("aria-valuenow", "50")
    expect(desktop.locator("#chip-before")).to_have_text("Other 2")


def test_the_zoom_stays_between_photographs(desktop: Page) -> None:
    open_album(desktop, one=CAMERA[:200, :300], two=CAMERA[200:400, :300], tall=CAMERA[:400, :200])
    for _ in range(5):
        desktop.keyboard.press("+")
    before = [spot(desktop, x, 0.5) for x in (0.2, 0.8)]
    show(desktop, "two.png")
    assert [spot(desktop, x, 0.5) for x in (0.2, 0.8)] == before
    show(desktop, "tall.png")
    x, y = spot(desktop, 0.5, 0.5)
    assert (x, y) == pytest.approx(spot_of_stage(desktop), abs=2)
    show(desktop, "one.png")
    assert spot(desktop, 0.5, 0.5) == pytest.approx(spot_of_stage(desktop), abs=2)
    desktop.keyboard.press("0")
    show(desktop, "tall.png")
    sheet, stage = (desktop.locator(f"#{name}").bounding_box() for name in ("sheet", "stage"))
    assert sheet
    assert stage
    assert sheet["height"] < stage["height"]  # what was fitted is fitted


def spot_of_stage(page: Page) -> tuple[float, float]:
    box = page.locator("#stage").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_quality_of_a_download(desktop: Page) -> None:
    open_album(desktop, one=CAMERA[:200, :300])
    sizes = []
    for format, quality in (("JPEG", "Usual"), ("JPEG", "60"), ("PNG", "60")):
        desktop.get_by_label("Format").select_option(format)
        desktop.get_by_label("Quality").select_option(quality)
        with desktop.expect_download() as download:
            desktop.locator("#save-one").click()
        sizes.append(Path(download.value.path()).stat().st_size)
    assert sizes[1] < sizes[0] / 2
    assert sizes[2] > sizes[0]  # PNG has no quality
    desktop.get_by_label("Before and after in one picture").check()
    with desktop.expect_download() as download:
        desktop.locator("#save-one").click()
    assert download.value.suggested_filename == "one-before-after.png"
    with Image.open(download.value.path()) as both:
        assert both.size == (600, 200)
        plain = np.asarray(both).astype(int)
    desktop.get_by_label("Write “colorized” into a corner").check()
    with desktop.expect_download() as download:
        desktop.locator("#save-one").click()
    with Image.open(download.value.path()) as marked:
        changed = np.abs(np.asarray(marked) - plain).max(axis=-1) > 0
    assert changed[170:, 500:].any()
    assert not changed[:150].any()
    assert not changed[:, :450].any()


def test_a_comparison_is_ended_after_another_photograph(desktop: Page) -> None:
    open_album(desktop, one=AUNT[::2, ::2], two=CAMERA[:200, :300])
    desktop.keyboard.press("d")
    desktop.locator("#variants-show").click()
    against = desktop.get_by_role("combobox", name="Compare with")
    against.select_option("Other 1")
    expect(desktop.locator("#chip-before")).to_have_text("Other 1")
    for _ in range(2):
        desktop.keyboard.press("PageDown")
        expect(desktop.locator("#photo-title")).to_contain_text("two.png")
        expect(desktop.locator("#chip-before")).to_have_text("Before")
        desktop.keyboard.press("PageUp")
        expect(desktop.locator("#photo-title")).to_contain_text("one.png")
        expect(desktop.locator("#chip-before")).to_have_text("Other 1")
    expect(desktop.locator("#variants button")).not_to_have_count(0)
    expect(against).to_have_value("1")
    against.select_option("Original")
    expect(desktop.locator("#chip-before")).to_have_text("Before")
    desktop.keyboard.press("d")
    expect(desktop.locator("#beside-pane")).to_be_hidden()


def test_side_by_side_is_ended_on_a_photograph_that_failed(desktop: Any) -> None:
    open_album(desktop, one=AUNT[::2, ::2])
    desktop.keyboard.press("d")
    expect(desktop.locator("#beside-pane")).to_be_visible()
    drop(desktop, b"Dear diary", "diary.jpg")
    expect(desktop.locator("#failure")).to_be_visible()
    desktop.get_by_role("button", name="Side by side").click()
    expect(desktop.locator("#beside-pane")).to_be_hidden()
    desktop.keyboard.press("PageUp")
    expect(desktop.locator("#photo-title")).to_contain_text("one.png")
    expect(desktop.locator("#beside-pane")).to_be_hidden()
    desktop.complaints.clear()  # the browser tells of the status 422 and of the picture
