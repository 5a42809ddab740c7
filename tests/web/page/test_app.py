"""The page can be installed, and opens while the server does not answer."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from colornet.web.app import STATIC
from tests.web.conftest import Server, running
from tests.web.page.browser import visit

API_PAGE = {"docs.html", "css/docs.css", "js/docs.js"}


def test_the_worker_keeps_every_file_of_the_page() -> None:
    script = (STATIC / "sw.js").read_text("utf-8")
    listed = re.search(r"const FILES = \[(.*?)\];", script, re.DOTALL)
    assert listed
    files = {
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*")
        if path.is_file() and path.suffix != ".txt"
    }
    expected = files - API_PAGE - {"sw.js", "index.html"} | {"./"}
    assert re.findall(r'"(.*?)"', listed[1]) == sorted(expected)


def test_the_manifest_names_icons_that_are_there(server: Server) -> None:
    answer = server.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = json.loads(answer.text)
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        content = server.get(f"/{icon['src']}").content
        if icon["type"] == "image/png":
            width, height = Image.open(io.BytesIO(content)).size
            assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.slow
def test_it_opens_while_the_server_is_gone(browser: Browser) -> None:
    with running("--model=faces") as server:
        page = visit(browser, server, service_workers="allow")
        expect(page.locator("#limits")).to_contain_text("64 MB")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.get_by_role("button", name="Choose photographs")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("The server does not answer")
    expect(page.locator("#limits")).to_contain_text("see whether colornet serve still runs")
    page.context.close()


@pytest.mark.slow
def test_opened_as_a_file_it_says_what_it_needs(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    says = "() => { const { content, visibility } = getComputedStyle(document.body, '::before');"
    says += " return visibility === 'visible' && content.includes('Run colornet serve'); }"
    page.goto((STATIC / "index.html").as_uri())
    page.wait_for_function(says)
    page.goto(server.url)
    expect(page.locator("#limits")).to_contain_text("megapixels")
    assert not page.evaluate(says)
    page.goto(f"{server.url}docs")
    expect(page.locator("#operations")).to_contain_text("/api/v1/colorize")
    assert not page.evaluate(says)
    page.close()


@pytest.mark.slow
def test_the_page_of_the_api_says_that_the_server_is_gone(desktop: Any, server: Server) -> None:
    desktop.route("**/openapi.json", lambda route: route.abort())
    desktop.goto(f"{server.url}docs")
    message = desktop.locator(".toast")
    expect(message).to_contain_text("The server does not answer")
    desktop.complaints.clear()  # the browser tells of the request
    message.get_by_role("button", name="Dismiss").click()
    expect(message).to_have_count(0)
    assert desktop.complaints == []


@pytest.mark.slow
def test_the_page_of_the_api_says_what_is_uploaded(desktop: Page, server: Server) -> None:
    desktop.goto(f"{server.url}docs")
    operations = desktop.locator(".operation")
    expect(operations.first).to_contain_text("/api/v1/colorize")
    expect(desktop.locator("#example")).not_to_contain_text("Bearer")
    for path, what in {"colorize": "picture", "canvases": "picture", "films": "film"}.items():
        operation = operations.filter(has_text=re.compile(rf"^POST/api/v1/{path}[A-Z]"))
        operation.locator("summary").click()
        expect(operation.locator("h3", has_text="Body")).to_have_text(
            f"Body: the {what} itself, or a form"
        )
