import numpy as np
import pytest
from PIL import Image

from colornet.sheets import contact_sheet, evenly, in_rows


def test_cells_keep_their_shape_and_place() -> None:
    wide = np.full((20, 40, 3), (255, 0, 0), np.uint8)
    gray = Image.new("L", (40, 40), 0)

    sheet = contact_sheet([[wide, gray], [gray]], side=40)

    assert sheet.size == (4 + 2 * 44, 4 + 2 * 44)
    assert sheet.getpixel((24, 24)) == (255, 0, 0)  # the wide picture is centered in its cell
    assert sheet.getpixel((24, 8)) == (255, 255, 255)  # with paper above it
    assert sheet.getpixel((68, 24)) == (0, 0, 0)
    assert sheet.getpixel((68, 68)) == (255, 255, 255)  # the short row ends


def test_titles_and_captions_add_lines_of_ink() -> None:
    cell = Image.new("RGB", (8, 8), "white")
    plain = contact_sheet([[cell]], side=60)
    lettered = contact_sheet([[cell]], side=60, titles=["before"], captions=["face"])

    assert lettered.height > plain.height
    assert np.asarray(plain).min() == 255
    assert np.asarray(lettered).min() < 100


@pytest.mark.parametrize(
    ("length", "count", "chosen"),
    [(10, 4, [0, 3, 6, 9]), (3, 8, [0, 1, 2]), (5, 1, [0]), (0, 4, [])],
)
def test_evenly_keeps_order_and_both_ends(length: int, count: int, chosen: list[int]) -> None:
    assert evenly(range(length), count) == chosen


def test_in_rows_keeps_the_rest() -> None:
    assert in_rows([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]
