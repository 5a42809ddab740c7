"""The page is there for everybody: by keyboard, with a screen reader, in a small window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import Server
from tests.web.page.browser import (
    WINDOWS,
    check_with_axe,
    drop,
    spot,
    visit,
    wait_for_color,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
def test_accessible_to_everybody(
    browser: Browser, server: Server, window: str, scheme: str
) -> None:
    page = visit(browser, server, window, color_scheme=scheme, reduced_motion="reduce")
    check_with_axe(page)
    drop(page)
    wait_for_color(page)
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
