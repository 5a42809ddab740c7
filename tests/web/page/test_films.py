"""A film on the page: its shots, a still of each to correct, a preview, the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.video.films import chroma_of, decoded, luma_of
from tests.web.conftest import Server
from tests.web.film_helpers import wait_for
from tests.web.page.browser import (
    PICTURE,
    check_with_axe,
    choose_color,
    color_spot,
    drop,
    guidance_of,
    payload,
    shown,
    spot,
    visit,
    wait_for_change,
)
from tests.web.page.films import (
    FRAMES,
    button,
    choose,
    films_of,
    forget,
    open_film,
    shot,
    wait_for_still,
)
from tests.web.page.test_sizes import COVERED, SIZES, is_whole, resize

pytestmark = pytest.mark.slow


def test_a_film_from_its_shots_to_the_download(
    film_page: Page, server: Server, holiday: Path, tmp_path: Path
) -> None:
    page = film_page
    choose(page, holiday)
    expect(page.get_by_role("navigation", name="Shots").get_by_role("button")).to_have_count(4)
    expect(page.locator("#video-facts")).to_have_text(
        "96 \N{MULTIPLICATION SIGN} 64, 25 frames a second, 0:01, 4 shots"
    )
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
    color_spot(page, "teal", 0.5, 0.5)
    corrected = button(page, "Shot 2, from 0:00.2, changed")
    expect(corrected).to_be_visible()
    said, still = guidance_of(page), shown(page)

    # five seconds of it are tried out
    button(page, "Preview 5 seconds from shot 2").click()
    expect(button(page, "Cancel")).to_be_focused()
    expect(page.locator("#player")).to_be_visible()
    seconds = "document.querySelector('#player-video').duration"
    page.wait_for_function("() => document.querySelector('#player-video').duration > 0")
    assert page.evaluate(seconds) == pytest.approx(18 / 25, abs=0.05)
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
    expect(page.locator("#video-note")).to_contain_text("is open, and 30 minutes longer")

    with page.expect_download() as download:
        button(page, "Download").click()
    assert download.value.suggested_filename == "holiday-color.mp4"
    download.value.save_as(tmp_path / "result.mp4")
    frames = decoded(tmp_path / "result.mp4")
    assert len(frames) == FRAMES
    for before, after in zip(decoded(holiday), frames, strict=True):
        assert np.abs(luma_of(before).astype(int) - luma_of(after)).mean() < 3
    teal = chroma_of(frames[9])[:, 16, 24].astype(int)
    assert teal[0] > 128 > teal[1]  # bluish green where it was pointed at

    # it plays, also in gray
    button(page, "Play the film").click()
    page.wait_for_function("() => document.querySelector('#player-video').currentTime > 0")
    button(page, "Show in gray").click()
    assert "grayscale" in page.evaluate("getComputedStyle(document.querySelector('video')).filter")
    button(page, "Close the player").click()
    expect(button(page, "Play the film")).to_be_focused()

    # something else is said: that is told, and the film can be colored again
    wait_for_change(page, lambda: page.locator("#strength").fill("0.5"))
    button(page, "Give this look to all shots").click()
    expect(page.locator("#video-note")).to_contain_text("changed something since")
    expect(button(page, "Shot 1, from 0:00.0, changed")).to_be_visible()
    told = page.locator(".toast", has_text="All shots have this look.")
    told.get_by_role("button", name="Undo").click()  # of all of them
    expect(button(page, "Shot 1, from 0:00.0")).to_be_visible()
    expect(page.locator("#strength-value")).to_have_text(
        "50 %"
    )  # of the one that was changed before
    page.locator("#apply").click()
    expect(button(page, "Shot 1, from 0:00.0, changed")).to_be_visible()
    button(page, "Color the film again").click()
    button(page, "Cancel").click()
    expect(page.locator("#video-note")).to_contain_text("changed something since")
    expect(button(page, "Play the film")).to_be_visible()  # as it was before


def test_cancelled_removed_put_back_and_forgotten(
    film_page: Page, server: Server, holiday: Path
) -> None:
    page = film_page
    open_film(page, holiday)
    wait_for_change(page, lambda: page.locator("#strength").fill("0.6"))
    button(page, "Color the whole film").click()
    button(page, "Cancel").click()
    expect(page.locator("#status")).to_have_text("Coloring canceled")
    expect(button(page, "Color the whole film")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "video-color"  # not nowhere
    assert len(films_of(server, page)) == 1

    # a project has it, too
    with page.expect_download() as download:
        page.locator("#project-save").click()
    project = download.value.path()

    page.get_by_role("button", name="Remove holiday.mp4").click()
    expect(page.locator("#welcome")).to_be_visible()
    wait_for(lambda: films_of(server, page), lambda films: not films)
    page.get_by_role("button", name="Undo").last.click()
    wait_for_still(page)
    expect(page.locator("#strength-value")).to_have_text("60 %")
    assert len(films_of(server, page)) == 1

    page.on("dialog", lambda question: question.accept())
    page.locator("#forget").click()
    expect(page.locator("#welcome")).to_be_visible()
    wait_for(lambda: films_of(server, page), lambda films: not films)
    page.reload()
    expect(page.locator("#welcome")).to_be_visible()

    page.set_input_files("#files", payload("a.colornet", project.read_bytes(), ""))
    wait_for_still(page)
    expect(page.locator("#strength-value")).to_have_text("60 %")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_film_is_there_for_everybody(
    browser: Browser, server: Server, holiday: Path, scheme: str
) -> None:
    page: Any = visit(browser, server, "phone", color_scheme=scheme)
    named = "what uncle took on a very long and rainy holiday in 1962.mp4"
    film = payload(named, holiday.read_bytes(), "video/mp4")
    page.set_input_files("#files", film)
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
            assert page.evaluate(COVERED, "#panel") == [], size
    tree = page.locator("body").aria_snapshot()
    for role in ("slider", "button", "checkbox", "radio", "combobox", "textbox", "progressbar"):
        assert f"- {role}:" not in tree
        assert f"- {role}\n" not in tree
    shot(page, 1).focus()
    page.keyboard.press("ArrowRight")
    expect(shot(page, 2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{named}, shot 2")
    expect(shot(page, 2)).to_be_focused()
    page.keyboard.press("Tab")  # the strip is one stop, however many shots there are
    assert not page.evaluate("document.querySelector('#shots').contains(document.activeElement)")
    page.context.close()
    forget(server, page)


def test_corrections_are_carried_over_to_other_shots(film_page: Page, holiday: Path) -> None:
    page = film_page
    open_film(page, holiday)
    color_spot(page, "brown", 0.7, 0.7)
    button(page, "Carry over to others").click()
    box = page.get_by_role("dialog", name="Carry corrections over")
    expect(box.get_by_text("holiday.mp4, shot 4", exact=True)).to_be_visible()
    expect(page.locator("#carry-progress")).to_be_empty()
    box.get_by_role("checkbox").last.check()
    page.locator("#carry-apply").click()
    expect(shot(page, 4)).to_have_accessible_name("Shot 4, from 0:00.7, changed")

    # they are taken back also where another frame of the shot is shown meanwhile
    told = page.locator(".toast", has_text="Corrections carried over")
    undo = told.get_by_role("button", name="Undo")
    undo.focus()  # so that it stays
    shot(page, 4).click()
    wait_for_still(page)
    page.get_by_role("slider", name="Frame of the shot").press("ArrowRight")
    expect(page.locator("#moment-value")).to_have_text("5 of 6")
    page.wait_for_timeout(500)  # a frame is meant to be opened, and not to be passed
    wait_for_still(page)
    undo.click()
    expect(shot(page, 4)).to_have_accessible_name("Shot 4, from 0:00.7")


def test_films_and_photographs_are_one_album(film_page: Page, holiday: Path) -> None:
    page = film_page
    open_film(page, holiday)
    drop(page, PICTURE, "scan.jpg")
    expect(page.get_by_role("heading", level=1)).to_contain_text("scan.jpg · 1 of 2")
    expect(page.locator("#shots")).to_be_hidden()
    expect(page.locator("#turn-left")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.get_by_role("heading", level=1)).to_contain_text("holiday.mp4, shot 1 · 2 of 2")
    expect(page.locator("#shots")).to_be_visible()
    expect(button(page, "holiday.mp4, film")).to_have_attribute("aria-current", "true")


def test_another_frame_of_a_shot_is_corrected(film_page: Page, holiday: Path) -> None:
    page = film_page
    open_film(page, holiday)
    shot(page, 2).click()
    wait_for_still(page)
    moment = page.get_by_role("slider", name="Frame of the shot")
    expect(moment).to_have_attribute("aria-valuetext", "4 of 6")
    wait_for_change(page, lambda: page.locator("#strength").fill("0.8"))

    # its last frame shows what the middle one does not
    wait_for_change(page, lambda: moment.press("End"))
    wait_for_still(page)
    expect(moment).to_be_focused()
    expect(moment).to_have_attribute("aria-valuetext", "6 of 6")
    expect(page.locator("#strength-value")).to_have_text("80 %")  # of the whole shot
    page.mouse.click(*spot(page, 0.7, 0.5))
    choose_color(page, "teal")
    page.keyboard.press("Escape")
    wait_for_change(page, lambda: page.locator("#strength").fill("0.9"))
    wait_for_change(page, lambda: moment.fill("9"))
    wait_for_still(page)
    expect(page.locator("#hints li")).to_have_count(1)  # it is followed to here
    expect(page.locator("#strength-value")).to_have_text("90 %")

    # both are said to the server, and are there again after a reload
    wait_for_change(page, lambda: moment.fill("11"))
    wait_for_still(page)
    page.reload()
    wait_for_still(page)
    expect(moment).to_have_attribute("aria-valuetext", "6 of 6")
    expect(page.locator("#hints li")).to_have_count(1)
    with page.expect_request("**/color") as asked:
        button(page, "Preview 5 seconds from shot 2").click()
    order: Any = asked.value.post_data_json
    look, corrected = order["guidance"]["shots"]
    assert look == {"at": 9, "strength": 0.9}
    assert (corrected["at"], corrected["hints"][0]["color"]) == (11, "#008080")
    expect(page.locator("#player")).to_be_visible()


def test_another_shot_is_chosen_while_a_frame_is_being_chosen(
    film_page: Page, holiday: Path
) -> None:
    """The frame was meant of the shot before, and there is time to turn to another one."""
    page = film_page
    open_film(page, holiday)
    wait_for_change(page, lambda: shot(page, 3).click())
    page.evaluate("""() => {
        const moment = document.querySelector("#moment");
        moment.value = moment.max;
        moment.dispatchEvent(new Event("change"));
        document.querySelectorAll("#shot-list button")[1].click();
    }""")
    wait_for_still(page)
    page.wait_for_timeout(400)
    moment = page.get_by_role("slider", name="Frame of the shot")
    expect(moment).to_have_attribute("aria-valuetext", "4 of 6")
    assert moment.evaluate("one => [one.min, one.value, one.max]") == ["6", "9", "11"]


def test_what_is_shown_while_a_film_comes(film_page: Page, holiday: Path) -> None:
    page = film_page
    expect(button(page, "Choose photographs or films")).to_be_visible()
    held: list[Route] = []
    page.route("**/api/v1/films?*", lambda route: held.append(route))
    choose(page, holiday)
    expect(page.locator("#working-text")).to_contain_text("Uploading the film")
    for element in ("#before", "#divider", "#chip-before"):  # there is nothing to compare
        expect(page.locator(element)).to_be_hidden()
    held.pop().continue_()
    wait_for_still(page)
    page.route("**/canvas", lambda route: held.append(route))
    shot(page, 2).click()
    page.wait_for_function("() => document.querySelector('#before').naturalWidth === 96")  # in gray
    expect(page.locator("#working-text")).to_have_text("Opening the shot")
    held.pop().continue_()
    wait_for_still(page)
