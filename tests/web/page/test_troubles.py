"""Something is in the way: the page says so, goes on, and loses nothing in silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, Route, expect
from skimage import data

from tests.web.conftest import Server, encoded, running
from tests.web.page.browser import (
    CUT_OFF,
    PICTURE,
    QUIET,
    WITH_WINDOWS,
    choose_color,
    color_spot,
    drop,
    guidance_of,
    open_photograph,
    payload,
    shown,
    spot,
    visit,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow

SILENT = "The server does not answer; see whether colornet serve still runs."


def test_the_example_without_a_server(desktop: Any) -> None:
    desktop.route("**/example.jpg", lambda route: route.abort())
    desktop.get_by_role("button", name="Try this one").click()
    expect(desktop.locator(".toast")).to_contain_text("The server does not answer")
    expect(desktop.locator("#welcome")).to_be_visible()
    assert [line for line in desktop.complaints if "Failed to load" not in line] == []
    desktop.complaints.clear()


def test_an_answer_that_breaks_off(desktop: Any) -> None:
    """The server was killed while it sent it: the page says that, and not the browser."""
    open_photograph(desktop)
    with breaking_off() as url:
        desktop.route("**/colorize", lambda route: route.continue_(url=url))
        desktop.locator("#strength").fill("0.5")
        toast = desktop.locator(".toast")
        expect(toast).to_have_text(f"scan.jpg: {SILENT}")
        toast.get_by_role("button").click()
        desktop.route("**/uncertainty?*", lambda route: route.continue_(url=url))
        desktop.locator("#unsure").click()
        expect(toast).to_have_text(f"scan.jpg: {SILENT}")
    desktop.unroute("**/colorize")
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.6"))
    assert all("Failed to load resource" in line for line in desktop.complaints)
    desktop.complaints.clear()


@contextmanager
def breaking_off() -> Iterator[str]:
    """A server, of which every answer ends too early."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            head = iter(self.rfile.readline, b"\r\n")
            length = sum(
                int(line[15:]) for line in head if line.lower().startswith(b"content-length:")
            )
            self.rfile.read(length)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_a_color_that_is_only_tried_out_is_not_left_behind(desktop: Page) -> None:
    """The box is closed while a color is dragged: what is shown is what is kept."""
    open_photograph(desktop)
    color_spot(desktop, "teal", 0.3, 0.5)
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    desktop.locator("#plane-part summary").click()
    plane = desktop.locator("#plane").bounding_box()
    assert plane
    kept = desktop.locator("#hints button").get_attribute("style")

    def drag() -> None:
        desktop.mouse.move(plane["x"] + plane["width"] / 2, plane["y"] + plane["height"] / 2)
        desktop.mouse.down()
        desktop.mouse.move(plane["x"] + plane["width"] * 0.7, plane["y"] + plane["height"] * 0.7)

    wait_for_change(desktop, drag)
    expect(desktop.locator("#hints button")).not_to_have_attribute("style", kept or "")
    wait_for_change(desktop, lambda: desktop.keyboard.press("Escape"))
    desktop.mouse.up()
    expect(desktop.locator("#picker")).to_be_hidden()
    expect(desktop.locator("#hints button")).to_have_attribute("style", kept or "")
    expect(desktop.locator(".toast")).to_have_count(0)


def test_what_is_said_last_is_shown_also_after_a_failure(desktop: Any) -> None:
    """A coloring fails while the next one waits for it: that one is done all the same."""
    open_photograph(desktop)
    held: list[Route] = []
    desktop.route("**/colorize", lambda route: held.append(route), times=1)
    strength = desktop.locator("#strength")
    with desktop.expect_request("**/colorize"):
        strength.evaluate("one => { one.value = 0.5; one.dispatchEvent(new Event('input')); }")
    strength.evaluate("one => { one.value = 0; one.dispatchEvent(new Event('change')); }")
    wait_for_change(desktop, held[0].abort)
    assert np.ptp(shown(desktop), axis=2).max() <= 1
    expect(desktop.locator(".toast")).to_have_count(0)
    desktop.complaints.clear()


