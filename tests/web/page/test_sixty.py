"""An album of 60 photographs, from the drop to the ZIP."""

from __future__ import annotations

import base64
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from tests.web.conftest import decoded, encoded
from tests.web.page.browser import check_with_axe, color_spot, shown
from tests.web.page.test_album import wait_for_album
from tests.web.page.test_carry import show

pytestmark = pytest.mark.slow

COUNT = 60
DRESS = (0.3, 0.72)
AUNT = Image.fromarray(data.astronaut()).convert("L")
PRINTS = {  # that show the aunt in her dress; all others do not
    "photo-01.jpg": AUNT,
    "photo-17.jpg": AUNT.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "photo-33.jpg": AUNT.crop((20, 40, 500, 512)),
    "photo-49.jpg": AUNT.point(lambda value: 50 + value * 0.6),
}


def album() -> dict[str, bytes]:
    """Small photographs by their names."""
    camera = data.camera()
    pictures = {}
    for number in range(1, COUNT + 1):
        name = f"photo-{number:02}.jpg"
        at = 4 * number
        other = Image.fromarray(camera[at : at + 160, at : at + 160])
        picture = PRINTS.get(name, other).resize((96, 96))
        pictures[name] = encoded(np.asarray(picture), quality=90)
    return pictures


def drop(page: Page, pictures: dict[str, bytes]) -> None:
    """Drop all files at once."""
    page.evaluate(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) {
                const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            }
            const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
            document.body.dispatchEvent(event);
        }""",
        [[name, base64.b64encode(content).decode()] for name, content in pictures.items()],
    )


def test_an_album_of_sixty(desktop: Page) -> None:
    pictures = album()
    drop(desktop, pictures)
    expect(desktop.locator("#progress-text")).to_contain_text(f"of {COUNT} · ")  # and time left
    wait_for_album(desktop, COUNT)
    expect(desktop.locator("#progress")).to_be_hidden()
    expect(desktop.locator("#photo-title")).to_have_text("photo-01.jpg · 1 of 60")
    color_spot(desktop, "teal", *DRESS)
    corrected = shown(desktop)

    desktop.get_by_role("button", name="Carry over to others").click()
    box = desktop.get_by_role("dialog", name="Carry corrections over")
    expect(box.locator("#carry-none")).to_contain_text("photo-60.jpg")
    named = box.locator("#carry-list b").all_inner_texts()
    assert {"photo-17.jpg", "photo-33.jpg", "photo-49.jpg"} <= set(named)
    expect(box.get_by_role("checkbox", checked=True)).to_have_count(3)
    check_with_axe(desktop)
    box.get_by_role("button", name="Color 3 places").click()
    expect(desktop.locator("#status")).to_have_text("Corrections carried over to 3 of 3")

    desktop.reload()
    wait_for_album(desktop, COUNT)
    assert np.array_equal(shown(desktop), corrected)
    for name in list(PRINTS)[1:]:
        show(desktop, name)
        hint = desktop.locator("#hints button")
        expect(hint).to_have_count(1)
        expect(hint).to_have_attribute("aria-label", "Correction 1: spot, teal #008080; change it")
    frame = desktop.get_by_role("button", name="photo-49.jpg", exact=True)
    box_of_frame = frame.bounding_box()
    assert box_of_frame
    assert 0 <= box_of_frame["x"] < 1280  # the film strip follows

    with desktop.expect_download() as download:
        desktop.locator("#save-all").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        names = [name.replace(".jpg", "-color.jpg") for name in pictures]
        assert archive.namelist() == names
        for name in PRINTS:
            result = decoded(archive.read(name.replace(".jpg", "-color.jpg"))).astype(int)
            assert result.shape == (96, 96, 3)
            teal = result[..., 2] - result[..., 0] > 15
            assert teal.mean() > 0.02, name
