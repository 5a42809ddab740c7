"""Films on the page, and what a person does with them again and again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.conftest import Server

FRAMES, CUTS = 24, (6, 12, 18)
"""Of the film that the tests use; its last shot shows what the first does."""


def asked_for(page: Any) -> set[str]:
    """The paths of the films that the page asked for."""
    return {path for url in page.requests for path in re.findall(r"/api/v1/films/[\w-]+", url)}


def films_of(server: Server, page: Any) -> list[str]:
    """Those of them that the server still has."""
    return [path for path in sorted(asked_for(page)) if server.get(path).status_code == 200]


def forget(server: Server, page: Any) -> None:
    for path in asked_for(page):
        server.delete(path)


def choose(page: Page, film: Path) -> None:
    page.set_input_files("#files", film)


def wait_for_still(page: Page) -> None:
    expect(page.locator("#after")).to_have_attribute("src", re.compile("blob:"))
    expect(page.locator("#working")).to_be_hidden()


def open_film(page: Page, film: Path) -> None:
    choose(page, film)
    wait_for_still(page)


def shot(page: Page, number: int) -> Any:
    return page.get_by_role("button", name=re.compile(rf"^Shot {number}, from"))


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)
