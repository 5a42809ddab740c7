"""What is said in one frame of a shot, as it is shown in its other frames."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from colornet.color import rgb_to_lab
from tests.video.films import decoded as frames_of
from tests.video.films import gray_frames, write_film
from tests.web.page.browser import (
    choose_color,
    color_spot,
    guidance_of,
    payload,
    shown,
    spot,
    wait_for_change,
)
from tests.web.page.films import button, open_film, wait_for_still

pytestmark = pytest.mark.slow

WIDTH, HEIGHT, FRAMES = 96, 64, 30
AHEAD = 14 / WIDTH
"""How far the camera moves from the middle of the shot to its last frame."""
CHEEK = 0.77, 0.75
"""Of the man who is seen in the middle of the shot."""


@pytest.fixture(scope="module")
def pan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one shot, over which a camera moves by a pixel for each frame."""
    path = tmp_path_factory.mktemp("pan") / "pan.mp4"
    return write_film(path, gray_frames(FRAMES, WIDTH, HEIGHT), options={"crf": "12"})


def turn_to(page: Page, number: int) -> None:
    """Turn to a frame, from 1."""
    moment = page.get_by_role("slider", name="Frame of the shot")
    before = page.locator("#after").get_attribute("src")
    moment.fill(str(number - 1))
    expect(moment).to_have_attribute("aria-valuetext", f"{number} of {FRAMES}")
    page.wait_for_function(
        """(before) => {
            const shown = document.querySelector("#after").getAttribute("src");
            return shown && shown !== before;
        }""",
        arg=before,
    )
    wait_for_still(page)


def marks(page: Page) -> list[tuple[float, float]]:
    """Where marks are, in fractions of the picture."""
    found = page.evaluate("""() => {
        const sheet = document.querySelector("#sheet").getBoundingClientRect();
        return [...document.querySelectorAll("#marks circle")].map((mark) => {
            const { x, y, width, height } = mark.getBoundingClientRect();
            return [x + width / 2 - sheet.x, y + height / 2 - sheet.y].map(
                (at, axis) => at / [sheet.width, sheet.height][axis]);
        });
    }""")
    return [(x, y) for x, y in found]


def colors_at(picture: Any, x: float, y: float) -> Any:
    """The a and b of a place, in Lab units."""
    height, width = picture.shape[:2]
    left, top = int(x * width), int(y * height)
    part = picture[max(top - 1, 0) : top + 2, max(left - 1, 0) : left + 2]
    return rgb_to_lab(part.astype(np.float32) / 255)[..., 1:].mean(axis=(0, 1))


def order_of(page: Page) -> Any:
    """What the page says of the shots, to the server."""
    with page.expect_request("**/color") as asked:
        page.locator("#video-color").click()
    order: Any = asked.value.post_data_json
    expect(button(page, "Play the film")).to_be_visible()
    return order["guidance"]["shots"]