def test_what_was_said_without_a_server_is_shown_once_it_is_back(desktop: Any) -> None:
    """The slider would say one thing, and the picture show another."""
    for name in ("one.jpg", "two.jpg"):
        open_photograph(desktop, name=name)
    usual = shown(desktop)
    desktop.route("**/colorize", lambda route: route.abort())
    desktop.locator("#saturation").fill("0")
    told = desktop.locator(".toast", has_text="two.jpg: The server does not answer")
    expect(told).to_be_visible()
    desktop.keyboard.press("PageUp")
    desktop.unroute("**/colorize")
    wait_for_change(desktop, lambda: desktop.keyboard.press("PageDown"))
    expect(desktop.locator("#photo-title")).to_contain_text("two.jpg")
    assert not np.array_equal(shown(desktop), usual)
    assert np.ptp(shown(desktop), axis=2).max() <= 3  # gray, as the slider says

    desktop.route("**/colorize", lambda route: route.abort())
    desktop.locator("#saturation").fill("1")
    expect(told).to_be_visible()
    desktop.unroute("**/colorize")
    wait_for_change(desktop, lambda: desktop.evaluate("dispatchEvent(new Event('focus'))"))
    assert np.array_equal(shown(desktop), usual)
    desktop.complaints.clear()


def test_a_color_that_was_chosen_without_a_server_is_kept(desktop: Any) -> None:
    """And with it the one before, which it took the place of."""
    open_photograph(desktop)
    desktop.mouse.click(*spot(desktop, 0.7, 0.7))
    choose_color(desktop, "teal")
    desktop.route("**/colorize", lambda route: route.abort())
    desktop.locator("#hex").fill("red")
    desktop.keyboard.press("Enter")
    expect(desktop.locator(".toast")).to_contain_text("The server does not answer")
    expect(desktop.locator("#picker")).to_be_visible()
    desktop.unroute("**/colorize")
    wait_for_change(desktop, lambda: desktop.evaluate("dispatchEvent(new Event('focus'))"))
    assert [hint["color"] for hint in guidance_of(desktop)["hints"]] == ["#ff0000"]
    desktop.complaints.clear()


def test_what_was_said_of_others_without_a_server_is_seen_once_it_is_back(desktop: Any) -> None:
    """In the strip, without that they are shown one after another."""
    names = ("one.jpg", "two.jpg", "three.jpg")
    for name in names:
        open_photograph(desktop, name=name)
    wait_for_change(desktop, lambda: desktop.locator("#saturation").fill("0"))
    thumbs = desktop.locator(".frame img")
    before = [thumb.get_attribute("src") for thumb in thumbs.all()]
    desktop.route("**/colorize", lambda route: route.abort())
    desktop.get_by_role("button", name="Give this look to all").click()
    expect(desktop.locator("#status")).to_have_text("The look was applied to 0 of 2")
    assert [thumb.get_attribute("src") for thumb in thumbs.all()] == before
    desktop.unroute("**/colorize")
    desktop.evaluate("dispatchEvent(new Event('focus'))")
    for number in range(2):
        expect(thumbs.nth(number)).not_to_have_attribute("src", before[number])
    expect(thumbs.nth(2)).to_have_attribute("src", before[2])
    expect(desktop.locator("#photo-title")).to_contain_text("three.jpg")
    desktop.complaints.clear()


def test_what_takes_long_is_told(desktop: Page) -> None:
    """Where the server or the way to it is slow; what comes at once is not accompanied."""
    open_photograph(desktop)
    held: list[Route] = []
    desktop.route("**/colorize", lambda route: held.append(route), times=1)
    working = desktop.locator("#working")
    with desktop.expect_request("**/colorize"):
        desktop.locator("#strength").fill("0.5")
    assert not working.is_visible()
    expect(working).to_be_visible()
    expect(working).to_have_text("Coloring")
    wait_for_change(desktop, held[0].continue_)
    expect(working).to_be_hidden()


