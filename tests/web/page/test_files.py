"""Files that are dropped: each is taken for what it holds, and none is passed over in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from skimage import data

from tests.web.conftest import Server, decoded, encoded
from tests.web.page.browser import check_with_axe, drop, payload, shown, wait_for_change
from tests.web.page.test_album import CAMERA, wait_for_album

pytestmark = pytest.mark.slow

SMALL = encoded(np.ascontiguousarray(CAMERA[:120, :160]), "png")
CORRECTIONS = json.dumps({"version": 1, "strength": 0.25}).encode()


def test_corrections_without_a_photograph_say_so(desktop: Page) -> None:
    drop(desktop, CORRECTIONS, "mine.json")
    toast = desktop.locator(".toast")
    expect(toast).to_contain_text("mine.json: holds corrections, which belong to a photograph")
    expect(desktop.locator("#welcome")).to_be_visible()
    drop(desktop, SMALL, "one.png")
    wait_for_album(desktop, 1)
    wait_for_change(desktop, lambda: drop(desktop, CORRECTIONS, "mine.json"))
    expect(desktop.locator("#strength-value")).to_have_text("25 %")


def test_corrections_dropped_with_their_photograph_wait_for_it(desktop: Page) -> None:
    files = [
        payload("a.json", CORRECTIONS, "application/json"),
        payload("one.png", SMALL, "image/png"),
    ]
    desktop.set_input_files("#files", files)
    expect(desktop.locator("#strength-value")).to_have_text("25 %")
    expect(desktop.locator("#status")).to_have_text("Corrections loaded")


def test_a_file_that_is_a_little_too_large(desktop: Page) -> None:
    """Its size is not said to be the one that the page takes."""
    expect(desktop.locator("#limits")).to_contain_text("up to 64 MB")
    desktop.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(64 * 2 ** 20 + 1)], "large.tif"));
            const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
            document.body.dispatchEvent(event);
        }"""
    )
    told = "large.tif: The file has 65 MB; this page takes 64 MB."
    expect(desktop.locator(".toast")).to_contain_text(told)


def test_one_that_cannot_be_read_does_not_stop_the_others(desktop: Any, tmp_path: Path) -> None:
    for name in ("changed.png", "one.png"):
        (tmp_path / name).write_bytes(SMALL)
    desktop.evaluate(
        """() => {
            const input = document.createElement("input");
            document.body.append(Object.assign(input, { type: "file", multiple: true, id: "own" }));
        }"""
    )
    desktop.set_input_files("#own", [tmp_path / "changed.png", tmp_path / "one.png"])
    (tmp_path / "changed.png").write_bytes(encoded(CAMERA))  # browsers refuse it then
    desktop.evaluate(
        """() => {
            const transfer = new DataTransfer();
            for (const file of document.querySelector("#own").files) transfer.items.add(file);
            const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
            document.body.dispatchEvent(event);
        }"""
    )
    expect(desktop.locator("#status")).to_have_text("one.png is in color")
    expect(desktop.locator("#photo-title")).to_contain_text("changed.png")
    expect(desktop.locator("#failure")).to_be_visible()
    desktop.complaints.clear()  # the browser tells of the file


def test_what_has_another_name(desktop: Any) -> None:
    drop(desktop, SMALL, "photo.json")
    wait_for_album(desktop, 1)
    expect(desktop.locator("#photo-title")).to_contain_text("photo.json")
    with desktop.expect_download() as download:
        desktop.get_by_role("button", name="Save project").click()
    project = download.value.path().read_bytes()
    for name in ("album.json", "album.zip", "album"):
        drop(desktop, project, name)
        expect(desktop.locator("#status")).to_have_text("photo.json is in color")
    wait_for_album(desktop, 4)
    drop(desktop, b"PK\3\4 and something else", "other.zip")
    told = desktop.locator(".toast", has_text="other.zip: is not a project")
    expect(told).to_be_visible()


