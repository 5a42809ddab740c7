"""A walk through the page by the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.page.browser import (
    PICTURE,
    check_with_axe,
    choose_color,
    open_photograph,
    payload,
    wait_for_change,
    wait_for_color,
)
from tests.web.page.test_album import open_album

pytestmark = pytest.mark.slow

STOPS = """() => [...document.querySelectorAll(
    'a[href], button, input, select, summary, [tabindex="0"]'
)].filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !one.disabled && one.tabIndex >= 0
    && !(one.type === 'radio' && !one.checked))"""
"""What Tab has to reach: of radio buttons, the one that is chosen."""
FOCUSED = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const shows = [one, one.closest('label'), one.nextElementSibling, one.previousElementSibling];
    const hasRing = (each) => each && getComputedStyle(each).outlineStyle !== 'none';
    const marked = shows.some(hasRing);
    window.reached ??= new Set();
    window.reached.add(one);
    return { name: one.id || one.outerHTML.slice(0, 90), marked, isBody: one === document.body,
        isSeen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth };
}"""


def walk(page: Page, key: str) -> list[dict[str, Any]]:
    """Press a key until the focus has left the page; returns where it was."""
    page.evaluate("() => { window.reached = new Set(); document.activeElement.blur(); }")
    found: list[dict[str, Any]] = []
    for _ in range(150):
        page.keyboard.press(key)
        stop = page.evaluate(FOCUSED)
        if stop["isBody"] and found:
            return found
        found.append(stop)
    raise AssertionError(f"the focus goes round: {[stop['name'] for stop in found[-8:]]}")


def test_every_control_is_reached_and_shows_it(page: Page) -> None:
    open_album(page, "one.png", "two.png")
    for key in ("Tab", "Shift+Tab"):
        stops = walk(page, key)
        all_of_them = page.evaluate_handle(STOPS)
        missed = (
            "(all) => all.filter((one) => !window.reached.has(one)).map((one) => one.outerHTML)"
        )
        assert page.evaluate(missed, all_of_them) == []
        assert len(stops) > 20
        assert [stop["name"] for stop in stops if not stop["isSeen"]] == []
        assert [stop["name"] for stop in stops if not stop["marked"]] == []
    check_with_axe(page)


def test_a_photograph_is_corrected_and_saved_without_a_pointer(desktop: Page) -> None:
    photograph = payload("scan.jpg", PICTURE)
    with desktop.expect_file_chooser() as chooser:
        desktop.locator("#choose").press("Enter")
    chooser.value.set_files(photograph)
    wait_for_color(desktop)
    expect(desktop.locator("#stage")).to_be_focused()
    desktop.locator(".skip").press("Enter")
    expect(desktop.locator("#stage")).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        desktop.keyboard.press(key)
    expect(desktop.locator("#status")).to_contain_text("% from the left")
    desktop.keyboard.press("Enter")
    expect(desktop.locator(".swatch").first).to_be_focused()
    desktop.keyboard.press("Tab")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Enter"))
    choose_color(desktop, "teal")
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#picker")).to_be_hidden()
    expect(desktop.locator("#stage")).to_be_focused()
    expect(desktop.locator("#hints button")).to_have_count(1)
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#hints button")).to_have_count(0)
    desktop.keyboard.press("1")
    expect(desktop.locator("#zoom-level")).to_have_text("100 %")
    desktop.keyboard.press("c")
    expect(desktop.locator("#compare")).to_have_attribute("aria-pressed", "false")
    with desktop.expect_download():
        desktop.keyboard.press("Control+s")
    desktop.keyboard.press("?")
    expect(desktop.locator("#help-box")).to_be_visible()
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#stage")).to_be_focused()


def test_what_a_message_tells_of_is_taken_back_by_the_key_for_undo(desktop: Page) -> None:
    """As what was done last; what was done after that comes first."""
    open_album(desktop, "one.png", "two.png")
    frames = desktop.locator(".frame")
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    desktop.get_by_role("button", name="Remove two.png").focus()
    desktop.keyboard.press("Enter")
    expect(frames).to_have_count(1)
    desktop.get_by_role("button", name="Remove one.png").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#choose")).to_be_focused()
    desktop.keyboard.press("Control+z")
    expect(frames).to_have_count(1)
    wait_for_color(desktop, "one.png")
    desktop.keyboard.press("Control+z")
    expect(frames).to_have_count(2)
    wait_for_color(desktop, "two.png")
    expect(desktop.locator(".toast")).to_have_count(0)

    desktop.get_by_role("button", name="Remove two.png").focus()
    desktop.keyboard.press("Enter")
    expect(frames).to_have_count(1)
    expect(desktop.locator("#strength-value")).to_have_text("50 %")
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.2"))
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#strength-value")).to_have_text("50 %")
    expect(frames).to_have_count(1)

    undo = desktop.locator(".toast").get_by_role("button", name="Undo")
    undo.focus()
    desktop.keyboard.press("Enter")
    expect(frames).to_have_count(2)
    expect(desktop.locator("#stage")).to_be_focused()


def test_what_is_told_again_is_told(desktop: Page) -> None:
    """Screen readers keep quiet about a text that is what it was."""
    open_photograph(desktop)
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    wait_for_change(desktop, lambda: desktop.locator("#saturation").fill("0.5"))
    status = "document.querySelector('#status').textContent"
    told = []
    for _ in range(2):
        wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
        expect(desktop.locator("#status")).to_have_text("Undone")
        told.append(desktop.evaluate(status))
    assert told[0] != told[1]


def test_other_colorings_are_reached_also_where_none_of_them_is_chosen(desktop: Page) -> None:
    open_photograph(desktop)
    variant = payload("variant.json", b'{"version": 1, "variant": 7}', "application/json")
    wait_for_change(desktop, lambda: desktop.set_input_files("#json-file", variant))
    desktop.get_by_role("button", name="Show them", exact=True).click()
    others = desktop.locator("#variants button")
    expect(others.first).to_have_attribute("tabindex", "0")
    expect(others.and_(desktop.locator('[tabindex="0"]'))).to_have_count(1)


def test_brackets_are_typed_with_alt_on_many_keyboards(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.keyboard.press("b")
    expect(desktop.locator("#brush-value")).to_have_text("3 %")
    for key, size in (("[", "2.5 %"), ("]", "3 %")):
        desktop.keyboard.press(f"Alt+{key}")
        expect(desktop.locator("#brush-value")).to_have_text(size)
    desktop.keyboard.press("Alt+s")
    expect(desktop.get_by_role("radio", name="Brush")).to_be_checked()


def test_a_key_event_without_a_key(desktop: Any) -> None:
    """Browsers send one when they fill in a field themselves."""
    open_photograph(desktop)
    for kind in ("keydown", "keyup"):
        desktop.evaluate(
            """(kind) => {
                for (const place of ["hex", "stage"]) {
                    const target = document.getElementById(place);
                    target.dispatchEvent(new Event(kind, { bubbles: true }));
                }
            }""",
            kind,
        )
    assert desktop.complaints == []