@pytest.mark.parametrize("by", ["Retry", "focus", "show"])
def test_what_found_no_server_is_colored_once_it_is_back(desktop: Any, by: str) -> None:
    """All of an album, not one photograph after another."""
    open_photograph(desktop, name="zero.jpg")
    desktop.route("**/canvases?*", lambda route: route.abort())
    for name in ("one.jpg", "two.jpg", "three.jpg"):
        drop(desktop, name=name)
    expect(desktop.locator(".frame.failed")).to_have_count(3)
    if by == "focus":
        desktop.get_by_role("button", name="zero.jpg", exact=True).click()
    desktop.unroute("**/canvases?*")
    if by == "Retry":
        desktop.get_by_role("button", name="Retry").click()
    elif by == "show":
        desktop.keyboard.press("PageUp")
    else:
        desktop.evaluate("dispatchEvent(new Event('focus'))")
    expect(desktop.locator(".frame.failed")).to_have_count(0)
    expect(desktop.locator(".frame.busy")).to_have_count(0)
    for _ in range(3):
        expect(desktop.locator("#failure")).to_be_hidden()
        desktop.keyboard.press("PageUp")
    desktop.complaints.clear()  # the browser tells of the requests that failed


def test_work_for_which_there_is_no_room_is_asked_about(desktop: Any) -> None:
    """The browser has no more room: closing the page would lose what was done."""
    desktop.evaluate("""() => {
        IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError"); };
    }""")
    drop(desktop)
    expect(desktop.locator(".toast")).to_contain_text("no more room")
    wait_for_color(desktop)
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.8"))
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desktop.on("dialog", answer)
    desktop.reload()
    assert asked == ["beforeunload"]


def test_what_the_browser_cannot_store_is_told(desktop: Any) -> None:
    """As Safari, which stores no files in a private window: the request fails later."""
    desktop.evaluate("""() => {
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (value, key) {
            put.call(this, value, key);
            return this.add(value, key);
        };
    }""")
    drop(desktop)
    expect(desktop.locator(".toast")).to_contain_text("keeps nothing of your work")
    wait_for_color(desktop)


def test_a_late_answer_does_not_ask_for_the_token_again(browser: Browser) -> None:
    """It is about the token before: the request is sent again with the one that is right."""
    with running("--model=faces", "--token=right") as server:
        page: Any = visit(browser, server)
        asked = page.get_by_role("dialog", name="This server asks for a token")
        expect(asked).to_be_visible()
        late: list[tuple[Route, Any]] = []
        page.route("**/models", lambda route: late.append((route, route.fetch())), times=1)
        with page.expect_request("**/models"):
            drop(page)
        page.get_by_role("textbox", name="Token").fill("right")
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("#limits")).to_contain_text("megapixels")
        [(route, refused)] = late
        assert refused.status == 401
        route.fulfill(response=refused)
        wait_for_color(page)
        expect(page.locator("#token-box")).to_be_hidden()
        page.context.close()


def test_a_failure_is_not_covered_by_its_own_message(desktop: Any) -> None:
    """As on a phone, where messages are above the photograph."""
    contents = {"scan.jpg": PICTURE, "diary.jpg": b"Dear diary", "letter.jpg": b""}
    files = [payload(name, buffer) for name, buffer in contents.items()]
    desktop.set_input_files("#files", files)
    messages = desktop.locator(".toast")
    expect(messages).to_have_count(2)
    desktop.get_by_role("button", name="diary.jpg, failed", exact=True).click()
    expect(desktop.locator("#failure")).to_be_visible()
    expect(messages).to_have_count(1)
    expect(messages).to_contain_text("letter.jpg")
    desktop.complaints.clear()  # the browser tells of the status 422 and of the picture


def test_messages_leave_room_for_a_failure_on_a_phone(server: Server, browser: Browser) -> None:
    for size in ((390, 844), (320, 568), (568, 320)):
        phone: Any = visit(browser, server, "phone", size)
        contents = (b"", b"Dear diary", PICTURE[:3000], b"%PDF-1.7 of a letter")
        files = [payload(f"{i} of the album.jpg", buffer) for i, buffer in enumerate(contents)]
        phone.set_input_files("#files", files)
        expect(phone.locator(".toast")).to_have_count(3)
        expect(phone.locator(".toast").filter(visible=True)).to_have_count(1)
        phone.get_by_role("button", name="Remove it").click(trial=True, timeout=2000)
        phone.get_by_role("button", name="Retry").click(trial=True, timeout=2000)
        phone.get_by_role("button", name="1 of the album.jpg, failed", exact=True).click()
        phone.get_by_role("button", name="Remove it").click(timeout=2000)
        expect(phone.locator(".toast", has_text="Undo")).to_be_visible()
        phone.complaints.clear()  # the browser tells of the status 422
        phone.context.close()


