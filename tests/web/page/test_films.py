"""A film on the page: its shots, a still of each to correct, a preview, the whole, and what can go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.video.films import chroma_of, decoded, gray_frames, luma_of, write_film
from tests.web.conftest import Server, running
from tests.web.page.browser import (
    PICTURE,
    check_alone,
    check_with_axe,
    drop,
    guidance_of,
    shown,
    spot,
    visit,
    wait_for_change,
)
from tests.web.page.test_sizes import COVERED, SIZES, is_whole, resize

pytestmark = pytest.mark.slow

FRAMES, CUTS = 24, (8, 16)
NO_ROOM = "navigator.storage.estimate = async () => ({ quota: 0, usage: 0 });"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a second, in three shots, with sound."""
    path = tmp_path_factory.mktemp("films") / "holiday.mp4"
    return write_film(path, gray_frames(FRAMES, 96, 64, CUTS), sound="aac")


@pytest.fixture
def desktop(browser: Browser, server: Server) -> Iterator[Page]:
    """A large window on the page, whose films the server is rid of afterwards."""
    page: Any = visit(browser, server, reduced_motion="reduce")
    yield page
    check_alone(page, server)
    page.context.close()
    forget(server, page)


def forget(server: Server, page: Any) -> None:
    for path in {path for url in page.requests if (path := film_in(url))}:
        server.delete(path)


def film_in(url: str) -> str | None:
    found = re.search(r"/api/v1/films/[\w-]{8,}", url)
    return found and found[0]


def films_of(server: Server, page: Any) -> list[str]:
    """The paths of those that the page asked for and that the server still has."""
    paths = {path for url in page.requests if (path := film_in(url))}
    return [path for path in sorted(paths) if server.get(path).status_code == 200]


def choose(page: Page, film: Path) -> None:
    page.set_input_files("#files", film)


def wait_for_still(page: Page) -> None:
    expect(page.locator("#after")).to_have_attribute("src", re.compile("blob:"))
    expect(page.locator("#working")).to_be_hidden()


