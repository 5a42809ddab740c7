"""What holds in a shot that shows what an earlier one did: shown there as the film will have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.video.films import decoded as frames_of
from tests.video.films import write_film
from tests.video.test_scenes import film
from tests.web.page.browser import choose_color, color_spot, shown, wait_for_change
from tests.web.page.films import button, open_film, shot, wait_for_still
from tests.web.page.test_frames_of_a_shot import colors_at, marks, order_of

pytestmark = pytest.mark.slow

LENGTH = 16
PLACE, OTHER = (0.7, 0.2), (0.85, 0.75)
"""Of the first and the last shot: things that do not move."""


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that shows something, something else, and the first thing again."""
    path = tmp_path_factory.mktemp("back") / "back.mp4"
    return write_film(path, film("aba", LENGTH), options={"crf": "12"})


@pytest.fixture
def page(film_page: Page, back: Path) -> Page:
    """With that film."""
    open_film(film_page, back)
    return film_page


@pytest.fixture
def note(page: Page) -> Locator:
    """Which says whose corrections hold."""
    return page.locator("#inherited")


def turn_to_shot(page: Page, number: int, corrections: int) -> None:
    """Wait until its still shows that many."""
    shot(page, number).click()
    expect(page.locator("#photo-title")).to_have_text(f"back.mp4, shot {number}")
    wait_for_still(page)
    expect(page.locator("#hints li")).to_have_count(corrections)
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")


def colors_said(page: Page) -> list[tuple[int, list[str]]]:
    """The colors that the page tells the server, by frames."""
    return [(one["at"], [hint["color"] for hint in one["hints"]]) for one in order_of(page)]


def colored(page: Page, path: Path) -> list[Any]:
    """The frames of the film that the page has colored."""
    with page.expect_download() as download:
        button(page, "Download").click()
    download.value.save_as(path)
    return [frame.to_ndarray(format="rgb24") for frame in frames_of(path)]


