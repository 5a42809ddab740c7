"""Films that the server does not take, or no longer has: the page says so, and what can be done."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.video.films import gray_frames, write_film
from tests.web.conftest import Server, running
from tests.web.page.browser import (
    check_with_axe,
    color_spot,
    drop,
    payload,
    visit,
    wait_for_change,
    wait_for_color,
)
from tests.web.page.films import choose, films_of, open_film, shot, wait_for_still

pytestmark = pytest.mark.slow

NO_ROOM = "navigator.storage.estimate = async () => ({ quota: 0, usage: 0 });"


def test_a_film_that_the_server_no_longer_has(
    film_page: Page, server: Server, holiday: Path
) -> None:
    page: Any = film_page
    page.add_init_script(NO_ROOM)
    for room in (True, False):
        if not room:
            page.reload()
        open_film(page, holiday)
        wait_for_change(page, lambda: page.locator("#strength").fill("0.6"))
        server.delete(films_of(server, page)[0])
        page.reload()
        if not room:
            expect(page.locator("#failure-reason")).to_contain_text("Choose the same file again")
            check_with_axe(page)
            other = payload("other.mp4", b"...", "video/mp4")
            page.set_input_files("#video-file", other)
            expect(page.locator(".toast")).to_contain_text("another film than holiday.mp4")
            page.set_input_files("#video-file", holiday)
        wait_for_still(page)
        expect(page.locator("#strength-value")).to_have_text("60 %")
        if room:
            page.get_by_role("button", name="Remove holiday.mp4").click()

    # it goes while something is done with it
    page.get_by_role("button", name="Color the whole film").click()
    expect(page.locator("#video-progress")).to_be_visible()
    server.delete(films_of(server, page)[0])
    expect(page.locator(".toast").last).to_contain_text("The server no longer has this film")
    expect(page.get_by_role("button", name="Color the whole film")).to_be_visible()
    assert len(films_of(server, page)) == 1
    assert all("404" in line for line in page.complaints)
    page.complaints.clear()


def test_a_film_that_found_no_server_is_opened_once_it_is_back(
    film_page: Any, holiday: Path
) -> None:
    page = film_page
    open_film(page, holiday)
    page.route("**/canvas", lambda route: route.abort())
    for number in (2, 3):
        shot(page, number).click()
        expect(page.locator("#failure")).to_contain_text("The server does not answer")
    page.unroute("**/canvas")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#failure")).to_be_hidden()
    wait_for_still(page)
    shot(page, 2).click()
    expect(page.locator("#failure")).to_be_hidden()
    wait_for_still(page)
    page.complaints.clear()  # the browser tells of the requests that failed


def test_a_film_out_of_sight_is_not_uploaded_again(
    film_page: Any, server: Server, holiday: Path
) -> None:
    """What was said of it without a server waits until it is shown."""
    page = film_page
    open_film(page, holiday)
    page.route("**/colorize", lambda route: route.abort())
    page.locator("#strength").fill("0.5")
    expect(page.locator(".toast")).to_contain_text("The server does not answer")
    page.unroute("**/colorize")
    page.route("**/canvases?*", lambda route: route.abort())
    drop(page)
    expect(page.locator("#failure")).to_contain_text("The server does not answer")
    page.unroute("**/canvases?*")
    server.delete(films_of(server, page)[0])
    page.evaluate("dispatchEvent(new Event('focus'))")
    wait_for_color(page, "scan.jpg")
    page.evaluate("dispatchEvent(new Event('focus'))")
    with page.expect_response("**/films/*"):  # it asks how the film stands
        page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(1000)
    assert films_of(server, page) == []
    with page.expect_response("**/films?*"):
        page.keyboard.press("PageDown")
    wait_for_still(page)
    expect(page.locator("#strength-value")).to_have_text("50 %")
    page.complaints.clear()


def test_a_film_that_ends_too_early(film_page: Page, tmp_path: Path) -> None:
    page = film_page
    whole = write_film(tmp_path / "whole.mkv", gray_frames(40, 96, 64, (10,))).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) * 3 // 5])
    choose(page, tmp_path / "cut.mkv")
    reason = page.locator("#failure-reason")
    expect(reason).to_contain_text("cut.mkv ends after")
    expect(reason).to_contain_text("get another copy of it, or color what there is.")
    page.get_by_role("button", name="Color what there is").click()
    wait_for_still(page)
    expect(page.locator("#video-notices")).to_contain_text("cut.mkv: ends after")
    page.reload()
    expect(page.locator("#video-notices")).to_contain_text("cut.mkv: ends after")

    # what is told of the result, too, is told once, and by the shot
    wait_for_still(page)
    color_spot(page, "gray", 0.01, 0.9)
    page.get_by_role("button", name="Color the whole film").click()
    expect(page.get_by_role("button", name="Play the film")).to_be_visible()
    told = page.locator("#video-notices li").all_inner_texts()
    assert [line[:19] for line in told] == ["cut.mkv: ends after", "shot 1, correction "]

    # a project has it as it was taken
    with page.expect_download() as download:
        page.locator("#project-save").click()
    page.on("dialog", lambda question: question.accept())
    page.locator("#forget").click()
    expect(page.locator("#welcome")).to_be_visible()
    project = Path(download.value.path()).read_bytes()
    film = payload("album.colornet", project, "")
    page.set_input_files("#files", film)
    wait_for_still(page)
    expect(page.locator("#failure")).to_be_hidden()


def test_pictures_of_shots_that_do_not_come(film_page: Any, holiday: Path) -> None:
    """They are asked for again, but not again and again."""
    page = film_page
    page.route("**/frames/*?width=160", lambda route: route.abort())
    begun = time.monotonic()
    open_film(page, holiday)
    page.wait_for_timeout(1000)
    asked = [url for url in page.requests if url.endswith("width=160")]  # and not 1600
    times = 1 + int((time.monotonic() - begun) / 5)  # in which each may be asked for
    assert len(asked) <= times * 5  # of each shot, and of the film as a whole
    page.unroute("**/frames/*?width=160")
    expect(page.locator("#shot-list img[src]")).to_have_count(4)
    page.complaints.clear()


def test_what_the_server_does_not_take(
    browser: Browser, server: Server, holiday: Path, tmp_path: Path
) -> None:
    long = write_film(tmp_path / "long.mp4", gray_frames(40, 32, 24))
    limits = ("--max-films=1", "--max-film-seconds=1", "--max-film-size=1")
    with running("--model=faces", *limits) as strict:
        page: Any = visit(browser, strict)
        expect(page.locator("#limits")).to_contain_text("Films up to 1 MB")
        choose(page, long)
        toasts = page.locator(".toast")
        expect(toasts).to_contain_text(
            ["long.mp4: The film lasts 0:02 minutes; this server takes 0:01."]
        )
        big = payload("big.mkv", bytes(1 << 21), "video/x-matroska")
        page.set_input_files("#files", big)
        expect(toasts.last).to_contain_text("big.mkv: The film has 2 MB; this server takes 1 MB.")
        assert not [url for url in page.requests if "/films?" in url]  # neither was uploaded

        junk = payload("junk.mp4", b"no film at all" * 99, "video/mp4")
        page.set_input_files("#files", junk)
        expect(page.get_by_role("heading", name="This film could not be opened")).to_be_visible()
        expect(page.locator("#failure-reason")).to_contain_text("junk.mp4")
        expect(page.locator("#frames .frame")).to_have_attribute("aria-label", "junk.mp4, failed")
        page.get_by_role("button", name="Remove it").click()
        expect(page.locator("#welcome")).to_be_visible()

        # it has one film at a time: one that nothing was made of goes, and comes again if needed
        second = payload("b.mp4", holiday.read_bytes(), "video/mp4")
        for film, name in ((holiday, "holiday.mp4"), (second, "b.mp4")):
            page.set_input_files("#files", film)
            expect(page.locator("#photo-title")).to_contain_text(name)
            wait_for_still(page)
        page.get_by_role("button", name="holiday.mp4, film").click()
        shot(page, 3).click()
        expect(page.locator("#photo-title")).to_contain_text("holiday.mp4, shot 3")
        wait_for_still(page)
        page.get_by_role("button", name="Color the whole film").click()
        expect(page.get_by_role("button", name="Play the film")).to_be_visible()
        page.get_by_role("button", name="b.mp4, film").click()
        expect(page.locator("#failure-reason")).to_contain_text("has 1 film open")

        models = strict.get("/api/v1/models").json() | {"films": None}  # without the extra `video`
        page.route("**/models", lambda route: route.fulfill(json=models))
        page.reload()
        choose(page, holiday)
        expect(toasts).to_contain_text(["pip install '.[video]'"])
        page.context.close()
