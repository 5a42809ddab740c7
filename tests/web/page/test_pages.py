"""A TIFF of several pages offers them one by one."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from tests.web.helpers import with_damaged_page
from tests.web.page.browser import (
    color_spot,
    drop,
    guidance_of,
    open_photograph,
    shown,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow


def book() -> bytes:
    """A TIFF of three pages, the last of another size."""
    buffer = io.BytesIO()
    camera = Image.fromarray(data.camera())
    pages = [camera.crop((k * 100, 0, k * 100 + 300, 200)) for k in range(2)]
    pages.append(camera.crop((0, 0, 200, 260)))
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    return buffer.getvalue()


def turn_to(page: Page, number: int) -> None:
    wait_for_change(page, lambda: page.get_by_label("Page").select_option(index=number - 1))


def test_each_page_is_colored_and_corrected_by_itself(desktop: Page, tmp_path: Path) -> None:
    open_photograph(desktop, book(), "book.tif")
    expect(desktop.get_by_label("Page").locator("option")).to_have_text(
        ["1 of 3", "2 of 3", "3 of 3"]
    )
    first = shown(desktop)
    color_spot(desktop, "teal", 0.8, 0.4)
    corrected = shown(desktop)

    turn_to(desktop, 3)
    expect(desktop.locator("#hints button")).to_have_count(0)
    last = shown(desktop)
    assert last.shape == (260, 200, 3)
    assert "aside" not in guidance_of(desktop)
    turn_to(desktop, 1)
    expect(desktop.locator("#hints button")).to_have_count(1)
    assert np.array_equal(shown(desktop), corrected)
    for expected in (last, corrected, first):
        wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
        assert np.array_equal(shown(desktop), expected)
    for _ in range(2):
        wait_for_change(desktop, lambda: desktop.keyboard.press("Control+y"))
    desktop.reload()
    wait_for_color(desktop)
    assert np.array_equal(shown(desktop), last), "the page is kept"
    with desktop.expect_download() as download:
        desktop.locator("#save-one").click()
    assert download.value.suggested_filename == "book-3-color.tif"
    with Image.open(download.value.path()) as result:
        assert result.size == (200, 260)
        assert getattr(result, "n_frames", 1) == 1

    with desktop.expect_download() as download:
        desktop.evaluate("document.querySelector('#project-save').click()")
    download.value.save_as(tmp_path / "album.colornet")
    desktop.set_input_files("#project-file", [tmp_path / "album.colornet"])
    expect(desktop.locator(".frame")).to_have_count(2)
    wait_for_color(desktop)
    expect(desktop.get_by_label("Page")).to_have_value("3 of 3")
    turn_to(desktop, 1)
    expect(desktop.locator("#hints button")).to_have_count(1)


def test_a_photograph_of_one_page_offers_none(desktop: Page) -> None:
    open_photograph(desktop)
    expect(desktop.locator("#page-part")).to_be_hidden()


def test_of_a_file_with_a_damaged_page_the_others_are_colored(desktop: Any) -> None:
    drop(desktop, with_damaged_page(book()), "book.tif")
    failure = desktop.locator("#failure")
    expect(failure).to_be_visible()
    chooser = desktop.get_by_label("Page")
    expect(chooser.locator("option")).to_have_text(["1 of 3", "2 of 3", "3 of 3"])
    chooser.select_option(index=2)
    wait_for_color(desktop)
    assert shown(desktop).shape == (260, 200, 3)
    chooser.select_option(index=0)
    expect(failure).to_be_visible()
    desktop.reload()
    expect(failure).to_be_visible()
    expect(chooser).to_be_enabled()
    desktop.get_by_role("button", name="Undo").click()
    wait_for_color(desktop)
    expect(failure).to_be_hidden()
    expect(chooser).to_have_value("3 of 3")
    assert shown(desktop).shape == (260, 200, 3)
    desktop.complaints.clear()  # the browser tells of the status 422