def test_what_there_is_of_a_cut_off_scan_is_colored(page: Any, server: Server) -> None:
    cut = encoded(CAMERA)[:20_000]
    drop(page, cut, "scan.jpg")
    button = page.get_by_role("button", name="Color what there is")
    expect(button).to_be_visible()
    reason = page.locator("#failure-reason")
    expect(reason).to_contain_text("get another copy of it, or color what there is.")
    check_with_axe(page)
    button.click()
    wait_for_album(page, 1)
    expect(page.locator(".toast")).to_contain_text("of it is missing and stays without color")
    rgb = shown(page)
    assert rgb.shape == (512, 512, 3)
    assert np.ptp(rgb[-20:], axis=-1).max() <= 8  # what is missing
    assert np.ptp(rgb[:150], axis=-1).max() > 30
    page.evaluate("document.querySelector('#turn-right').click()")
    wait_for_album(page, 1)
    page.wait_for_function("() => document.querySelector('#stage').ariaBusy === 'false'")
    assert np.ptp(shown(page)[:, :20], axis=-1).max() <= 8
    page.reload()
    wait_for_album(page, 1)
    assert np.ptp(shown(page)[:, :20], axis=-1).max() <= 8
    page.complaints.clear()  # the browser tells of the status 422


def test_a_photograph_that_fails_otherwise_has_no_such_button(desktop: Any) -> None:
    drop(desktop, b"Dear diary", "diary.jpg")
    expect(desktop.locator("#failure")).to_be_visible()
    expect(desktop.locator("#color-part")).to_be_hidden()
    drop(desktop, SMALL, "one.png")
    wait_for_album(desktop, 1)
    reference = payload("r.jpg", encoded(CAMERA)[:20_000])
    desktop.set_input_files("#reference-file", [reference])
    expect(desktop.locator(".toast", has_text="r.jpg")).to_contain_text("cannot be a reference")
    desktop.complaints.clear()  # the browser tells of the status 422


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (1, 1)])
def test_a_strip_of_one_pixel_is_colored(size: tuple[int, int], desktop: Page) -> None:
    drop(desktop, encoded(np.full(size, 90, np.uint8), "png"), "strip.png")
    expect(desktop.locator("#status")).to_have_text("strip.png is in color")
    expect(desktop.locator(".frame.failed")).to_have_count(0)
    with desktop.expect_download() as download:
        desktop.locator("#save-one").click()
    assert decoded(download.value.path().read_bytes()).shape == (*size, 3)


def test_what_the_result_lacks_is_told_with_it(desktop: Page) -> None:
    """And what only the small copy on screen lacks is not told at all."""
    deep = np.dstack([CAMERA[:40, :30]] * 2).astype(np.uint8)
    for name, array in (("deep.png", CAMERA[:40, :30] * np.uint16(257)), ("clear.png", deep)):
        drop(desktop, encoded(array, "png"), name)
        expect(desktop.locator("#status")).to_have_text(f"{name} is in color")
    toast = desktop.locator(".toast")
    expect(toast).to_have_count(0)
    desktop.get_by_label("Write “colorized” into a corner").check()
    desktop.get_by_label("Format").select_option("JPEG")
    with desktop.expect_download():
        desktop.locator("#save-one").click()
    expect(toast).to_contain_text(
        [
            "clear.png: is too small for the mark 'colorized'",
            "clear.png: what is transparent in it is white",
        ]
    )
    desktop.keyboard.press("PageUp")
    with desktop.expect_download():
        desktop.locator("#save-one").click()
    expect(toast.last).to_contain_text("deep.png: its 16 bits a channel are stored as 8")


def test_a_download_that_fails_is_not_said_to_be_prepared(desktop: Any) -> None:
    drop(desktop, SMALL, "one.png")
    wait_for_album(desktop, 1)
    desktop.route("**/colorize", lambda route: route.abort())
    desktop.locator("#save-one").click()
    expect(desktop.locator(".toast")).to_contain_text("The server does not answer")
    expect(desktop.locator("#status")).to_have_text("")
    desktop.complaints.clear()  # the browser tells of it, too


def test_a_name_of_any_signs_is_told_as_it_is(desktop: Page) -> None:
    name = "$& <b>{count}</b> $1.jpg"
    drop(desktop, encoded(data.astronaut()[:128, :128]), name)
    expect(desktop.locator(".toast")).to_contain_text(f"{name}: is in color already")
