"""Two tabs on one album: neither undoes what the other does, and one says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Server
from tests.web.page.browser import (
    check_with_axe,
    open_photograph,
    visit,
    wait_for_change,
)
from tests.web.page.test_album import choose, open_album, wait_for_album

pytestmark = pytest.mark.slow


@pytest.fixture
def tabs(browser: Browser, server: Server) -> Iterator[tuple[Page, Page]]:
    """Two tabs of one browser; only the first is on the page yet."""
    first = visit(browser, server)
    yield first, first.context.new_page()
    first.context.close()


def strength(page: Page) -> Any:
    return expect(page.locator("#strength-value"))


def test_the_tab_that_was_opened_last_has_the_album(
    tabs: tuple[Page, Page], server: Server
) -> None:
    first, second = tabs
    elsewhere = [page.get_by_role("dialog", name="open in another tab") for page in tabs]
    open_album(first, "one.png", "two.png")
    wait_for_change(first, lambda: first.locator("#strength").fill("0.8"))
    expect(elsewhere[0]).to_be_hidden()

    second.goto(server.url)
    wait_for_album(second, 2)
    strength(second).to_have_text("80 %")
    expect(elsewhere[0]).to_be_visible()
    expect(elsewhere[1]).to_be_hidden()
    expect(first.locator("#elsewhere-refused")).to_be_hidden()
    check_with_axe(first)
    for _ in range(3):
        first.keyboard.press("Escape")
    expect(elsewhere[0]).to_be_visible()
    wait_for_change(second, lambda: second.locator("#strength").fill("0.5"))

    # what the first would still do comes too late, as if it had been asleep
    first.evaluate("document.querySelector('#strength').value = 0.1")
    first.evaluate("document.querySelector('#strength').dispatchEvent(new Event('change'))")
    expect(first.locator("#elsewhere-refused")).to_be_visible()
    choose(first, "three.png")  # a new one takes nothing away
    wait_for_album(first, 3)

    first.get_by_role("button", name="Go on in this tab").click()
    wait_for_album(first, 3)
    strength(first).to_have_text("50 %")
    expect(elsewhere[0]).to_be_hidden()
    expect(elsewhere[1]).to_be_visible()
    wait_for_change(first, lambda: first.keyboard.press("Control+z"))
    strength(first).to_have_text("80 %")


def test_the_other_tab_cannot_remove_anything(tabs: tuple[Page, Page], server: Server) -> None:
    first, second = tabs
    open_album(first, "one.png", "two.png")
    second.goto(server.url)
    wait_for_album(second, 2)
    expect(first.locator("#elsewhere-box")).to_be_visible()
    first.on("dialog", lambda question: question.accept())
    first.evaluate("document.querySelector('.remove').click()")
    first.evaluate("document.querySelector('#forget').click()")
    expect(first.locator("#elsewhere-refused")).to_be_visible()
    second.reload()
    wait_for_album(second, 2)


def test_copies_of_results_are_removed(tabs: tuple[Page, Page], server: Server) -> None:
    """Those that were handed over to the browser, but for what another tab is writing."""
    first, second = tabs
    first.evaluate("""async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle("downloads", { create: true });
        const busy = await folder.getFileHandle("busy.zip", { create: true });
        window.writing = await busy.createWritable();
        await folder.getFileHandle("old.zip", { create: true });
    }""")
    complaints: list[str] = []
    second.on("pageerror", lambda error: complaints.append(str(error)))
    second.clock.install(time=datetime.now() + timedelta(hours=1))
    second.goto(server.url)
    expect(second.locator("#limits")).to_contain_text("megapixels")
    names = """async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle("downloads");
        return Array.fromAsync(folder.keys());
    }"""
    for _ in range(100):
        if "old.zip" not in second.evaluate(names):
            break
        second.wait_for_timeout(100)
    assert "old.zip" not in second.evaluate(names)
    assert "busy.zip" in second.evaluate(names)
    assert complaints == []

    first.evaluate("() => window.writing.abort()")
    second.on("dialog", lambda question: question.accept())
    open_photograph(second)
    second.locator("#forget").click()
    expect(second.locator("#status")).to_have_text("Everything is forgotten")
    assert second.evaluate(names) == []
