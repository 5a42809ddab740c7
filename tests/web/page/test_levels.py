"""Faded prints get a black and white point before they are colored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from colornet.color import rgb_to_lab
from tests.test_levels import FADED
from tests.web.conftest import encoded
from tests.web.page.browser import (
    guidance_of,
    open_photograph,
    shown,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow
PRINT = encoded(FADED, "png")


def ends(page: Page) -> Any:
    """The darkest and the lightest lightness that is shown, but for strays."""
    return np.percentile(rgb_to_lab(shown(page) / 255)[..., 0], (1, 99))


def set_slider(page: Page, name: str, value: int, final: bool = True) -> None:
    page.locator(name).evaluate(
        """(slider, [value, final]) => {
            slider.value = value;
            slider.dispatchEvent(new Event("input"));
            if (final) slider.dispatchEvent(new Event("change"));
        }""",
        [value, final],
    )


def test_a_faded_print_is_freshened(desktop: Page, tmp_path: Path) -> None:
    open_photograph(desktop, PRINT, "faded.png")
    black, white = ends(desktop)
    assert black > 25
    assert white < 80
    wait_for_change(desktop, desktop.get_by_role("button", name="Auto").click)
    auto = ends(desktop)
    assert auto[0] < 10
    assert auto[1] > 90
    assert guidance_of(desktop)["levels"] == "auto"
    expect(desktop.locator("#status")).to_contain_text("Black at ")
    found = [int(desktop.locator(name).input_value()) for name in ("#black", "#white")]
    assert np.abs(np.subtract(found, (30, 75))).max() <= 5

    wait_for_change(desktop, lambda: set_slider(desktop, "#white", 100, final=False))
    live = ends(desktop)
    assert live[0] < 10
    assert live[1] < 80
    wait_for_change(desktop, lambda: set_slider(desktop, "#white", 100))
    assert guidance_of(desktop)["levels"] == [found[0], 100]
    expect(desktop.locator("#levels-auto")).to_have_attribute("aria-pressed", "false")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    assert guidance_of(desktop)["levels"] == "auto"
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    assert guidance_of(desktop)["levels"] is None
    assert np.abs(ends(desktop) - (black, white)).max() < 0.5
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+y"))

    original = desktop.locator("#before").get_attribute("src")
    assert original
    desktop.reload()
    wait_for_color(desktop)
    assert np.abs(ends(desktop) - auto).max() < 0.5, "it is kept with the photograph"
    with desktop.expect_download() as download:
        desktop.evaluate("document.querySelector('#save-one').click()")
    assert np.abs(_ends_of(Path(download.value.path())) - auto).max() < 2
    with desktop.expect_download() as download:
        desktop.evaluate("document.querySelector('#project-save').click()")
    project = tmp_path / "album.colornet"
    download.value.save_as(project)
    desktop.set_input_files("#project-file", [project])
    expect(desktop.locator(".frame")).to_have_count(2)
    wait_for_color(desktop)
    desktop.keyboard.press("PageDown")
    assert guidance_of(desktop)["levels"] == "auto"


def _ends_of(path: Path) -> Any:
    from PIL import Image

    with Image.open(path) as image:
        return np.percentile(rgb_to_lab(np.asarray(image)[..., :3] / 255)[..., 0], (1, 99))


def test_black_stays_below_white_and_keys_are_one_step(desktop: Page) -> None:
    open_photograph(desktop, PRINT, "faded.png")
    wait_for_change(desktop, lambda: set_slider(desktop, "#white", 40))
    wait_for_change(desktop, lambda: set_slider(desktop, "#black", 90))
    assert guidance_of(desktop)["levels"] == [35, 40]
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    desktop.locator("#black").focus()
    for _ in range(10):
        wait_for_change(desktop, lambda: desktop.keyboard.press("ArrowRight"))
    assert guidance_of(desktop)["levels"] == [10, 40]
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    assert guidance_of(desktop)["levels"] == [0, 40]


def test_a_look_takes_them_along(desktop: Page) -> None:
    for name in ("one.png", "two.png"):
        open_photograph(desktop, PRINT, name)
    wait_for_change(desktop, desktop.locator("#levels-auto").click)
    desktop.locator("#apply").click()
    expect(desktop.locator("#status")).to_contain_text("applied to 1 of 1")
    desktop.keyboard.press("PageDown")
    assert guidance_of(desktop)["levels"] == "auto"
