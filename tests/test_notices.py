"""Notices, as data and as warnings."""

import inspect
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

import colornet
from colornet import Colorizer, Guidance, Hint
from colornet.notices import ColornetWarning, Notice, warn

HALVES = np.repeat(np.array([[120] * 64 + [200] * 64], np.uint8), 96, axis=0)  # (96, 128)
BLUE = Guidance(hints=[Hint([(20, 20)], "tan"), Hint([(100, 40)], "blue")])
"""Of the second hint's color sRGB has none as bright."""


def test_notice_reads_as_a_line() -> None:
    assert str(Notice("too-dark", "is nearly black", "scan.tif")) == "scan.tif: is nearly black"
    assert str(Notice("busy", "another run is at work")) == "another run is at work"


def test_warning_names_the_line_that_called() -> None:
    def public() -> None:
        warn([Notice("too-dark", "is nearly black", "scan.tif")])

    with pytest.warns(ColornetWarning, match=r"^scan.tif: is nearly black$") as told:
        public()
    assert [warning.filename for warning in told] == [__file__]


@pytest.fixture(scope="module")
def colored_jpeg() -> bytes:
    file = io.BytesIO()
    Image.fromarray(data.astronaut()[:128, :128]).save(file, "JPEG")
    return file.getvalue()


def codes(notices: Iterable[Notice]) -> list[str]:
    return [notice.code for notice in notices]


PUBLIC: dict[str, Callable[[Colorizer, bytes], object]] = {
    "Colorizer.open": lambda guided, jpeg: guided.open(jpeg),
    "Colorizer.reference": lambda guided, _: guided.reference(HALVES),
    "Colorizer.colorize": lambda guided, jpeg: guided.colorize(jpeg),
    "Canvas.ab": lambda guided, _: guided.open(HALVES).ab(BLUE),
    "Canvas.reference": lambda guided, _: guided.open(HALVES).reference,
    "Canvas.colorize": lambda guided, _: guided.open(HALVES).colorize(BLUE),
    "Canvas.save": lambda guided, _: guided.open(HALVES).save(None, BLUE),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_methods_warn_in_the_line_that_called_them(
    name: str, guided: Colorizer, colored_jpeg: bytes
) -> None:
    call = PUBLIC[name]
    with pytest.warns(ColornetWarning) as told:
        call(guided, colored_jpeg)
    _, line = inspect.getsourcelines(call)
    assert [(warning.filename, warning.lineno) for warning in told] == [(__file__, line)]


def test_functions_of_the_package_warn_in_the_line_that_called_them(
    guided_model: Path, photograph: Path
) -> None:
    with pytest.warns(ColornetWarning, match="in color already") as told:
        colornet.colorize(data.astronaut()[:64, :64], model=guided_model)
    canvas = Colorizer(guided_model, threads=1).open(photograph)
    with pytest.warns(ColornetWarning, match="allows only") as fewer:
        canvas.save_variants(99)
    assert {warning.filename for warning in (*told, *fewer)} == {__file__}


def test_internal_methods_return_notices_and_warn_of_nothing(
    guided: Colorizer, colored_jpeg: bytes, tmp_path: Path
) -> None:
    canvas = guided.encode(colored_jpeg)
    assert codes(canvas.notices) == ["color-discarded"]
    assert codes(canvas.write(None, Guidance(reference=HALVES)).notices) == [
        "reference-without-color"
    ]
    assert codes(guided.refer(HALVES).notices) == ["reference-without-color"]
    assert codes(guided.write(colored_jpeg).notices) == ["color-discarded"]
    assert codes(canvas.write_variants(99, tmp_path / "a.jpg").notices) == ["fewer-variants"]
    guidance, notices = guided.prepare(Guidance(reference=HALVES))
    assert codes(notices) == ["reference-without-color"]
    assert guided.prepare(guidance) == (guidance, ()), "what was prepared is told once"


def test_dark_values_of_16_bits(guided: Colorizer) -> None:
    canvas = guided.encode(HALVES.astype(np.uint16) * 16)
    assert codes(canvas.notices) == ["too-dark"]
    assert canvas.notices[0].subject == "the array"


def test_notices_of_pages_come_together(guided: Colorizer) -> None:
    pages, file = [Image.fromarray(HALVES), Image.fromarray(HALVES)], io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    written = guided.write(file.getvalue(), None, BLUE)
    assert [notice.subject.partition(", hint")[0] for notice in written.notices] == [
        "the picture, page 1",
        "the picture, page 2",
    ]
