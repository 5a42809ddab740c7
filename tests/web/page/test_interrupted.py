"""Something else is done before the last thing is finished: nothing is lost or mixed up."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, Route, expect
from skimage import data

from tests.web.conftest import Server, encoded
from tests.web.page.browser import (
    check_alone,
    choose_color,
    color_spot,
    fingers,
    guidance_of,
    open_photograph,
    settled_box,
    shown,
    spot,
    visit,
    wait_for_change,
    wait_for_color,
)

pytestmark = pytest.mark.slow


def colors(page: Page) -> list[str]:
    return [hint["color"] for hint in guidance_of(page)["hints"]]


def drag_mark(page: Page, x: float, y: float) -> None:
    """Begin to move a mark, and see its color follow."""
    at = spot(page, x, y)

    def begin() -> None:
        page.mouse.move(*at)
        page.mouse.down()
        page.mouse.move(at[0] + 60, at[1] + 20, steps=4)

    wait_for_change(page, begin)


def test_removed_while_it_is_colored(desktop: Page) -> None:
    """Nothing has gone wrong; and what was said last is there when it is brought back."""
    open_photograph(desktop)
    desktop.keyboard.press("c")
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    desktop.locator("#hex").fill("teal")
    desktop.route("**/colorize", lambda _: None, times=1)
    with desktop.expect_request("**/colorize"):
        desktop.keyboard.press("Enter")
    with desktop.expect_event("requestfailed"):
        desktop.get_by_role("button", name="Remove scan.jpg").click()
    desktop.get_by_role("button", name="Undo", exact=True).last.click()
    wait_for_color(desktop)
    expect(desktop.locator(".toast")).to_have_count(0)
    assert colors(desktop) == ["#008080"]


def test_removed_while_all_are_downloaded(desktop: Any) -> None:
    for name in ("one.jpg", "two.jpg"):
        open_photograph(desktop, name=name)
    desktop.route("**/colorize", lambda _: None, times=1)
    with desktop.expect_request("**/colorize"):
        desktop.locator("#save-all").click()
    with desktop.expect_download():
        desktop.get_by_role("button", name="Remove one.jpg").click()
    expect(desktop.locator("#status")).to_have_text("1 of 2 photographs downloaded")
    expect(desktop.locator(".toast", has_not_text="Removed.")).to_have_count(0)


def test_undone_while_the_box_is_open(desktop: Page) -> None:
    """The box closes with its correction; it would take the photograph's beginning along."""
    open_photograph(desktop)
    desktop.keyboard.press("c")
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    choose_color(desktop, "teal")
    desktop.locator("#picker-close").focus()
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    expect(desktop.locator("#picker")).to_be_hidden()
    expect(desktop.locator("#stage")).to_be_focused()
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+y"))
    assert colors(desktop) == ["#008080"]


def test_another_step_while_the_box_is_open(desktop: Page) -> None:
    """The next color is a step of its own: to undo it leaves the other one."""
    open_photograph(desktop)
    desktop.keyboard.press("c")
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    choose_color(desktop, "teal")
    choose_color(desktop, "navy")
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.5"))
    choose_color(desktop, "gold")
    for color, strength in (("#000080", "50 %"), ("#000080", "100 %")):
        wait_for_change(desktop, lambda: desktop.locator("#undo").click())
        assert colors(desktop) == [color]
        expect(desktop.locator("#strength-value")).to_have_text(strength)
    wait_for_change(desktop, lambda: desktop.locator("#undo").click())
    assert colors(desktop) == []


def test_another_correction_is_removed_while_the_box_is_open(desktop: Page) -> None:
    open_photograph(desktop)
    for color, x in (("teal", 0.2), ("red", 0.5), ("gold", 0.8)):
        color_spot(desktop, color, x, 0.5)
        desktop.keyboard.press("c")
    hints = desktop.locator("#hints button")
    hints.nth(1).click()
    hints.nth(0).focus()
    wait_for_change(desktop, lambda: desktop.keyboard.press("Delete"))
    choose_color(desktop, "blue")
    assert colors(desktop) == ["#0000ff", "#ffd700"]


def test_the_photograph_of_the_box_is_removed(desktop: Page) -> None:
    """A color for it was about to be taken from another photograph."""
    for name in ("one.jpg", "two.jpg"):
        open_photograph(desktop, name=name)
    desktop.keyboard.press("c")
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    desktop.locator("#sample").click()
    desktop.get_by_role("button", name="one.jpg", exact=True).click()
    expect(desktop.locator("#picker")).to_be_visible()
    desktop.get_by_role("button", name="Remove two.jpg").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#picker")).to_be_hidden()
    expect(desktop.locator("#stage")).not_to_have_class(re.compile("sampling"))


def test_undone_while_its_mark_is_moved(desktop: Page) -> None:
    open_photograph(desktop)
    color_spot(desktop, "teal", 0.3, 0.5)
    drag_mark(desktop, 0.3, 0.5)
    wait_for_change(desktop, lambda: desktop.keyboard.press("Control+z"))
    desktop.mouse.move(*spot(desktop, 0.6, 0.6))
    desktop.mouse.up()
    assert colors(desktop) == []
    expect(desktop.locator("#picker")).to_be_hidden()


