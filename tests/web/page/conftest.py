"""The system's Chromium, with every other host cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.video.films import gray_frames, write_film
from tests.web.conftest import Server
from tests.web.page.browser import CHROMIUM, CUT_OFF, QUIET, WINDOWS, check_alone, visit
from tests.web.page.films import CUTS, FRAMES, forget


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("there is no chromium (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CUT_OFF, *QUIET, "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=WINDOWS)
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """A window on the page, once large and once a phone's."""
    page = visit(browser, server, request.param)
    yield page
    check_alone(page, server)
    page.context.close()


@pytest.fixture
def desktop(browser: Browser, server: Server) -> Iterator[Page]:
    """A large window on the page."""
    page = visit(browser, server)
    yield page
    check_alone(page, server)
    page.context.close()


@pytest.fixture(scope="package")
def holiday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a second, in four shots, with sound."""
    path = tmp_path_factory.mktemp("films") / "holiday.mp4"
    return write_film(path, gray_frames(FRAMES, 96, 64, CUTS), sound="aac")


@pytest.fixture
def film_page(browser: Browser, server: Server) -> Iterator[Page]:
    """A large window on the page, of whose films the server is rid afterwards."""
    page = visit(browser, server)
    yield page
    check_alone(page, server)
    page.context.close()
    forget(server, page)
