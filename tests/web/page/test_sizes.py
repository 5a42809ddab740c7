"""In a small window, too, every control can be reached."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Server
from tests.web.page.browser import (
    check_alone,
    open_photograph,
    settled_box,
    spot,
    visit,
)
from tests.web.page.test_album import open_album

pytestmark = pytest.mark.slow

SIZES = [
    *[(390, 664), (375, 667), (360, 640), (320, 568), (412, 732)],
    *[(800, 600), (720, 450), (683, 384)],
    *[(1280, 800), (1024, 768)],
]

COVERED = """(root) => {
    const all = [...document.querySelectorAll(`${root} :is(button, input, select, a, summary)`)];
    const covered = [];
    for (const control of all) {
        if (!control.checkVisibility({ visibilityProperty: true })) continue;
        if (control.closest('.skip') || control.disabled) continue;
        control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { left, top, width, height } = control.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        if (control.contains(hit) || control.closest('label')?.contains(hit)) continue;
        covered.push(`${control.outerHTML.slice(0, 80)} by ${hit?.outerHTML.slice(0, 80)}`);
    }
    return covered;
}"""
"""The controls that something else covers, or that lie outside of the window."""


def test_every_control_can_be_hit(desktop: Page) -> None:
    page = desktop
    for size in SIZES:
        resize(page, size)
        assert page.evaluate(COVERED, "body") == [], size
        for element in ("#headline", "#choose", "#try"):
            assert is_whole(page, element), (size, element)
    open_photograph(page)
    for size in SIZES:
        resize(page, size)
        for element in ("#film", "#download", "#help"):
            assert is_whole(page, element), (size, element)
        assert page.evaluate(COVERED, "body") == [], size
        for tab in page.get_by_role("tab").all():
            tab.click()
            assert page.evaluate(COVERED, "#panel") == [], size
        page.mouse.click(*spot(page, 0.7, 0.7))
        expect(page.locator(".swatch")).to_have_count(8)
        assert page.evaluate(COVERED, "#picker") == [], size
        page.keyboard.press("Escape")


def test_a_window_at_400_percent(desktop: Page) -> None:
    """As large as 1280 x 1024 pixels are then: the photograph is seen, and the rest scrolled to."""
    open_photograph(desktop)
    expect(desktop.locator("#chip-after")).to_have_css("opacity", "1")
    resize(desktop, (320, 256))
    stage, photograph = desktop.locator("#stage").bounding_box(), settled_box(desktop)
    assert stage
    assert (stage["width"], stage["height"]) >= (320, 120)
    assert photograph["height"] > 100
    for element in ("#film", "#download", "#help"):
        assert is_whole(desktop, element), element
    for chip in ("#chip-before", "#chip-after"):  # which would lie upon each other
        expect(desktop.locator(chip)).to_have_css("opacity", "0")
    for tab in desktop.get_by_role("tab").all():
        tab.click()
        assert desktop.evaluate(COVERED, "#panel") == []
    assert desktop.evaluate("document.documentElement.scrollWidth") == 320


def test_the_keys_are_read_in_every_language_on_a_small_phone(desktop: Page) -> None:
    resize(desktop, (320, 568))
    desktop.locator("#help").click()
    box, language = desktop.locator("#help-box"), desktop.locator("#help-box select")
    for code in language.evaluate("select => [...select.options].map(({ value }) => value)"):
        language.select_option(code)
        assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0, code


@pytest.mark.parametrize("size", [(320, 256), (320, 200), (740, 360), (915, 412)])
def test_the_box_of_colors_leaves_the_photograph_in_sight(
    desktop: Page, size: tuple[int, int]
) -> None:
    """In a window at 400 %, and on a phone that lies on its side."""
    resize(desktop, size)
    open_photograph(desktop)
    desktop.locator("#stage").focus()
    before = settled_box(desktop)
    desktop.keyboard.press("c")
    desktop.keyboard.press("ArrowRight")
    desktop.keyboard.press("Enter")
    expect(desktop.locator(".swatch")).to_have_count(8)
    box, photograph = desktop.locator("#picker").bounding_box(), settled_box(desktop)
    assert box
    assert photograph["x"] + photograph["width"] <= box["x"]
    assert photograph["width"] > 90
    assert photograph["height"] > 90
    assert desktop.evaluate(COVERED, "#picker") == []
    desktop.keyboard.press("Escape")
    assert settled_box(desktop) == before


def test_nothing_lies_below_the_camera_of_a_phone_on_its_side(
    browser: Browser, server: Server
) -> None:
    page = visit(browser, server, size=(844, 390))
    session = page.context.new_cdp_session(page)
    insets = {"left": 47, "right": 47, "bottom": 21}
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    open_album(page, "one.png", "two.png")
    page.locator("#stage").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".swatch")).to_have_count(8)
    for name in ("#brand", "#download", "#select-all", "#white", ".frame >> nth=0", "#picker"):
        box = page.locator(name).bounding_box()
        assert box
        assert box["x"] >= 47, name
        assert box["x"] + box["width"] <= 844 - 47, name
        assert box["y"] + box["height"] <= 390 - 21 or name == "#picker", name
    check_alone(page, server)
    page.context.close()


def test_the_window_is_turned_while_a_color_is_chosen(desktop: Page) -> None:
    """The photograph gives way to the box where that is now, and to nothing else."""
    open_photograph(desktop)
    whole = {}
    for size in [(320, 568), (740, 360), (844, 390), (320, 256), (1280, 800)]:
        resize(desktop, size)
        whole[size] = settled_box(desktop)
    resize(desktop, (320, 568))
    desktop.keyboard.press("c")
    desktop.mouse.click(*spot(desktop, 0.5, 0.95))
    expect(desktop.locator(".swatch")).to_have_count(8)
    upright = settled_box(desktop)
    assert upright != whole[(320, 568)]
    for size in [
        (740, 360),
        (320, 568),
        (844, 390),
        (320, 568),
        (1280, 800),
        (320, 256),
        (740, 360),
    ]:
        resize(desktop, size)
        now, box = settled_box(desktop), desktop.locator("#picker").bounding_box()
        assert box
        if size == (320, 568):
            assert now == upright
        elif size == (320, 256):
            assert now["width"] > 90
            assert now["x"] + now["width"] <= box["x"]
        else:
            assert now == whole[size]


def resize(page: Page, size: tuple[int, int]) -> None:
    """Give the window another size; the page heeds it."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def is_whole(page: Page, element: str) -> bool:
    """Whether it lies inside the window, and nothing covers its middle."""
    return bool(
        page.evaluate(
            """(selector) => {
                const element = document.querySelector(selector);
                const { left, top, right, bottom } = element.getBoundingClientRect();
                const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
                    && element.contains(hit);
            }""",
            element,
        )
    )
