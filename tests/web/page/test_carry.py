"""What is said of one photograph, given to others: its look, and its corrections."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from tests.web.conftest import encoded
from tests.web.page.browser import (
    check_with_axe,
    color_spot,
    guidance_of,
    payload,
    shown,
    wait_for_change,
)
from tests.web.page.test_album import wait_for_album

pytestmark = pytest.mark.slow

AUNT = np.asarray(Image.fromarray(data.astronaut()).convert("L"))
SUIT = (0.3, 0.72)


def choose(page: Page, **pictures: np.ndarray) -> None:
    files = [
        payload(f"{name}.png", encoded(np.ascontiguousarray(pixels), "png"), "image/png")
        for name, pixels in pictures.items()
    ]
    page.set_input_files("#files", files)


def open_album(page: Page, **pictures: np.ndarray) -> None:
    choose(page, **pictures)
    wait_for_album(page, len(pictures))


def show(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#photo-title")).to_contain_text(name)


def test_corrections_are_carried_over(desktop: Page) -> None:
    open_album(desktop, one=AUNT, mirrored=AUNT[:, ::-1], cup=data.coffee()[..., 1])
    carry = desktop.get_by_role("button", name="Carry over to others")
    expect(carry).to_be_disabled()
    color_spot(desktop, "teal", *SUIT)
    show(desktop, "mirrored.png")
    before = shown(desktop)
    show(desktop, "one.png")
    carry.click()
    box = desktop.get_by_role("dialog", name="Carry corrections over")
    expect(box).to_contain_text("Nothing alike was found in cup.png.")
    offer = box.get_by_role("checkbox", name="teal #008080, ")
    expect(offer).to_have_count(1)
    expect(offer).to_be_checked()
    check_with_axe(desktop)
    offer.uncheck()
    expect(box.get_by_role("button", name="Color 0 places")).to_be_disabled()
    offer.check()
    desktop.keyboard.press("Escape")  # nothing is applied
    show(desktop, "mirrored.png")
    expect(desktop.locator("#hints button")).to_have_count(0)

    show(desktop, "one.png")
    carry.click()
    box.get_by_role("button", name="Color 1 place").click()
    expect(desktop.locator("#status")).to_have_text("Corrections carried over to 1 of 1")
    told = desktop.locator(".toast", has_text="Corrections carried over to 1 of 1.")
    expect(told.get_by_role("button", name="Undo")).to_be_visible()
    show(desktop, "mirrored.png")
    expect(desktop.locator("#hints button")).to_have_count(1)
    (hint,) = guidance_of(desktop)["hints"]
    assert hint["color"] == "#008080"
    assert hint["points"][0] == pytest.approx([1 - SUIT[0], SUIT[1]], abs=0.1)
    after = shown(desktop)
    x, y = (round(512 * at) for at in hint["points"][0])
    around = np.s_[y - 8 : y + 8, x - 8 : x + 8]
    assert (after - before)[around].mean(axis=(0, 1))[0] < -10  # less red
    show(desktop, "one.png")
    carry.click()
    expect(box).to_contain_text("Nothing alike was found in mirrored.png, cup.png.")  # it has it
    expect(box.get_by_text("These places look like")).to_be_hidden()  # there are none
    expect(box.get_by_role("button", name="Color 0 places")).to_be_hidden()
    desktop.keyboard.press("Escape")
    show(desktop, "mirrored.png")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    assert np.array_equal(shown(desktop), before)


def test_a_look_is_copied_and_pasted(desktop: Page) -> None:
    small = AUNT[::3, ::3]
    open_album(desktop, one=small, two=small[:, ::-1], three=small[::-1])
    paste = desktop.locator("#paste")
    expect(paste).to_be_disabled()
    wait_for_change(desktop, lambda: desktop.locator("#saturation").fill("1.5"))
    desktop.get_by_role("button", name="Copy look").click()
    expect(desktop.locator(".toast")).to_have_text("Look copied.")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    show(desktop, "two.png")
    wait_for_change(desktop, paste.click)
    expect(desktop.locator("#saturation-value")).to_have_text("150 %")
    show(desktop, "one.png")
    expect(desktop.locator("#saturation-value")).to_have_text("100 %")
    for name in ("one.png", "three.png"):
        desktop.get_by_role("checkbox", name=f"Select {name}").check(force=True)
    desktop.get_by_role("button", name="Paste look to 2 selected").click()
    expect(desktop.locator("#status")).to_have_text("The look was applied to 2 of 2")
    for name in ("one.png", "three.png"):
        show(desktop, name)
        expect(desktop.locator("#saturation-value")).to_have_text("150 %")


def test_a_look_given_to_others_is_taken_back_at_once(desktop: Page) -> None:
    """Which of its other colorings a photograph has stays: those of another are not alike."""
    small = AUNT[::3, ::3]
    open_album(desktop, one=small, two=small[:, ::-1], three=small[::-1])
    desktop.locator("#variants-show").click()
    wait_for_change(desktop, desktop.locator("#variants button").nth(2).click)
    wait_for_change(desktop, lambda: desktop.locator("#saturation").fill("1.5"))
    desktop.get_by_role("button", name="Give this look to all").click()
    told = desktop.locator(".toast", has_text="The look was applied to 2 of 2.")
    expect(told).to_be_visible()
    show(desktop, "three.png")
    assert (guidance_of(desktop)["saturation"], guidance_of(desktop)["variant"]) == (1.5, 0)
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    told.get_by_role("button", name="Undo").click()
    expect(desktop.locator("#status")).to_have_text("Undone")
    expect(told).to_be_hidden()
    for name, saturation in {"one.png": 1.5, "two.png": 1, "three.png": 1.5}.items():
        show(desktop, name)  # more was said of the third since
        assert guidance_of(desktop)["saturation"] == saturation