def shot(page: Page, number: int) -> Any:
    return page.get_by_role("button", name=re.compile(rf"^Shot {number}, from"))


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def test_a_film_from_its_shots_to_the_download(
    desktop: Page, server: Server, film: Path, tmp_path: Path
) -> None:
    page = desktop
    choose(page, film)
    expect(page.get_by_role("navigation", name="Shots").get_by_role("button")).to_have_count(3)
    expect(page.locator("#video-facts")).to_have_text("96 × 64, 25 frames a second, 0:01, 3 shots")
    expect(button(page, "Download")).to_be_disabled()
    wait_for_still(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("holiday.mp4, shot 1")
    for part in ("#turn-left", "#black", "#reference-choose", "#part-variants", "#format"):
        expect(page.locator(part)).to_be_hidden()  # what is of photographs alone

    # a shot is corrected as a photograph is
    shot(page, 2).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("holiday.mp4, shot 2")
    expect(shot(page, 2)).to_have_attribute("aria-current", "true")
    wait_for_still(page)
    page.keyboard.press("c")
    page.mouse.click(*spot(page, 0.5, 0.5))
    page.locator("#hex").fill("teal")
    wait_for_change(page, lambda: page.keyboard.press("Enter"))
    page.keyboard.press("Escape")
    corrected = button(page, "Shot 2, from 0:00.3, changed")
    expect(corrected).to_be_visible()
    said, still = guidance_of(page), shown(page)

    # five seconds of it are tried out
    button(page, "Preview 5 seconds from shot 2").click()
    expect(button(page, "Cancel")).to_be_focused()
    expect(page.locator("#player")).to_be_visible()
    seconds = "document.querySelector('#player-video').duration"
    page.wait_for_function("() => document.querySelector('#player-video').duration > 0")
    assert page.evaluate(seconds) == pytest.approx(16 / 25, abs=0.05)
    page.locator("#player-close").press("Escape")
    expect(page.locator("#player")).to_be_hidden()

    # the whole goes on while the page is away, and everything is there again
    button(page, "Color the whole film").click()
    expect(page.locator("#video-progress")).to_be_visible()
    page.reload()
    expect(page.locator("#video-progress")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("holiday.mp4, shot 2")
    wait_for_still(page)
    assert guidance_of(page) == said
    assert np.abs(shown(page) - still).max() <= 2
    expect(button(page, "Play the film")).to_be_visible()
    expect(page.locator("#status")).to_have_text("holiday.mp4 is in color")

    with page.expect_download() as download:
        button(page, "Download").click()
    assert download.value.suggested_filename == "holiday-color.mp4"
    download.value.save_as(tmp_path / "result.mp4")
    frames = decoded(tmp_path / "result.mp4")
    assert len(frames) == FRAMES
    for before, after in zip(decoded(film), frames, strict=True):
        assert np.abs(luma_of(before).astype(int) - luma_of(after)).mean() < 3
    teal = chroma_of(frames[12])[:, 16, 24].astype(int)
    assert teal[0] > 128 > teal[1]  # bluish green where it was pointed at

    # it plays, also in gray
    button(page, "Play the film").click()
    page.wait_for_function("() => document.querySelector('#player-video').currentTime > 0")
    button(page, "Show in gray").click()
    assert "grayscale" in page.evaluate("getComputedStyle(document.querySelector('video')).filter")
    button(page, "Close the player").click()
    expect(button(page, "Play the film")).to_be_focused()

    # something else is said: that is told, and the film can be colored anew
    wait_for_change(page, lambda: page.locator("#strength").fill("0.5"))
    button(page, "Give this look to all shots").click()
    expect(page.locator("#video-note")).to_contain_text("changed something since")
    expect(button(page, "Shot 1, from 0:00.0, changed")).to_be_visible()
    expect(button(page, "Color the film anew")).to_be_visible()


def test_cancelled_removed_put_back_and_forgotten(
    desktop: Page, server: Server, film: Path
) -> None:
    page = desktop
    choose(page, film)
    wait_for_still(page)
    wait_for_change(page, lambda: page.locator("#strength").fill("0.6"))
    button(page, "Color the whole film").click()
    button(page, "Cancel").click()
    expect(page.locator("#status")).to_have_text("Coloring cancelled")
    expect(button(page, "Color the whole film")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "video-color"  # not nowhere
    assert len(films_of(server, page)) == 1

    # a project has it, too
    with page.expect_download() as download:
        page.locator("#project-save").click()
    project = download.value.path()

    page.get_by_role("button", name="Remove holiday.mp4").click()
    expect(page.locator("#welcome")).to_be_visible()
    assert films_of(server, page) == []
    page.get_by_role("button", name="Undo").last.click()
    wait_for_still(page)
    expect(page.locator("#strength-value")).to_have_text("60 %")
    assert len(films_of(server, page)) == 1

    page.on("dialog", lambda question: question.accept())
    page.locator("#forget").click()
    expect(page.locator("#welcome")).to_be_visible()
    assert films_of(server, page) == []
    page.reload()
    expect(page.locator("#welcome")).to_be_visible()

    page.set_input_files(
        "#files", {"name": "a.colornet", "mimeType": "", "buffer": project.read_bytes()}
    )
    wait_for_still(page)
    expect(page.locator("#strength-value")).to_have_text("60 %")


def test_a_film_that_the_server_no_longer_has(desktop: Page, server: Server, film: Path) -> None:
    page = desktop
    page.add_init_script(NO_ROOM)
    for room in (True, False):
        if not room:
            page.reload()
        choose(page, film)
        wait_for_still(page)
        wait_for_change(page, lambda: page.locator("#strength").fill("0.6"))
        server.delete(films_of(server, page)[0])
        page.reload()
        if not room:
            expect(page.locator("#failure-reason")).to_contain_text("Choose the same file again")
            check_with_axe(page)
            other: Any = {"name": "other.mp4", "mimeType": "video/mp4", "buffer": b"..."}
            page.set_input_files("#video-file", other)
            expect(page.locator(".toast")).to_contain_text("another film than holiday.mp4")
            page.set_input_files("#video-file", film)
        wait_for_still(page)
        expect(page.locator("#strength-value")).to_have_text("60 %")
        page.get_by_role("button", name="Remove holiday.mp4").click()
    assert all("404" in line for line in page.complaints)
    page.complaints.clear()


def test_what_the_server_does_not_take(
    browser: Browser, server: Server, film: Path, tmp_path: Path
) -> None:
    long = write_film(tmp_path / "long.mp4", gray_frames(40, 32, 24))
    with running("--model=faces", "--max-film-seconds=1", "--max-film-size=1") as strict:
        page: Any = visit(browser, strict)
        expect(page.locator("#limits")).to_contain_text("Films up to 1 MB")
        choose(page, long)
        toasts = page.locator(".toast")
        expect(toasts).to_contain_text(
            ["long.mp4: The film lasts 0:02 minutes; this server takes 0:01."]
        )
        big: Any = {"name": "big.mkv", "mimeType": "video/x-matroska", "buffer": bytes(1 << 21)}
        page.set_input_files("#files", big)
        expect(toasts.last).to_contain_text("big.mkv: The film has 2 MB; this server takes 1 MB.")
        assert not [url for url in page.requests if url.endswith("/films")]  # neither was uploaded

        junk: Any = {"name": "junk.mp4", "mimeType": "video/mp4", "buffer": b"no film at all" * 99}
        page.set_input_files("#files", junk)
        expect(page.get_by_role("heading", name="This film could not be opened")).to_be_visible()
        expect(page.locator("#failure-reason")).to_contain_text("junk.mp4")
        expect(page.locator("#frames .frame")).to_have_attribute("aria-label", "junk.mp4, failed")
        page.get_by_role("button", name="Remove it").click()
        expect(page.locator("#welcome")).to_be_visible()

        page.route("**/models", lambda route: no_films(route))
        page.reload()
        choose(page, film)
        expect(toasts).to_contain_text(["pip install 'colornet[video]'"])
        page.context.close()


def no_films(route: Any) -> None:
    """The answer of a server without the extra `video`."""
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"films": None})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_film_is_there_for_everybody(
    browser: Browser, server: Server, film: Path, scheme: str
) -> None:
    page: Any = visit(browser, server, "phone", color_scheme=scheme, reduced_motion="reduce")
    choose(page, film)
    wait_for_still(page)
    check_with_axe(page)
    shot(page, 2).click()
    button(page, "Preview 5 seconds from shot 2").click()
    check_with_axe(page)
    expect(page.locator("#player")).to_be_visible()
    for size in SIZES if scheme == "light" else [(390, 844), (1280, 800)]:
        resize(page, size)
        for element in ("#shots", "#film", "#help", "#player-close"):
            assert is_whole(page, element), (size, element)
        assert page.evaluate(COVERED, "body") == [], size
    check_with_axe(page)
    button(page, "Close the player").click()
    for size in SIZES if scheme == "light" else [(390, 844)]:
        resize(page, size)
        for tab in page.get_by_role("tab").all():
            tab.click()
            assert page.evaluate(COVERED, "body") == [], size
    tree = page.locator("body").aria_snapshot()
    for role in ("slider", "button", "checkbox", "radio", "combobox", "textbox", "progressbar"):
        assert f"- {role}:" not in tree
        assert f"- {role}\n" not in tree
    shot(page, 1).focus()
    page.keyboard.press("ArrowRight")
    expect(shot(page, 2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("holiday.mp4, shot 2")
    expect(shot(page, 2)).to_be_focused()
    page.context.close()
    forget(server, page)


def test_films_and_photographs_are_one_album(desktop: Page, film: Path) -> None:
    page = desktop
    choose(page, film)
    wait_for_still(page)
    drop(page, PICTURE, "scan.jpg")
    expect(page.get_by_role("heading", level=1)).to_contain_text("scan.jpg · 1 of 2")
    expect(page.locator("#shots")).to_be_hidden()
    expect(page.locator("#turn-left")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.get_by_role("heading", level=1)).to_contain_text("holiday.mp4, shot 1 · 2 of 2")
    expect(page.locator("#shots")).to_be_visible()
    expect(button(page, "holiday.mp4, film")).to_have_attribute("aria-current", "true")