def test_a_correction_is_shown_in_the_other_frames_of_its_shot(
    film_page: Page, pan: Path, tmp_path: Path
) -> None:
    page = film_page
    open_film(page, pan)
    turn_to(page, FRAMES)
    plain = shown(page)
    turn_to(page, FRAMES // 2 + 1)
    color_spot(page, "teal", *CHEEK)
    assert marks(page) == [pytest.approx(CHEEK, abs=0.01)]
    made = colors_at(shown(page), *CHEEK)

    # it is where its thing is in the last frame, and colors it
    turn_to(page, FRAMES)
    place = CHEEK[0] - AHEAD, CHEEK[1]
    assert marks(page) == [pytest.approx(place, abs=0.015)]
    expect(page.locator("#hints li")).to_have_count(1)
    still = shown(page)
    assert np.abs(colors_at(still, *place) - made).max() < 6
    assert np.abs(colors_at(plain, *place) - made).max() > 20

    # one history is that of the whole shot
    wait_for_change(page, lambda: page.locator("#undo").click())
    assert marks(page) == []
    assert np.abs(shown(page) - plain).max() <= 2
    wait_for_change(page, lambda: page.locator("#redo").click())
    assert marks(page) == [pytest.approx(place, abs=0.015)]
    assert np.abs(shown(page) - still).max() <= 2

    # in another color it is still followed from where it was made, and the film has it here, too
    page.locator("#hints button").click()
    choose_color(page, "brown")
    page.keyboard.press("Escape")
    brown = colors_at(shown(page), *place)
    (said,) = order_of(page)
    assert (said["at"], said["hints"][0]["color"]) == (FRAMES // 2, "#a52a2a")
    assert said["hints"][0]["points"] == [pytest.approx(CHEEK, abs=0.01)]
    with page.expect_download() as download:
        button(page, "Download").click()
    download.value.save_as(tmp_path / "pan-color.mp4")
    last = frames_of(tmp_path / "pan-color.mp4")[-1].to_ndarray(format="rgb24")
    assert np.abs(colors_at(last, *place) - brown).max() < 8

    # one that is moved is followed from the frame in which that was done
    mark = page.locator("#hints button")
    wait_for_change(page, lambda: mark.press("ArrowRight"))
    (moved,) = order_of(page)
    assert moved["at"] == FRAMES - 1
    assert moved["hints"][0]["points"] == [pytest.approx((place[0] + 0.01, place[1]), abs=0.015)]
    page.reload()
    wait_for_still(page)
    assert marks(page) == [pytest.approx((place[0] + 0.01, place[1]), abs=0.015)]
    turn_to(page, FRAMES // 2 + 1)
    assert marks(page) == [pytest.approx((CHEEK[0] + 0.01, CHEEK[1]), abs=0.03)]


def test_a_correction_whose_thing_is_out_of_sight(film_page: Page, pan: Path) -> None:
    page = film_page
    open_film(page, pan)
    color_spot(page, "teal", 0.04, 0.5)
    color_spot(page, "brown", 0.6, 0.5)
    turn_to(page, FRAMES)
    expect(page.locator("#moment-unseen")).to_have_text(
        "1 correction of this shot is not seen in this frame; the film may differ from it a little."
    )
    assert marks(page) == [pytest.approx((0.6 - AHEAD, 0.5), abs=0.015)]
    color_spot(page, "orange", 0.8, 0.5)
    assert [hint["color"] for hint in guidance_of(page)["hints"]] == ["#a52a2a", "#ffa500"]
    wait_for_change(page, lambda: button(page, "Remove all").click())  # of those that are listed
    assert marks(page) == []
    turn_to(page, FRAMES // 2 + 1)
    expect(page.locator("#moment-unseen")).to_be_hidden()
    assert [hint["color"] for hint in guidance_of(page)["hints"]] == ["#008080"]
    page.locator("#undo").click()
    expect(page.locator("#hints li")).to_have_count(3)
    colors = [(one["at"], [hint["color"] for hint in one["hints"]]) for one in order_of(page)]
    assert colors == [(FRAMES // 2, ["#008080", "#a52a2a"]), (FRAMES - 1, ["#ffa500"])]


def test_corrections_that_cannot_be_followed(film_page: Any, pan: Path) -> None:
    """The frame is shown without them, as is told, and can be corrected; then it is tried again."""
    page = film_page
    open_film(page, pan)
    color_spot(page, "teal", *CHEEK)
    error = {"code": "too_long", "subject": "the work", "reason": "took too long", "remedy": ""}
    page.route("**/hints", lambda route: route.fulfill(status=503, json={"error": error}))
    turn_to(page, FRAMES)
    expect(page.locator(".toast")).to_contain_text("The work took too long.")
    expect(page.locator("#moment-unseen")).to_contain_text("1 correction of this shot is not seen")
    color_spot(page, "brown", 0.2, 0.5)
    assert len(marks(page)) == 1
    page.unroute("**/hints")
    turn_to(page, FRAMES // 2 + 1)
    assert len(marks(page)) == 2
    turn_to(page, FRAMES)
    assert len(marks(page)) == 2
    expect(page.locator("#moment-unseen")).to_be_hidden()
    assert all("503" in line for line in page.complaints)
    page.complaints.clear()


def test_corrections_are_followed_once_the_server_is_back(film_page: Any, pan: Path) -> None:
    """That it did not answer does not mean that they are not seen in the frame."""
    page = film_page
    open_film(page, pan)
    turn_to(page, FRAMES)
    turn_to(page, FRAMES // 2 + 1)
    color_spot(page, "teal", *CHEEK)
    page.route("**/hints", lambda route: route.abort())
    page.get_by_role("slider", name="Frame of the shot").fill(str(FRAMES - 1))
    failure = page.locator("#failure")
    expect(failure).to_contain_text("The server does not answer")
    expect(page.locator("#moment-unseen")).to_be_hidden()
    page.unroute("**/hints")
    failure.get_by_role("button", name="Retry").click()
    wait_for_still(page)
    place = pytest.approx((CHEEK[0] - AHEAD, CHEEK[1]), abs=0.015)
    assert marks(page) == [place]

    # nor where something is undone
    color_spot(page, "brown", 0.2, 0.5)
    page.reload()
    wait_for_still(page)
    assert len(marks(page)) == 2
    page.route("**/hints", lambda route: route.abort())
    page.locator("#undo").click()
    expect(page.locator(".toast")).to_contain_text("The server does not answer")
    page.unroute("**/hints")
    wait_for_change(page, lambda: page.evaluate("dispatchEvent(new Event('focus'))"))
    assert marks(page) == [place]
    page.complaints.clear()  # the browser tells of the requests that failed


def test_frames_that_are_passed_quickly(film_page: Any, pan: Path) -> None:
    """The last one counts, in whichever order the server answers."""
    page = film_page
    open_film(page, pan)
    turn_to(page, FRAMES)
    plain = shown(page)
    turn_to(page, FRAMES // 2 + 1)
    color_spot(page, "teal", *CHEEK)
    held: list[Route] = []
    page.route("**/hints", lambda route: held.append(route))
    page.route(f"**/frames/{FRAMES - 4}/canvas", lambda route: held.append(route))
    moment = page.get_by_role("slider", name="Frame of the shot")
    for number in (3, FRAMES - 4, FRAMES - 1):
        with page.expect_request(f"**/frames/{number}?*"):
            moment.fill(str(number))
    page.wait_for_timeout(1000)
    for route in reversed(held):
        route.continue_()
        page.wait_for_timeout(300)
    page.unroute("**/hints")
    wait_for_still(page)
    place = CHEEK[0] - AHEAD, CHEEK[1]
    assert marks(page) == [pytest.approx(place, abs=0.015)]
    page.locator("#undo").click()
    expect(page.locator("#hints li")).to_have_count(0)
    page.wait_for_timeout(1000)
    assert np.abs(shown(page) - plain).max() <= 2


def test_a_frame_that_is_left_before_its_color_has_come(film_page: Page, pan: Path) -> None:
    """A color that was sampled belongs to the place that was pointed at, and to its frame."""
    page = film_page
    open_film(page, pan)
    page.keyboard.press("c")
    page.mouse.click(*spot(page, *CHEEK))
    page.locator("#sample").click()
    page.evaluate("""() => {
        const { decode } = HTMLImageElement.prototype;
        HTMLImageElement.prototype.decode = async function () {
            await new Promise((resolve) => setTimeout(resolve, 2000));
            return decode.call(this);
        };
    }""")
    page.mouse.click(*spot(page, 0.95, 0.5))
    turn_to(page, FRAMES)
    expect(page.locator("#hints li")).to_have_count(1)
    place = CHEEK[0] - AHEAD, CHEEK[1]
    assert marks(page) == [pytest.approx(place, abs=0.015)]
    (said,) = order_of(page)
    assert said["at"] == FRAMES // 2
    assert said["hints"][0]["points"] == [pytest.approx(CHEEK, abs=0.01)]


def test_a_project_that_has_what_was_said_of_frames_apart(film_page: Page, pan: Path) -> None:
    page = film_page
    open_film(page, pan)
    color_spot(page, "teal", 0.6, 0.5)
    with page.expect_download() as download:
        page.locator("#project-save").click()
    saved = zipfile.ZipFile(download.value.path())
    index = json.loads(saved.read("project.json"))
    (shot,) = index["films"][0]["shots"]
    other = json.loads(json.dumps(shot["past"][-1]).replace("#008080", "#a52a2a"))
    for state in (*shot["past"], other):
        for hint in state["guidance"]["hints"]:
            del hint["at"]
    index["films"][0]["shots"] = [
        {**shot, "moment": "middle"},
        {"index": 0, "moment": FRAMES - 1, "at": 0, "past": [other]},
    ]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in saved.namelist():
            made.writestr(name, saved.read(name) if name != "project.json" else json.dumps(index))
    page.locator("#frames").get_by_role("button", name=re.compile("^Remove")).click()
    page.set_input_files("#files", payload("a.colornet", content.getvalue(), ""))
    wait_for_still(page)
    expect(page.locator("#hints li")).to_have_count(2)
    both = [(one["at"], [hint["color"] for hint in one["hints"]]) for one in order_of(page)]
    assert both == [(FRAMES // 2, ["#008080"]), (FRAMES - 1, ["#a52a2a"])]