def test_an_error_says_which_photograph_it_is_about(desktop: Any) -> None:
    """Also that of a download, and of a reference that is opened again."""
    reference = payload("aunt.jpg", PICTURE)
    open_photograph(desktop)
    with desktop.expect_response("**/canvases?*") as opened:
        wait_for_change(desktop, lambda: desktop.set_input_files("#reference-file", [reference]))
    error = {"code": "x", "subject": "the picture", "reason": "has changed", "remedy": "try again"}
    answer = {"status": 422, "json": {"error": error}}
    desktop.route("**/colorize", lambda route: route.fulfill(**answer), times=1)
    desktop.locator("#download").click()
    told = "scan.jpg: The picture has changed; try again."
    expect(desktop.locator(".toast", has_text=told)).to_be_visible()

    canvas = f"{opened.value.url.partition('?')[0]}/{opened.value.json()['id']}"
    desktop.evaluate("(url) => fetch(url, { method: 'DELETE' })", canvas)
    error["reason"] = "is gone"  # the same words would be one message
    desktop.route("**/canvases?*", lambda route: route.fulfill(**answer))
    desktop.locator("#strength").fill("0.5")
    told = "aunt.jpg: The picture is gone; try again."
    expect(desktop.locator(".toast", has_text=told)).to_be_visible()
    desktop.complaints.clear()


def test_a_message_stays_as_long_as_it_is_used(desktop: Page) -> None:
    desktop.clock.install()
    open_photograph(desktop)
    desktop.get_by_role("button", name="Remove scan.jpg").click()
    undo = desktop.locator("#toasts").get_by_role("button", name="Undo")
    undo.focus()
    desktop.clock.run_for(60_000)
    expect(undo).to_be_focused()
    desktop.locator("#choose").focus()
    desktop.clock.run_for(60_000)
    expect(undo).to_have_count(0)


def test_parts_at_full_size_that_are_out_of_date_take_no_memory(desktop: Any) -> None:
    """The photograph is moved before its part is there: what came of it is let go."""
    desktop.evaluate("""() => {
        window.urls = new Set();
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = (blob) => {
            const url = createObjectURL(blob);
            window.urls.add(url);
            return url;
        };
        URL.revokeObjectURL = (url) => {
            window.urls.delete(url);
            revokeObjectURL(url);
        };
    }""")
    large = np.tile(np.asarray(Image.fromarray(data.camera())), (6, 6))
    open_photograph(desktop, encoded(large))
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The second request for a part waits, as on a slow line."""
        body = route.request.post_data_json or {}
        if "region" in body and body["guidance"]["strength"] == 0:
            held.append(route)
        else:
            route.continue_()

    desktop.route("**/colorize", hold)
    before = desktop.evaluate("window.urls.size")
    desktop.keyboard.press("1")
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowRight"):
        count = len(held)
        while len(held) == count:
            desktop.wait_for_timeout(50)
        desktop.locator("#stage").press(key)
    for route in held:
        route.abort()
    desktop.unroute("**/colorize")
    expect(desktop.locator("#tile-after")).to_be_visible()
    assert desktop.evaluate("window.urls.size") == before + 2
    desktop.complaints.clear()


@pytest.mark.skipif(not WITH_WINDOWS, reason="there is no chromium that has settings")
def test_a_browser_that_may_keep_nothing(server: Server, browser: Browser, tmp_path: Path) -> None:
    """Its user has forbidden all sites to keep data: the page works, and says what it lacks."""
    forbidden = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    settings = tmp_path / "Default" / "Preferences"
    settings.parent.mkdir()
    settings.write_text(json.dumps(forbidden))
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=WITH_WINDOWS, args=[*CUT_OFF, *QUIET, "--disable-gpu"]
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.url)
    expect(page.locator("#headline")).to_contain_text("See your old photographs")
    expect(page.locator(".toast")).to_contain_text("keeps nothing of your work")
    open_photograph(page)
    color_spot(page, "teal", 0.3, 0.5)
    page.locator("#help").click()
    page.locator("#help-box .languages").select_option("de")
    expect(page.locator("#help-title")).to_have_text("Tastatur")
    page.keyboard.press("Escape")
    page.locator("#theme").click()
    with page.expect_download() as download:
        page.locator("#save-one").click()
    assert download.value.suggested_filename == "scan-color.jpg"
    assert complaints == []
    context.close()
