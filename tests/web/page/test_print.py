"""The photograph that is shown, on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Server
from tests.web.page.browser import check_alone, open_photograph, visit

pytestmark = pytest.mark.slow

SEEN = """() => [...document.body.querySelectorAll("*")]
    .filter((one) => one.childElementCount === 0)
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .map((one) => one.id)"""


@pytest.mark.parametrize("key", ["c", "d", "+"], ids=["color alone", "side by side", "zoomed"])
def test_the_photograph_alone_is_printed(desktop: Page, key: str) -> None:
    open_photograph(desktop)
    for _ in range(3 if key == "+" else 1):
        desktop.keyboard.press(key)
    desktop.emulate_media(media="print")
    assert desktop.evaluate(SEEN) == ["after"]
    box = desktop.locator("#after").bounding_box()
    assert box
    assert box["height"] == pytest.approx(0.96 * 800)
    assert (box["x"], box["y"], box["width"]) == (0, 0, 1280)
    assert desktop.locator("#afters").evaluate("one => getComputedStyle(one).clipPath") == "none"
    desktop.emulate_media(media="screen")
    expect(desktop.locator("#toolbar")).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", desktop.pdf())) == 1


def test_the_first_page_is_printed_as_it_is(desktop: Page) -> None:
    desktop.emulate_media(media="print")
    expect(desktop.locator("#headline")).to_be_visible()


def test_a_dark_page_is_printed_on_white(browser: Browser, server: Server) -> None:
    """Also with what is behind the photograph, which would take all of the ink."""
    page = visit(browser, server, color_scheme="dark")
    open_photograph(page)
    page.locator("#theme").click()
    page.locator("#theme").click()  # dark as the user has it
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    check_alone(page, server)
    page.context.close()