def test_a_later_shot_shows_what_it_has_of_an_earlier_one(
    page: Any, note: Locator, tmp_path: Path
) -> None:
    turn_to_shot(page, 3, 0)
    plain = shown(page)
    expect(note).to_be_hidden()
    turn_to_shot(page, 1, 0)
    color_spot(page, "teal", *PLACE)
    color_spot(page, "brown", *OTHER)
    made = shown(page)
    expect(note).to_be_hidden()
    turn_to_shot(page, 2, 0)
    assert marks(page) == []
    expect(note).to_be_hidden()

    # the later shot has them, though nothing was said of it, and its still was colored before
    turn_to_shot(page, 3, 2)
    expect(note).to_contain_text("cuts back here to what shot 1 showed")
    assert marks(page) == [pytest.approx(PLACE, abs=0.03), pytest.approx(OTHER, abs=0.03)]
    still = shown(page)
    for place in (PLACE, OTHER):
        assert np.abs(colors_at(still, *place) - colors_at(made, *place)).max() < 6
    assert np.abs(colors_at(plain, *PLACE) - colors_at(made, *PLACE)).max() > 20
    expect(button(page, "Shot 3, from 0:01.2")).to_be_visible()  # not "changed"
    assert [one["at"] for one in order_of(page)] == [LENGTH // 2]
    frames = colored(page, tmp_path / "1.mp4")
    for place in (PLACE, OTHER):
        middle = frames[2 * LENGTH + LENGTH // 2]
        assert np.abs(colors_at(middle, *place) - colors_at(still, *place)).max() < 8

    # they are there again after a reload, and follow the earlier shot
    page.reload()
    wait_for_still(page)
    expect(note).to_be_visible()
    assert len(marks(page)) == 2
    turn_to_shot(page, 1, 2)
    wait_for_change(page, lambda: page.locator("#undo").click())
    turn_to_shot(page, 3, 1)
    assert marks(page) == [pytest.approx(PLACE, abs=0.03)]
    turn_to_shot(page, 1, 1)
    wait_for_change(page, lambda: page.locator("#undo").click())
    turn_to_shot(page, 3, 0)
    assert marks(page) == []
    expect(note).to_be_hidden()
    assert np.abs(shown(page) - plain).max() <= 2


def test_a_correction_in_the_later_shot_makes_those_it_has_its_own(
    page: Any, note: Locator, tmp_path: Path
) -> None:
    color_spot(page, "teal", *PLACE)
    turn_to_shot(page, 3, 1)
    plain_other = colors_at(shown(page), *OTHER)
    color_spot(page, "brown", *OTHER)
    expect(note).to_be_hidden()
    assert marks(page) == [pytest.approx(PLACE, abs=0.03), pytest.approx(OTHER, abs=0.01)]
    still = shown(page)
    assert colors_said(page) == [
        (LENGTH // 2, ["#008080"]),
        (2 * LENGTH, ["#008080"]),
        (2 * LENGTH + LENGTH // 2, ["#a52a2a"]),
    ]
    middle = colored(page, tmp_path / "1.mp4")[2 * LENGTH + LENGTH // 2]
    for place in (PLACE, OTHER):
        assert np.abs(colors_at(middle, *place) - colors_at(still, *place)).max() < 8

    # without it, they are those of the earlier shot again
    wait_for_change(page, lambda: page.locator("#undo").click())
    expect(note).to_be_visible()
    assert np.abs(colors_at(shown(page), *OTHER) - plain_other).max() <= 2
    assert len(order_of(page)) == 1

    # one in another color is so here alone
    page.locator("#hints button").click()
    choose_color(page, "orange")
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    assert colors_said(page) == [(LENGTH // 2, ["#008080"]), (2 * LENGTH, ["#ffa500"])]


def test_the_later_shot_without_what_the_earlier_one_has(page: Any, tmp_path: Path) -> None:
    turn_to_shot(page, 3, 0)
    plain = colors_at(shown(page), *PLACE)
    turn_to_shot(page, 1, 0)
    color_spot(page, "teal", *PLACE)
    color_spot(page, "brown", *OTHER)
    turn_to_shot(page, 3, 2)
    wait_for_change(page, lambda: page.locator("#hints button").first.press("Delete"))
    expect(page.locator("#inherited")).to_be_hidden()
    assert colors_said(page) == [(LENGTH // 2, ["#008080", "#a52a2a"]), (2 * LENGTH, ["#a52a2a"])]
    wait_for_change(page, lambda: page.locator("#undo").click())
    expect(page.locator("#inherited")).to_be_visible()
    wait_for_change(page, lambda: button(page, "Remove all").click())
    expect(page.locator("#inherited")).to_be_hidden()
    assert np.abs(colors_at(shown(page), *PLACE) - plain).max() < 4
    assert colors_said(page)[1:] == [(2 * LENGTH, ["keep", "keep"])]
    middle = colored(page, tmp_path / "1.mp4")[2 * LENGTH + LENGTH // 2]
    assert np.abs(colors_at(middle, *PLACE) - plain).max() < 8


def test_corrections_of_the_earlier_shot_that_the_server_does_not_tell(
    page: Any, note: Locator
) -> None:
    color_spot(page, "teal", *PLACE)
    error = {"code": "too_long", "subject": "the work", "reason": "took too long", "remedy": ""}
    page.route("**/hints", lambda route: route.fulfill(status=503, json={"error": error}))
    turn_to_shot(page, 3, 0)
    expect(page.locator(".toast")).to_contain_text("The work took too long.")
    expect(note).to_be_hidden()
    turn_to_shot(page, 1, 1)
    turn_to_shot(page, 3, 0)
    page.unroute("**/hints")
    moment = page.get_by_role("slider", name="Frame of the shot")
    moment.fill(str(3 * LENGTH - 1))  # then it is tried again
    expect(note).to_be_visible()
    wait_for_still(page)
    assert marks(page) == [pytest.approx(PLACE, abs=0.03)]

    # that it does not answer is told, and it is asked again
    turn_to_shot(page, 1, 1)
    color_spot(page, "brown", *OTHER)
    page.route("**/hints", lambda route: route.abort())
    turn_to_shot(page, 3, 1)
    expect(page.locator(".toast").last).to_contain_text("The server does not answer")
    page.unroute("**/hints")
    wait_for_change(page, lambda: page.evaluate("dispatchEvent(new Event('focus'))"))
    assert len(marks(page)) == 2
    page.complaints.clear()  # the browser tells of the requests that failed


def test_shots_that_show_other_things_are_not_colored_anew(page: Any) -> None:
    for number in (2, 3, 2):
        turn_to_shot(page, number, 0)
    color_spot(page, "teal", *PLACE)
    turn_to_shot(page, 1, 0)
    color_spot(page, "brown", *OTHER)
    page.requests.clear()
    turn_to_shot(page, 3, 1)
    turn_to_shot(page, 2, 1)
    asked = [
        url.rpartition("/")[2] for url in page.requests if "/hints" in url or "/colorize" in url
    ]
    assert asked == ["hints", "hints", "colorize"]  # in the third one's first frame, in its middle
