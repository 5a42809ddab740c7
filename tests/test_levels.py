"""Black and white point: what is found, what is kept, and the same by every way in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from colornet import Colorizer, Guidance, Hint, color
from colornet.cli.app import main
from colornet.errors import GuidanceError
from colornet.levels import AS_STORED, find_levels, leveled
from colornet.picture import provenance, read

WELL_EXPOSED = ("camera", "astronaut", "coffee")
PHOTOGRAPHS = (*WELL_EXPOSED, "chelsea", "rocket")
SIDE = 256


def gray(name: str) -> NDArray[np.uint8]:
    pixels = Image.fromarray(getattr(data, name)()).convert("L")
    return np.asarray(pixels.resize((SIDE, SIDE), Image.Resampling.BOX))


def lightness(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Of gray or RGB, 0..100."""
    return read(np.ascontiguousarray(pixels)).lightness


def faded(shade: NDArray[np.floating], black: float, white: float) -> NDArray[np.float32]:
    """Lightness between others, as old prints have it."""
    return (black + shade * (white - black) / 100).astype(np.float32)


def as_gray(shade: NDArray[np.floating], dtype: Any = np.uint8) -> NDArray[Any]:
    """The gray values of a lightness."""
    luminance = color.lightness_to_luminance(shade)
    return np.rint(color.linear_to_srgb(luminance) * np.iinfo(dtype).max).astype(dtype)


FADED = as_gray(faded(lightness(gray("astronaut")), 30, 75))


# What is found


@pytest.mark.parametrize("name", WELL_EXPOSED)
def test_a_well_exposed_picture_needs_none(name: str) -> None:
    shade = lightness(gray(name))
    assert find_levels(shade) == AS_STORED


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize(("black", "white"), [(20, 70), (0, 60), (35, 100), (40, 65)])
def test_those_of_a_faded_print_are_found(name: str, black: float, white: float) -> None:
    shade = lightness(gray(name))
    found = find_levels(faded(shade, black, white))
    ends = np.percentile(leveled(faded(shade, black, white), found), (0.5, 99.5))
    assert 0 <= ends[0] <= 8
    assert 92 <= ends[1] <= 100
    assert find_levels(leveled(faded(shade, black, white), found)) == AS_STORED, "found again"


@pytest.mark.parametrize("paper", [97, 88, 2])
@pytest.mark.parametrize("width", [3, 12, 40])
def test_a_border_does_not_count(paper: float, width: int) -> None:
    shade = faded(lightness(gray("astronaut")), 25, 75)
    framed = np.pad(shade, width, constant_values=paper)
    framed += np.random.default_rng(0).normal(0, 1, framed.shape).astype(np.float32)
    found = find_levels(framed)
    assert np.abs(np.subtract(found, find_levels(shade))).max() <= 3
    assert find_levels(leveled(framed, found)) == AS_STORED


def test_nor_do_a_scanners_lid_and_paper_around_a_print_that_lies_askew() -> None:
    print_ = Image.fromarray(np.pad(FADED, 20, constant_values=240))
    scan = np.asarray(print_.rotate(1, expand=True, fillcolor=5, resample=Image.Resampling.BICUBIC))
    assert np.abs(np.subtract(find_levels(lightness(scan)), (30, 75))).max() <= 4


def test_a_plain_sky_or_backdrop_counts() -> None:
    shade = faded(lightness(gray("astronaut")), 20, 60)
    shade[:80] = 85  # above the skyline
    shade[80:140, :60] = 85
    assert find_levels(shade)[1] == 85


@pytest.mark.parametrize("shade", [0, 50, 100])
def test_nothing_is_made_of_an_empty_page(shade: float) -> None:
    noise = np.random.default_rng(0).normal(0, 1, (SIDE, SIDE))
    assert find_levels((shade + noise).clip(0, 100).astype(np.float32)) == AS_STORED


