"""Choosing a color: what is possible, from where, and how it is called."""

from __future__ import annotations

import itertools
import re
from urllib.parse import unquote

import numpy as np
import pytest
from matplotlib.colors import XKCD_COLORS
from playwright.sync_api import Browser, Page, expect
from skimage import color

from colornet.guidance.css_colors import CSS_COLORS
from tests.web.conftest import Server, encoded
from tests.web.page.browser import (
    check_alone,
    choose_color,
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

BRIGHT = encoded(np.full((200, 200), 230, np.uint8), "png")


def test_a_color_that_the_lightness_does_not_allow_is_told(desktop: Page, server: Server) -> None:
    open_photograph(desktop, BRIGHT, "bright.png")
    desktop.mouse.click(*spot(desktop, 0.7, 0.5))
    choose_color(desktop, "#700000")
    expect(desktop.locator("#reachable")).to_contain_text("Too bright here for this color")
    told = desktop.locator("#reachable").inner_text()
    answer = server.post(
        "/api/v1/colorize",
        files={"picture": BRIGHT},
        data={
            "guidance": '{"version": 1, "hints": [{"points": [[140, 100]], "color": "#700000"}]}'
        },
    )
    comes_out = re.search(r"(#\w{6}) comes out", unquote(answer.headers["colornet-notices"]))
    assert comes_out
    assert comes_out[1] in told

    choose_color(desktop, "khaki")
    expect(desktop.locator("#reachable")).to_be_hidden()
    expect(desktop.locator("#color-name")).to_have_text("light yellow")
    expect(desktop.locator("#any")).to_have_value(CSS_COLORS["khaki"])

    desktop.locator("#plane-part summary").click()
    plane = desktop.locator("#plane")
    expect(plane).to_have_attribute("aria-valuetext", f"light yellow {CSS_COLORS['khaki']}")
    box = plane.bounding_box()
    assert box
    target = (box["x"] + 0.6 * box["width"], box["y"] + 0.55 * box["height"])
    wait_for_change(desktop, lambda: desktop.mouse.click(*target))
    expect(desktop.locator("#reachable")).to_be_hidden()
    pink = shown(desktop)[100, 140]
    assert pink[0] > pink[1] + 10
    plane.focus()
    wait_for_change(desktop, lambda: desktop.keyboard.press("Shift+ArrowLeft"))
    assert shown(desktop)[100, 140][0] < pink[0]


def test_colors_from_other_places(desktop: Page) -> None:
    """From another photograph, from the color well as it is dragged, and those chosen before."""
    orange = np.full((120, 160, 3), (230, 130, 20), np.uint8)
    open_photograph(desktop, BRIGHT, "bright.png")
    open_photograph(desktop, encoded(orange, "png"), "orange.png")
    desktop.get_by_role("button", name="bright.png", exact=True).click()
    expect(desktop.locator("#photo-title")).to_contain_text("bright.png")
    desktop.mouse.click(*spot(desktop, 0.7, 0.5))
    expect(desktop.locator("#swatches .swatch")).to_have_count(8)

    well = desktop.locator("#any")
    wait_for_change(desktop, lambda: drag_in_the_well(well, "#88ccee"))
    expect(desktop.locator("#undo")).to_be_disabled()  # it is not chosen yet
    live = shown(desktop)[100, 140]
    assert live[2] > live[0] + 10
    well.dispatch_event("change")
    expect(desktop.locator("#undo")).to_be_enabled()
    expect(desktop.locator("#recent .swatch")).to_have_count(1)
    name = desktop.locator("#recent .swatch").get_attribute("aria-label")
    assert name == "Recent color: sky blue #88ccee"

    desktop.get_by_role("button", name="Take a color from a photograph").click()
    desktop.get_by_role("button", name="orange.png", exact=True).click()
    expect(desktop.locator("#photo-title")).to_contain_text("orange.png")
    expect(desktop.locator("#picker")).to_be_visible()
    taken = shown(desktop)[60, 80]
    desktop.mouse.click(*spot(desktop, 0.8, 0.5))
    expect(desktop.locator("#photo-title")).to_contain_text("bright.png")
    expect(desktop.locator("#recent .swatch")).to_have_count(2)
    newest = desktop.locator("#recent .swatch").first.get_attribute("value")
    assert newest
    assert np.abs(np.frombuffer(bytes.fromhex(newest[1:]), np.uint8) - taken).max() <= 2
    expect(desktop.locator("#hints button")).to_have_count(1)
    desktop.keyboard.press("Escape")
    desktop.reload()
    wait_for_color(desktop)
    desktop.mouse.click(*spot(desktop, 0.3, 0.3))
    expect(desktop.locator("#recent .swatch")).to_have_count(2)


def drag_in_the_well(well: object, color: str) -> None:
    """What a browser does while a color is dragged: the value changes, and is not final."""
    well.evaluate(  # type: ignore[attr-defined]
        """(well, color) => {
            well.value = color;
            well.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        color,
    )


def test_the_box_can_be_moved_and_stays_inside(desktop: Page) -> None:
    open_photograph(desktop, BRIGHT, "bright.png")
    desktop.mouse.click(*spot(desktop, 0.3, 0.5))
    head = desktop.locator("#picker-title")
    before = head.bounding_box()
    assert before
    desktop.mouse.move(before["x"] + 5, before["y"] + 5)
    desktop.mouse.down()
    desktop.mouse.move(before["x"] + 125, before["y"] + 45, steps=3)
    desktop.mouse.up()
    after = head.bounding_box()
    assert after
    assert (after["x"] - before["x"], after["y"] - before["y"]) == (120, 40)
    desktop.keyboard.press("Alt+ArrowLeft")
    assert head.bounding_box()["x"] == after["x"] - 24  # type: ignore[index]
    for size in ((860, 500), (1280, 800)):
        desktop.set_viewport_size({"width": size[0], "height": size[1]})
        desktop.wait_for_timeout(50)
        box = desktop.locator("#picker").bounding_box()
        assert box
        assert 0 <= box["x"] <= size[0] - box["width"]
        assert 0 <= box["y"] <= size[1] - box["height"]


def test_the_box_does_not_hide_what_it_is_about(browser: Browser, server: Server) -> None:
    """On a phone the photograph gives way, and what is tapped then is what is seen."""
    page = visit(browser, server, "phone")
    open_photograph(page)
    page.keyboard.press("c")
    before = settled_box(page)
    page.touchscreen.tap(*spot(page, 0.5, 0.95))
    box, mark = page.locator("#picker"), page.locator("#marks circle").last
    expect(page.locator(".swatch")).to_have_count(8)

    def is_seen() -> bool:
        top, ring = box.bounding_box(), mark.bounding_box()
        return bool(top and ring and ring["y"] + ring["height"] / 2 < top["y"])

    assert is_seen()
    choose_color(page, "teal")
    page.locator("#plane-part summary").tap()  # the box grows
    settled_box(page)
    assert is_seen()
    page.touchscreen.tap(*spot(page, 0.3, 0.3))
    expect(page.locator(".swatch[aria-pressed=true]")).to_have_count(0)
    choose_color(page, "gold")
    page.keyboard.press("Escape")
    assert settled_box(page) == before
    teal, gold = (hint["points"][0] for hint in guidance_of(page)["hints"])
    assert teal == pytest.approx([0.5, 0.95], abs=0.01)
    assert gold == pytest.approx([0.3, 0.3], abs=0.02)
    check_alone(page, server)
    page.context.close()


def names_of(page: Page, colors: list[str]) -> list[str]:
    """What the page calls colors."""
    found: list[str] = page.evaluate(
        """async (colors) => {
            const address = new URL("js/color-names.js", document.baseURI);
            const { nearestName } = await import(address.href);
            return colors.map(nearestName);
        }""",
        colors,
    )
    return found


def test_colors_are_called_what_people_call_them(desktop: Page) -> None:
    """In xkcd's color survey of 2010: of the nearest of CSS's names, less than half agreed."""
    survey = {n[5:].replace("grey", "gray"): str(one) for n, one in XKCD_COLORS.items()}
    called = dict(zip(survey, names_of(desktop, list(survey.values())), strict=True))
    assert [n for n in called if n in called.values() and called[n] != n] == []
    assert len(set(called.values()) & called.keys()) > 35
    nouns = {name.split()[-1] for name in called.values()}
    agree = [called[n].split()[-1] == n.split()[-1] for n in called if n.split()[-1] in nouns]
    assert len(agree) > 550
    assert np.mean(agree) > 0.72


def test_names_fit_all_colors_that_there_are(desktop: Page) -> None:
    steps = range(0, 256, 17)
    rgb = np.array([(r, g, b) for r in steps for g in steps for b in steps], np.uint8)
    names = names_of(desktop, [f"#{bytes(one).hex()}" for one in rgb])
    lightness, a, b = color.rgb2lab(rgb[:, None])[:, 0].T
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
    arcs = {"brown": (5, 115), "orange": (40, 90), "yellow": (75, 130), "olive": (80, 140)}
    arcs |= {"green": (100, 200), "turquoise": (140, 230), "teal": (160, 230)}
    arcs |= {"blue": (195, 320), "purple": (285, 360)}
    for name, light, colorful, angle in zip(names, lightness, chroma, hue, strict=True):
        noun = name.split()[-1]
        if colorful < 5:
            assert noun in ("black", "gray", "white")
        if colorful > 17 and light > 10:
            assert noun not in ("black", "gray", "white")
        assert light < 63 or not name.startswith("dark") or noun in ("yellow", "pink")
        assert light > 46 or not name.startswith("light")
        least, most = arcs.get(noun, (0, 360))
        assert least <= angle <= most or light < 5
    grays = [f"#{level:02x}{level:02x}{level:02x}" for level in range(256)]
    order = ["black", "dark gray", "gray", "light gray", "white"]
    assert [name for name, _ in itertools.groupby(names_of(desktop, grays))] == order


def test_what_is_typed_is_undone_by_itself(desktop: Page) -> None:
    open_photograph(desktop)
    wait_for_change(desktop, lambda: desktop.locator("#strength").fill("0.8"))
    desktop.mouse.click(*spot(desktop, 0.7, 0.5))
    field = desktop.locator("#hex")
    field.click()
    desktop.keyboard.type("teal")
    desktop.keyboard.press("Control+z")
    expect(field).not_to_have_value("teal")
    expect(desktop.locator("#strength-value")).to_have_text("80 %")
