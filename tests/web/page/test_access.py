"""The page is there for everybody: by keyboard, with a screen reader, in a small window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Server
from tests.web.page.browser import (
    PICTURE,
    WINDOWS,
    check_with_axe,
    open_photograph,
    spot,
    visit,
    wait_for_change,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
def test_accessible_to_everybody(
    browser: Browser, server: Server, window: str, scheme: str
) -> None:
    page = visit(browser, server, window, color_scheme=scheme)
    check_with_axe(page)
    open_photograph(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("scan.jpg")
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


def test_a_message_is_read_without_those_before_it(desktop: Page, server: Server) -> None:
    """An alert would be read as a whole whenever something comes to it."""
    for page in ("", "docs"):
        desktop.goto(f"{server.url}{page}")
        expect(desktop.get_by_role("alert")).to_have_attribute("aria-atomic", "false")


def test_sliders_have_names(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.keyboard.press("b")
    desktop.mouse.click(*spot(desktop, 0.7, 0.72))
    desktop.locator("#plane-part summary").click()
    for name in ("Strength", "Saturation", "Brush size", "Reach"):
        expect(desktop.get_by_role("slider", name=name, exact=True)).to_be_visible()
    unnamed = desktop.locator("body").aria_snapshot()
    for role in ("slider", "button", "checkbox", "radio", "combobox", "textbox"):
        assert f"- {role}:" not in unnamed
        assert f"- {role}\n" not in unnamed


def test_the_focus_stays_where_it_is(desktop: Page) -> None:
    for name in ("one.jpg", "two.jpg"):
        open_photograph(desktop, PICTURE, name)
    first, second = (
        desktop.get_by_role("button", name=name, exact=True) for name in ("one.jpg", "two.jpg")
    )
    first.click()
    expect(first).to_be_focused()
    strength = desktop.get_by_role("slider", name="Strength", exact=True)
    strength.focus()
    for _ in range(10):
        desktop.keyboard.press("ArrowLeft")
    expect(desktop.locator("#strength-value")).to_have_text("90 %")
    expect(strength).to_be_focused()
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#strength-value")).to_have_text("100 %")  # ten presses are one step
    expect(desktop.locator("#undo")).to_be_disabled()

    show = desktop.locator("#variants-show")
    show.focus()
    desktop.keyboard.press("Enter")
    variants = desktop.locator("#variants button")
    expect(variants.nth(1)).to_be_visible()
    expect(show).to_be_focused()
    variants.nth(1).focus()
    wait_for_change(desktop, lambda: desktop.keyboard.press("Enter"))
    expect(variants.nth(1)).to_be_focused()

    desktop.get_by_role("button", name="Remove one.jpg").focus()
    desktop.keyboard.press("Enter")
    expect(second).to_be_focused()
    desktop.get_by_role("button", name="Remove two.jpg").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#choose")).to_be_focused()


def test_a_right_click_means_the_picture(desktop: Page) -> None:
    open_photograph(desktop)
    expect(desktop.locator("#divider")).to_have_attribute("aria-valuenow", "50")
    for x, element in ((0.2, "before"), (0.8, "after")):
        target = desktop.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).id", spot(desktop, x, 0.8)
        )
        assert target == element
