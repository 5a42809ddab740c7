"""Turning is a step like any other: undone, redone, kept; what is compared with follows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import encoded
from tests.web.page.browser import color_spot, drop, guidance_of, shown, wait_for_change
from tests.web.page.test_album import CAMERA, wait_for_album
from tests.web.page.test_carry import AUNT
from tests.web.page.test_compare import beside_of

pytestmark = pytest.mark.slow

THUMBS = "[...document.querySelectorAll('#variants img')]"
UPRIGHT, TURNED = (120, 200, 3), (200, 120, 3)


def press_until(page: Page, key: str, shape: tuple[int, ...]) -> None:
    wait_for_change(page, lambda: page.keyboard.press(key))
    wait_for_album(page, 1)
    assert shown(page).shape == shape


def test_turning_is_undone_and_redone(desktop: Page) -> None:
    drop(desktop, encoded(np.ascontiguousarray(CAMERA[:120, :200]), "png"))
    wait_for_album(desktop, 1)
    color_spot(desktop, "teal", 0.8, 0.25)
    upright, said = shown(desktop), guidance_of(desktop)
    wait_for_change(desktop, desktop.get_by_role("button", name="Turn right").click)
    wait_for_album(desktop, 1)
    turned = shown(desktop)
    assert turned.shape == TURNED
    ((x, y),) = guidance_of(desktop)["hints"][0]["points"]
    assert (x, y) == pytest.approx((0.75, 0.8), abs=0.02)

    press_until(desktop, "Control+z", UPRIGHT)
    assert np.array_equal(shown(desktop), upright)
    assert guidance_of(desktop) == said
    press_until(desktop, "Control+z", UPRIGHT)
    assert guidance_of(desktop)["hints"] == []
    press_until(desktop, "Control+y", UPRIGHT)
    press_until(desktop, "Control+y", TURNED)
    assert np.array_equal(shown(desktop), turned)

    desktop.reload()
    wait_for_album(desktop, 1)
    assert np.array_equal(shown(desktop), turned)
    press_until(desktop, "Control+z", UPRIGHT)
    assert np.array_equal(shown(desktop), upright)


def test_other_colorings_follow_what_is_said(desktop: Any) -> None:
    drop(desktop, encoded(AUNT[::2, ::2], "png"))
    wait_for_album(desktop, 1)
    desktop.locator("#variants-show").click()
    expect(desktop.locator("#against")).to_be_visible()
    desktop.locator("#against").select_option("Other 1")
    expect(desktop.locator("#chip-before")).to_have_text("Other 1")
    thumbs = desktop.locator("#variants img")

    def sources() -> list[str]:
        return [str(image.get_attribute("src")) for image in thumbs.all()]

    before, other = sources(), beside_of(desktop)
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0"))
    assert np.ptp(beside_of(desktop), axis=-1).max() < np.ptp(other, axis=-1).max() / 4
    desktop.wait_for_function(
        f"(old) => {THUMBS}.every((one) => !old.includes(one.src))",
        arg=before,
    )
    expect(desktop.locator("#variants")).not_to_have_class("variants stale")
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("1"))
    assert np.array_equal(beside_of(desktop), other)

    wait_for_change(desktop, desktop.get_by_role("button", name="Turn right").click)
    wait_for_album(desktop, 1)
    assert beside_of(desktop).shape == shown(desktop).shape
    desktop.wait_for_function(
        f"(shape) => {THUMBS}.every((one) => "
        "Math.abs(one.naturalWidth / one.naturalHeight - shape[1] / shape[0]) < 0.02)",
        arg=shown(desktop).shape,
    )
    desktop.complaints.clear()  # of requests that the turn has cut short
