"""The page speaks the language of its user."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from colornet.web.app import STATIC
from tests.web.conftest import Server
from tests.web.page.browser import check_alone, choose_color, drop, spot, visit
from tests.web.page.test_sizes import COVERED, is_whole, resize

pytestmark = pytest.mark.slow

COLORED = {"de": "scan.jpg ist farbig", "es": "está en color", "fr": "est en couleurs"}
HEADLINES = {
    "de-AT": "Alte Fotos in Farbe sehen",
    "es": "Tus fotos antiguas, en color",
    "fr-CA": "Vos vieilles photos en couleurs",
    "ja": "See your old photographs in color",
}


def test_every_language_is_tried() -> None:
    codes = {file.stem for file in STATIC.glob("texts/*.js")}
    assert {locale[:2] for locale in HEADLINES} == codes - {"en"} | {"ja"}
    assert COLORED.keys() == codes - {"en"}


@pytest.mark.parametrize("locale", HEADLINES)
def test_the_browser_decides(browser: Browser, server: Server, locale: str) -> None:
    page = visit(browser, server, locale=locale)
    expect(page.locator("#headline")).to_have_text(HEADLINES[locale])
    language = locale[:2] if locale != "ja" else "en"
    expect(page.locator("html")).to_have_attribute("lang", language)
    if language != "en":
        expect(page.locator("#limits")).to_contain_text("2048 M")  # of films: the texts are there
        for size in ((320, 568), (390, 664), (720, 450), (1280, 800)):
            resize(page, size)
            assert page.evaluate(COVERED, "body") == [], size
            assert is_whole(page, "#choose"), size
        drop(page)
        expect(page.locator("#status")).to_contain_text(COLORED[language])
        for size in ((320, 568), (390, 664), (720, 450), (1280, 800)):
            resize(page, size)
            assert page.evaluate(COVERED, "body") == [], size
            assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    check_alone(page, server)
    page.context.close()


def test_it_can_be_switched_and_stays(desktop: Page) -> None:
    drop(desktop)
    expect(desktop.locator("#status")).to_contain_text("is in color")
    desktop.mouse.click(*spot(desktop, 0.3, 0.72))
    choose_color(desktop, "skyblue")
    desktop.keyboard.press("Escape")
    desktop.locator("#help").click()
    desktop.locator("#help-box").get_by_label("Language").select_option("Deutsch")
    expect(desktop.locator("#help-title")).to_have_text("Tastatur")
    expect(desktop.get_by_role("radio", name="Natürlich")).to_be_attached()
    expect(desktop.locator("#hints button")).to_have_attribute(
        "aria-label", "Korrektur 1: Punkt, himmelblau #87ceeb; ändern"
    )
    expect(desktop.locator("#undo")).to_be_enabled()  # nothing is lost
    desktop.reload()
    expect(desktop.locator("#status")).to_contain_text("ist farbig")
    expect(desktop.get_by_role("button", name="Rückgängig")).to_be_attached()


def test_no_line_begins_with_a_sign_that_french_has_behind_a_space(
    browser: Browser, server: Server
) -> None:
    page = visit(browser, server, locale="fr")
    drop(page)
    expect(page.locator("#status")).to_contain_text(COLORED["fr"])
    label = page.evaluate("document.querySelector('#reference-label').textContent")
    assert "photo\N{NO-BREAK SPACE}: ce" in label
    check_alone(page, server)
    page.context.close()