def test_a_mark_is_moved_after_a_color_was_typed(desktop: Page) -> None:
    """Leaving the field takes the color, and the mark goes where it is moved."""
    open_photograph(desktop)
    color_spot(desktop, "red", 0.15, 0.85)
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    desktop.locator("#hex").fill("teal")
    drag_mark(desktop, 0.15, 0.85)
    wait_for_change(desktop, desktop.mouse.up)
    red, teal = guidance_of(desktop)["hints"]
    assert (red["color"], teal["color"]) == ("#ff0000", "#008080")
    assert red["points"][0][0] > 0.2


def test_a_stroke_is_begun_after_a_color_was_typed(desktop: Page) -> None:
    open_photograph(desktop)
    desktop.keyboard.press("c")
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    desktop.locator("#hex").fill("teal")
    desktop.evaluate("document.querySelector('[name=tool][value=brush]').click()")
    drag_mark(desktop, 0.15, 0.85)
    desktop.mouse.up()
    expect(desktop.locator("#picker-title")).to_have_text("Color of this area")
    choose_color(desktop, "gold")
    assert colors(desktop) == ["#008080", "#ffd700"]


def test_another_photograph_while_a_mark_is_moved(desktop: Page) -> None:
    """The correction stays where it was, and the other photograph gets none."""
    for name in ("one.jpg", "two.jpg"):
        open_photograph(desktop, name=name)
    color_spot(desktop, "teal", 0.3, 0.5)
    said = guidance_of(desktop)
    picture = desktop.locator("#after").get_attribute("src")
    drag_mark(desktop, 0.3, 0.5)
    assert desktop.locator("#after").get_attribute("src") != picture
    desktop.keyboard.press("PageUp")
    expect(desktop.locator("#photo-title")).to_contain_text("one.jpg")
    desktop.mouse.move(*spot(desktop, 0.6, 0.6))
    desktop.mouse.up()
    assert colors(desktop) == []
    desktop.keyboard.press("PageDown")
    expect(desktop.locator("#photo-title")).to_contain_text("two.jpg")
    assert guidance_of(desktop) == said
    x, y = spot(desktop, 0.3, 0.5)
    mark = desktop.locator("#marks circle").bounding_box()
    assert mark
    assert mark["x"] + mark["width"] / 2 == pytest.approx(x, abs=2)
    assert mark["y"] + mark["height"] / 2 == pytest.approx(y, abs=2)


def test_a_second_finger_while_a_mark_is_moved(browser: Browser, server: Server) -> None:
    """Two fingers zoom: the mark is back where the correction is, and so is its color."""
    page = visit(browser, server, "phone")
    open_photograph(page)
    color_spot(page, "teal", 0.3, 0.5)
    colored = shown(page)
    (x, y), (other_x, other_y) = spot(page, 0.3, 0.5), spot(page, 0.8, 0.8)
    touch = fingers(page)
    touch("touchStart", (x, y))
    wait_for_change(page, lambda: touch("touchMove", (x + 60, y + 20)))
    assert not np.array_equal(shown(page), colored)
    touch("touchStart", (x + 60, y + 20), (other_x, other_y))
    touch("touchMove", (x + 50, y + 10), (other_x + 10, other_y + 10))
    touch("touchEnd")
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")
    assert np.array_equal(shown(page), colored)
    (hint,) = guidance_of(page)["hints"]
    sheet, mark = settled_box(page), page.locator("#marks circle").bounding_box()
    assert mark
    middle = (mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    at_x, at_y = hint["points"][0]
    assert middle == pytest.approx(
        (sheet["x"] + at_x * sheet["width"], sheet["y"] + at_y * sheet["height"]), abs=2
    )
    check_alone(page, server)
    page.context.close()


def test_another_color_before_a_part_at_full_size_is_there(desktop: Any) -> None:
    """The part that is on its way is out of date, and would hide the color if it came."""
    large = np.tile(np.asarray(Image.fromarray(data.camera())), (6, 6))
    open_photograph(desktop, encoded(large))
    desktop.keyboard.press("c")
    desktop.keyboard.press("1")
    expect(desktop.locator("#tile-after")).to_be_visible()
    desktop.mouse.click(*spot(desktop, 0.5, 0.5))

    def is_part(request: Request) -> bool:
        return "region" in (request.post_data or "")

    def hold(route: Route) -> None:
        if not is_part(route.request):
            route.continue_()

    desktop.route("**/colorize", hold)
    with desktop.expect_request(is_part):  # once the photograph has rested
        choose_color(desktop, "teal")
    with desktop.expect_event("requestfailed", is_part):
        choose_color(desktop, "red")
    desktop.unroute("**/colorize")
    expect(desktop.locator("#tile-after")).to_be_visible()


def test_turned_while_unsure_places_are_looked_for(desktop: Page) -> None:
    """What was found lies elsewhere now: it is not shown."""
    open_photograph(desktop, encoded(np.asarray(Image.fromarray(data.camera()))[:300]))
    late: list[tuple[Route, Any]] = []
    desktop.route("**/uncertainty?*", lambda route: late.append((route, route.fetch())), times=1)
    with desktop.expect_request("**/uncertainty?*"):
        desktop.get_by_role("button", name="Show uncertain places").click()
    wait_for_change(desktop, lambda: desktop.get_by_role("button", name="Turn right").click())
    [(route, found)] = late
    with desktop.expect_response("**/uncertainty?*"):
        route.fulfill(response=found)
    desktop.wait_for_timeout(300)
    expect(desktop.locator("#uncertainty")).to_be_hidden()