def test_what_is_transparent_does_not_count(guided: Colorizer) -> None:
    opaque = np.zeros((256, 256), np.uint8)
    opaque[40:200, 30:220] = 255
    seen = np.where(opaque > 0, FADED, 255).astype(np.uint8)
    canvas = guided.open(np.dstack([seen, opaque]))
    only = guided.open(np.ascontiguousarray(FADED[40:200, 30:220]))
    assert np.abs(np.subtract(canvas.auto_levels, only.auto_levels)).max() <= 4


# What is kept


@pytest.mark.parametrize("levels", [(30.0, 75.0), (0.0, 50.0), (12.5, 100.0)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_result_has_the_lightness_under_levels(
    levels: tuple[float, float], dtype: Any, guided: Colorizer
) -> None:
    source = as_gray(faded(lightness(gray("astronaut")), 30, 75), dtype)
    result = guided.colorize(source, levels=levels)
    assert result.dtype == dtype
    off = np.abs(lightness(result) - leveled(lightness(source), levels))
    assert off.max() <= 100 / 255


def test_without_levels_lightness_is_that_of_the_source(guided: Colorizer) -> None:
    plain = guided.colorize(FADED)
    assert np.abs(lightness(plain) - lightness(FADED)).max() <= 100 / 255
    assert np.array_equal(guided.colorize(FADED, levels=(0, 100)), plain)


def test_alpha_strength_hints_and_crops_stay(guided: Colorizer) -> None:
    alpha = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    canvas = guided.open(np.dstack([FADED, alpha]))
    assert np.array_equal(canvas.colorize(Guidance(levels=(30, 75))).array()[..., 3], alpha)
    gray_ = canvas.colorize(Guidance(strength=0, levels=(30, 75))).array()[..., :3]
    assert np.ptp(gray_.astype(int), axis=-1).max() == 0
    hint = Hint([(200, 60)], "#a03020")
    told = canvas.colorize(Guidance(hints=[hint], levels=(30, 75))).array()
    part = canvas.colorize(Guidance(hints=[hint], levels=(30, 75))).crop(180, 40, 40, 40).array()
    assert np.array_equal(part, told[40:80, 180:220])
    a, b = color.rgb_to_lab(told[60, 200, :3] / 255)[1:]
    assert a > 10 < b, "the hint colors its place"


def test_the_model_sees_what_the_levels_make(guided: Colorizer) -> None:
    levels = (30, 75)
    under = leveled(lightness(FADED), levels)
    ours = guided.open(FADED).ab(Guidance(levels=levels))
    theirs = guided.open(as_gray(under, np.uint16)).ab()
    assert np.abs(ours - theirs).max() < 1
    assert np.abs(ours - guided.open(FADED).ab()).max() > 3


def test_suggestions_and_uncertainty_are_of_what_the_model_sees(guided: Colorizer) -> None:
    canvas, levels = guided.open(FADED), (30.0, 75.0)
    bright = guided.open(as_gray(leveled(lightness(FADED), levels), np.uint16))
    for ours, theirs in zip(
        canvas.suggest(100, 60, levels=levels), bright.suggest(100, 60), strict=True
    ):
        assert abs(ours.probability - theirs.probability) < 0.01
    assert np.abs(canvas.uncertainty(levels) - bright.uncertainty()).max() < 0.01


def test_auto_is_what_was_found(guided: Colorizer) -> None:
    canvas = guided.open(FADED)
    black, white = canvas.auto_levels
    assert abs(black - 30) <= 3
    assert abs(white - 75) <= 6  # seen at 32 pixels a side
    auto = canvas.colorize(Guidance(levels="auto")).array()
    assert np.array_equal(auto, canvas.colorize(Guidance(levels=(black, white))).array())
    assert np.array_equal(auto, guided.colorize(FADED, levels="auto"))


def test_each_page_has_its_own(guided: Colorizer) -> None:
    buffer = io.BytesIO()
    pages = [Image.fromarray(page) for page in (FADED, gray("astronaut"))]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    result = Image.open(io.BytesIO(guided.colorize(buffer.getvalue(), levels="auto")))
    for number, source in enumerate(pages):
        result.seek(number)
        alone = guided.colorize(np.asarray(source), levels="auto")
        assert np.array_equal(np.asarray(result), alone)


# What users write


@pytest.mark.parametrize(
    ("told", "levels"),
    [
        ("auto", "auto"),
        ("12,85", (12.0, 85.0)),
        ("12.5,85.25", (12.5, 85.25)),
        ([0, 100], (0.0, 100.0)),
        (None, None),
    ],
)
def test_levels_that_are_some(told: Any, levels: Any) -> None:
    assert Guidance(levels=told).levels == levels
    assert Guidance.from_json({"version": 1, "levels": told}).levels == levels


@pytest.mark.parametrize(
    "told", ["", "12", "12,", "12,85,90", "a,b", "-5,90", "Auto", [1], [1, 2, 3], 5, True, {}]
)
def test_levels_that_are_none(told: Any) -> None:
    with pytest.raises(GuidanceError, match="is not black and white; use auto, or") as caught:
        Guidance(levels=told)
    assert caught.value.subject == "levels"


@pytest.mark.parametrize("told", ["90,10", "50,50", "50,50.5", [100, 0]])
def test_white_is_above_black(told: Any) -> None:
    with pytest.raises(GuidanceError, match=r"white .* is not above black"):
        Guidance(levels=told)


@pytest.mark.parametrize("told", ["10,101", [-1, 90], [0, float("nan")], [0, "90"], [10**400, 1]])
def test_they_are_lightnesses(told: Any) -> None:
    with pytest.raises(GuidanceError, match=r"out of range|is not a number"):
        Guidance(levels=told)


# By the command line, and in files


def test_a_picture_a_folder_and_what_they_say_of_themselves(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = tmp_path / "album"
    album.mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(FADED).save(album / name)
    (album / "b.hints.json").write_text('{"version": 1, "levels": [20, 80]}')
    model = ("--model", str(tiny_model))
    out = tmp_path / "out"
    told: dict[str, Any] = {}
    for place, options in {"auto": ["--levels", "auto"], "plain": []}.items():
        assert main(["colorize", str(album), "-o", str(out / place), *options, *model]) == 0
        for name in ("a.png", "b.png"):
            made = provenance(out / place / name)
            assert made
            told[f"{place}/{name}"] = made.options
    found = list(Colorizer(tiny_model).open(album / "a.png").auto_levels)
    assert told["auto/a.png"]["levels"] == told["auto/b.png"]["levels"] == "auto"
    assert told["auto/a.png"]["found levels"] == found
    assert "levels" not in told["plain/a.png"]
    assert told["plain/b.png"]["levels"] == [20, 80]
    capsys.readouterr()
    assert main(["colorize", str(album), "-o", str(out / "auto"), "--levels", "auto", *model]) == 0
    assert "0 done, 2 skipped" in capsys.readouterr().err
    assert main(["colorize", str(album), "-o", str(out / "auto"), "--levels", "9,90", *model]) == 1
    assert "2 are there, made with other settings" in capsys.readouterr().err
    assert main(["info", str(out / "auto" / "a.png")]) == 0
    assert "found levels" in capsys.readouterr().out


def test_an_archive(tiny_model: Path, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    (tmp_path / "in").mkdir()
    Image.fromarray(FADED).save(tmp_path / "in" / "a.png")
    command = ["archive", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--jobs", "1"]
    command += ["--model", str(tiny_model)]
    assert main([*command, "--levels", "auto"]) == 0
    made = provenance(tmp_path / "out" / "a.png")
    assert made
    assert made.options["levels"] == "auto"
    assert main([*command, "--levels", "9,90"]) == 2, "it was begun in another way"


def test_in_place_twice_is_done_once(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(FADED).save(path)
    command = ["colorize", str(path), "--in-place", "--levels", "auto", "--model", str(tiny_model)]
    assert main(command) == 0
    assert main(command) == 0
    assert "skipped, made so" in capsys.readouterr().err
    assert np.ptp(lightness(np.asarray(Image.open(path)))) > 90


def test_a_mistake_is_one_clear_line(
    tiny_model: Path, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["colorize", str(photograph), "--levels", "85,12", "--model", str(tiny_model)]
    assert main(command) == 2
    assert capsys.readouterr().err.startswith("colornet: levels: has white at 12, which is not")
