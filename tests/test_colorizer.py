import contextlib
import dataclasses
import io
import re
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from skimage import data

import colornet
from colornet import ColornetWarning, color
from colornet.canvas import Canvas
from colornet.colorizer import Colorizer
from colornet.errors import (
    GuidanceError,
    ModelDamaged,
    ModelLacks,
    OptionError,
    PictureTooLarge,
    UnreadablePicture,
    UnwritablePicture,
)
from colornet.guidance import Guidance, Hint, Prior
from colornet.guidance.raster import hint_ab
from colornet.oneshot import _cached_colorizer
from colornet.picture import Encoding, Limits, shrunk
from tests.conftest import SIZE, write_model

GRAY = data.camera()[::4, ::4].copy()  # (128, 128)


def lightness_of(rgb8: NDArray[np.uint8]) -> NDArray[Any]:
    return color.rgb_to_lab(rgb8 / 255.0)[..., 0]


def chroma_of(rgb8: NDArray[np.uint8]) -> float:
    return float(np.hypot(*np.moveaxis(color.rgb_to_lab(rgb8 / 255.0)[..., 1:], -1, 0)).mean())


def as_kind(kind: str, path: Path) -> Any:
    match kind:
        case "str":
            return str(path)
        case "path":
            return path
        case "bytes":
            return path.read_bytes()
        case "stream":
            return io.BytesIO(path.read_bytes())
        case "pil":
            return Image.open(path)
    return np.asarray(Image.open(path))


@pytest.mark.parametrize(
    ("kind", "returned"),
    [
        ("str", Path),
        ("path", Path),
        ("bytes", bytes),
        ("stream", bytes),
        ("array", np.ndarray),
        ("pil", Image.Image),
    ],
)
def test_what_comes_in_comes_out(
    kind: str, returned: type, tiny: Colorizer, photograph: Path
) -> None:
    result = tiny.colorize(as_kind(kind, photograph))
    assert isinstance(result, returned)
    if isinstance(result, bytes):
        result = io.BytesIO(result)
    picture = result if isinstance(result, np.ndarray | Image.Image) else Image.open(result)
    assert np.asarray(picture).shape == (128, 160, 3)
    assert chroma_of(np.asarray(picture)) > 10


def test_lightness_is_kept(tiny: Colorizer) -> None:
    before = lightness_of(np.repeat(GRAY[..., None], 3, axis=-1))
    after = lightness_of(tiny.colorize(GRAY))
    assert np.abs(after - before).max() < 0.5


def test_colors_are_the_models(tiny: Colorizer) -> None:
    a, b = tiny.open(GRAY).ab()
    assert a.shape == (SIZE // 2, SIZE // 2)
    mean = lightness_of(np.repeat(GRAY[..., None], 3, axis=-1)).mean()
    assert a.mean() == pytest.approx(0.6 * mean, rel=0.01)
    assert b == pytest.approx(0.4 * mean, rel=0.01)


def test_strength_goes_from_gray_to_full(tiny: Colorizer) -> None:
    canvas = tiny.open(GRAY)
    chroma = [chroma_of(canvas.save(None, Guidance(strength=s))) for s in (0, 0.5, 1)]
    assert chroma[0] < 0.01
    assert chroma[0] + 5 < chroma[1] < chroma[2] - 5
    assert canvas.ab(Guidance(strength=0.5)) == pytest.approx(canvas.ab() / 2)
    assert np.array_equal(canvas.save(None, Guidance(strength=0))[..., 0], GRAY)


def test_saturation_multiplies(tiny: Colorizer) -> None:
    canvas = tiny.open(GRAY)
    assert canvas.ab(Guidance(saturation=1.5)) == pytest.approx(1.5 * canvas.ab(), rel=1e-5)


def test_reference_gives_the_prior(tiny: Colorizer) -> None:
    bright = np.full((64, 64), 230, np.uint8)
    canvas = tiny.open(GRAY)
    a, b = canvas.ab(Guidance(reference=tiny.prior(bright)))
    assert a == pytest.approx(canvas.ab()[0])
    assert b == pytest.approx(0.4 * color.rgb_to_lab(np.full(3, 230 / 255))[0], rel=0.01)
    with pytest.warns(ColornetWarning, match="the array: has no colors to take over"):
        assert np.array_equal(canvas.ab(Guidance(reference=bright)), [a, b])


def test_a_reference_that_ends_too_early_is_an_error_with_a_remedy(tiny: Colorizer) -> None:
    buffer = io.BytesIO()
    Image.fromarray(data.coffee()).save(buffer, "JPEG")
    cut = buffer.getvalue()[:20_000]
    canvas = tiny.open(GRAY)
    attempts: list[Callable[[], object]] = [
        lambda: tiny.prior(cut),
        lambda: tiny.reference(cut),
        lambda: canvas.ab(Guidance(reference=cut)),
        lambda: tiny.colorize(GRAY, reference=cut, partial=True),
    ]
    for attempt in attempts:
        with pytest.raises(UnreadablePicture, match=r"take another photograph as the reference$"):
            attempt()


def test_a_part_of_a_photograph_as_a_reference_has_the_colors_of_that_part(
    tiny: Colorizer,
) -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 40, (200, 200, 1), np.uint8)
    Image.fromarray(np.array([200, 40, 40], np.uint8) + noise).save(buffer, "PNG")
    content = buffer.getvalue()
    part = tiny.encode(content[: len(content) // 2], partial=True)
    assert part.picture.area
    a, _ = part.refer().ab
    assert a.min() > 30  # also where rows are missing


def test_own_prior_as_reference_changes_nothing(tiny: Colorizer) -> None:
    canvas = tiny.open(GRAY)
    assert np.array_equal(canvas.ab(Guidance(reference=canvas.prior)), canvas.ab())


def test_model_without_prior(tmp_path: Path) -> None:
    colorizer = Colorizer(write_model(tmp_path / "local", prior=False))
    canvas = colorizer.open(GRAY)
    assert canvas.ab().any()
    with pytest.raises(ModelLacks, match="local: has no global prior"):
        canvas.ab(Guidance(reference=GRAY))
    with pytest.raises(ModelLacks, match="has no global prior"):
        canvas.ab(Guidance(reference=Prior(np.zeros(256, np.float32))))


def test_encoded_once(tiny: Colorizer, photograph: Path) -> None:
    canvas = tiny.open(photograph)
    photograph.unlink()
    assert np.array_equal(canvas.ab(), canvas.ab())


def test_numbers_that_are_none_are_an_error(tmp_path: Path, photograph: Path) -> None:
    colorizer = Colorizer(write_model(tmp_path / "broken", scale=float("nan")))
    with pytest.raises(ModelDamaged, match=r"decoder\.onnx: gives values that are not finite"):
        colorizer.colorize(photograph, tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


def test_picture_that_stays_gray_is_told(tmp_path: Path) -> None:
    canvas = Colorizer(write_model(tmp_path / "timid", scale=0.001)).open(GRAY)
    with pytest.warns(ColornetWarning, match="stays gray: the model timid found no color"):
        canvas.ab()
    assert [notice.code for notice in canvas.render().notices] == ["stays-gray"]


def test_discarded_color_is_told(tiny: Colorizer) -> None:
    with pytest.warns(ColornetWarning, match="its own colors are discarded"):
        canvas = tiny.open(data.astronaut())
    gray = color.to_rgb8(color.lab_to_rgb(lightness_of(data.astronaut()), np.zeros((512, 512, 2))))
    assert canvas.ab() == pytest.approx(tiny.open(gray).ab(), abs=0.3)


def test_a_doubtful_jpeg_is_told(tiny: Colorizer) -> None:
    buffer = io.BytesIO()
    Image.fromarray(GRAY).save(buffer, "JPEG")
    sound = buffer.getvalue()
    with pytest.warns(ColornetWarning, match="may be damaged"):
        tiny.colorize(sound[:-2] + b"something else" * 9 + sound[-2:])


def test_many_threads_give_the_same(tiny: Colorizer) -> None:
    alone = tiny.colorize(GRAY)
    with ThreadPoolExecutor(4) as executor:
        for result in executor.map(lambda _: tiny.colorize(GRAY), range(8)):
            assert np.array_equal(result, alone)


@pytest.mark.parametrize(
    ("name", "format", "expected"),
    [
        ("a.jpg", None, "a-color.jpg"),
        ("a.JPEG", None, "a-color.JPEG"),
        ("a.jpg", "png", "a-color.png"),
        ("a.jpeg", "jpeg", "a-color.jpeg"),
        ("scan", None, "scan-color.jpg"),
        ("a.png", None, "a-color.jpg"),
    ],
)
def test_name_of_the_result(
    name: str, format: Any, expected: str, tiny: Colorizer, photograph: Path
) -> None:
    source = photograph.rename(photograph.with_name(name))
    told = pytest.warns(ColornetWarning, match="its name ends in .png, but its format is JPEG")
    with told if name == "a.png" else contextlib.nullcontext():
        result = tiny.colorize(source, encoding=Encoding(format))
    assert result == photograph.with_name(expected)
    assert result.exists()


def test_result_is_not_overwritten_unasked(tiny: Colorizer, photograph: Path) -> None:
    before = photograph.read_bytes()
    with pytest.raises(UnwritablePicture, match="is the original itself"):
        tiny.colorize(photograph, photograph)
    assert photograph.read_bytes() == before
    result = tiny.colorize(photograph)
    before = result.read_bytes()
    with pytest.raises(UnwritablePicture, match="already there"):
        tiny.colorize(photograph)
    assert result.read_bytes() == before
    tiny.colorize(photograph, guidance=Guidance(0.5), overwrite=True)
    assert result.read_bytes() != before


def test_original_is_never_overwritten(
    tiny: Colorizer, photograph: Path, tiny_model: Path, guided_model: Path
) -> None:
    before = photograph.read_bytes()
    (link := photograph.with_name("link.jpg")).symlink_to(photograph)
    (hard := photograph.with_name("hard.jpg")).hardlink_to(photograph)
    (second := photograph.with_name("a-2.jpg")).hardlink_to(photograph)
    canvas = tiny.open(photograph)
    for target in (photograph, link, hard):
        with photograph.open("rb") as stream, Image.open(photograph) as picture:
            for source in (photograph, stream, picture):
                with pytest.raises(UnwritablePicture, match="is the original itself; choose"):
                    tiny.colorize(source, target, overwrite=True)
        with pytest.raises(UnwritablePicture, match="is the original itself"):
            canvas.save(target, overwrite=True)
        with pytest.raises(UnwritablePicture, match="is the original itself"):
            colornet.colorize(photograph, target, model=tiny_model, overwrite=True)
    canvas = Colorizer(guided_model).open(photograph)
    with pytest.raises(UnwritablePicture, match=r"a-2\.jpg: is the original itself"):
        canvas.save_variants(2, photograph.with_name("a.jpg"), overwrite=True)
    assert {path.read_bytes() for path in (photograph, link, hard, second)} == {before}


def test_in_place(tiny: Colorizer, photograph: Path) -> None:
    before, kept = photograph.read_bytes(), photograph.with_name("astronaut.orig.jpg")
    assert tiny.colorize(photograph, in_place=True) == photograph
    first = photograph.read_bytes()
    assert kept.read_bytes() == before != first
    with pytest.raises(
        UnwritablePicture,
        match=r"is made from .*orig\.jpg; --overwrite \(overwrite=True\) makes it",
    ):
        tiny.colorize(photograph, in_place=True)
    pale = Guidance(0.5)
    tiny.colorize(str(photograph), photograph, pale, in_place=True, overwrite=True)
    assert kept.read_bytes() == before
    assert photograph.read_bytes() not in (before, first)
    with pytest.raises(OptionError, match="is another place than the original's"):
        tiny.colorize(photograph, "other.jpg", in_place=True)
    with pytest.raises(OptionError, match="in_place: needs a file; give its path"):
        tiny.colorize(before, in_place=True)
    with pytest.raises(UnwritablePicture, match=r"astronaut\.jpg: its suffix says jpeg"):
        tiny.colorize(photograph, in_place=True, overwrite=True, encoding=Encoding("png"))
    names = sorted(path.name for path in photograph.parent.iterdir())
    assert names == ["astronaut.jpg", "astronaut.orig.jpg"]


def test_original_that_changes_meanwhile(tiny: Colorizer, photograph: Path) -> None:
    canvas = tiny.open(photograph)
    Image.new("L", canvas.picture.lightness.shape[::-1], 99).save(photograph)
    with pytest.raises(UnreadablePicture, match="has changed since it was read; try again"):
        canvas.save()
    assert list(photograph.parent.iterdir()) == [photograph]


def test_limits_hold_for_pictures_and_references(tiny_model: Path, photograph: Path) -> None:
    colorizer = Colorizer(tiny_model, limits=Limits(pixels=128 * 128))
    with pytest.raises(PictureTooLarge):
        colorizer.open(photograph)
    with pytest.raises(PictureTooLarge):
        colorizer.open(GRAY).ab(Guidance(reference=photograph))


def test_unreadable_reference(tiny: Colorizer, tmp_path: Path) -> None:
    with pytest.raises(UnreadablePicture, match="no such file"):
        tiny.open(GRAY).ab(Guidance(reference=tmp_path / "none.jpg"))


def test_colorize_keeps_the_model_loaded(tiny_model: Path) -> None:
    _cached_colorizer.cache_clear()
    full = colornet.colorize(GRAY, model=tiny_model)
    half = colornet.colorize(GRAY, model=str(tiny_model), strength=0.5)
    assert chroma_of(half) < chroma_of(full)
    assert _cached_colorizer.cache_info().misses == 1


def test_colorize_encodes_as_asked(tiny_model: Path, photograph: Path) -> None:
    small = colornet.colorize(photograph.read_bytes(), model=tiny_model, quality=30)
    large = colornet.colorize(photograph.read_bytes(), model=tiny_model, format="png")
    assert small.startswith(b"\xff\xd8")
    assert large.startswith(b"\x89PNG")
    assert len(small) < len(large)


def test_a_small_copy_is_colored_as_the_whole(tiny_model):
    canvas = Colorizer(tiny_model).open(data.coffee()[..., 0])
    small = canvas.colorize(picture=shrunk(canvas.picture, 100)).array().astype(float)
    whole = canvas.colorize().array().astype(float)
    assert small.shape == (67, 100, 3)
    assert np.abs(small.mean(axis=(0, 1)) - whole.mean(axis=(0, 1))).max() < 2


def test_prior_of_a_canvas_is_that_of_its_picture(tiny_model, photograph):
    colorizer = Colorizer(tiny_model)
    canvas = colorizer.open(photograph)
    assert (canvas.prior.values == colorizer.prior(photograph).values).all()
    assert canvas.nbytes >= canvas.prior.values.nbytes


# Guidance


HALVES = np.repeat(np.array([[120] * 64 + [200] * 64], np.uint8), 96, axis=0)  # (96, 128)


def ab_of(rgb8: NDArray[np.uint8]) -> NDArray[Any]:
    return color.rgb_to_lab(rgb8 / 255.0)[..., 1:]


def red_and_blue() -> NDArray[np.uint8]:
    scene: NDArray[np.uint8] = np.repeat(HALVES[..., None], 3, axis=-1) // 2
    scene[:, :64] += np.array([40, 0, 0], np.uint8)
    scene[:, 64:] += np.array([0, 0, 40], np.uint8)
    return scene


def test_hint_colors_its_thing_and_stops_at_the_edge(guided: Colorizer) -> None:
    canvas = guided.open(HALVES)
    teal = hint_ab(Hint(((20, 40),), "teal"))
    plain, hinted = (
        ab_of(canvas.save(None, Guidance(hints=hints)))
        for hints in ((), [Hint(((20, 40),), "teal")])
    )
    assert np.abs(hinted[40, 20] - teal).max() < 2
    assert np.abs(hinted[80, 5] - teal).max() < 3, "the same thing, far away"
    wished = np.linalg.norm(teal - plain[40, 20])
    strayed = np.linalg.norm(hinted[:, 80:] - plain[:, 80:], axis=-1).max()
    assert strayed < wished / 20, "another thing"


GOLDEN = [[124, 124, 0], [124, 124, 0], [130, 122, 1], [200, 200, 200], [198, 200, 205]]
"""On olive, twice; where olive ends; on gray; where gray ends."""


def test_golden_hint(guided: Colorizer) -> None:
    """A few colors of the whole way, held to what they were when they were looked at."""
    stroke = Hint(((0.1, 0.2), (0.4, 0.8)), "olive", 0.05, "fractions")
    rgb = guided.open(HALVES).save(None, Guidance(hints=[stroke, Hint(((100, 10),), "gray")]))
    found = rgb[[10, 50, 90, 10, 90], [10, 30, 60, 100, 70]].astype(int)
    assert np.abs(found - GOLDEN).max() <= 1


def test_gray_hint_keeps_gray(guided: Colorizer) -> None:
    rgb = guided.open(HALVES).save(None, Guidance(hints=[Hint(((100, 40),), "gray")]))
    assert np.ptp(rgb[40, 100].astype(int)) <= 2
    assert np.ptp(rgb[40, 20].astype(int)) > 20


def test_keep_holds_a_hint_back_in_the_middle_of_its_thing(guided: Colorizer) -> None:
    canvas = guided.open(HALVES)
    teal, keep = Hint(((8, 40),), "teal"), Hint(((56, 40),), "keep")
    plain, teal_alone, held = (
        ab_of(canvas.save(None, Guidance(hints=hints, saturation=0.8)))
        for hints in ((), [teal], [teal, keep])
    )
    assert np.abs(held[40, 8] - hint_ab(teal)).max() < 3
    assert np.linalg.norm(teal_alone[40, 56] - plain[40, 56]) > 20
    assert np.abs(held[40, 56] - plain[40, 56]).max() < 3


def test_hint_keeps_its_color_whatever_the_saturation(guided: Colorizer) -> None:
    canvas = guided.open(HALVES)
    hint = Hint(((20, 40),), "teal")
    for saturation in (0, 0.5, 1.5):
        rgb = canvas.save(None, Guidance(saturation=saturation, hints=[hint]))
        assert np.abs(ab_of(rgb)[40, 20] - hint_ab(hint)).max() < 3
    half = canvas.save(None, Guidance(strength=0.5, hints=[hint]))
    assert np.abs(ab_of(half)[40, 20] - hint_ab(hint) / 2).max() < 2


def test_hints_keep_the_lightness(guided: Colorizer) -> None:
    hints = [Hint(((x, y),), "wheat") for x, y in [(10, 10), (60, 100), (100, 50)]]
    rgb = guided.open(GRAY).save(None, Guidance(hints=hints[:2]))
    before = lightness_of(np.repeat(GRAY[..., None], 3, axis=-1))
    assert np.abs(lightness_of(rgb) - before).max() < 0.5


def test_hints_that_cannot_be_followed(guided: Colorizer, tiny: Colorizer) -> None:
    canvas = guided.open(np.stack([GRAY, np.where(GRAY.T > 0, 255, 0)], axis=-1).astype(np.uint8))
    with pytest.raises(GuidanceError, match=r"hint 1 \(#008080 at 500,3\): lies outside"):
        canvas.ab(Guidance(hints=[Hint(((500, 3),), "teal")]))
    hidden = np.dstack([HALVES, np.zeros_like(HALVES)])
    with pytest.raises(GuidanceError, match="transparent"):
        guided.open(hidden).ab(Guidance(hints=[Hint(((5, 3),), "teal")]))
    with pytest.raises(ModelLacks, match="tiny: takes no hints; leave them out"):
        tiny.open(GRAY).ab(Guidance(hints=[Hint(((5, 3),), "teal")]))


def test_unreachable_hint_is_told(guided: Colorizer) -> None:
    canvas = guided.open(HALVES)
    guidance = Guidance(hints=[Hint(((100, 40),), "blue")])
    with pytest.warns(ColornetWarning, match="too bright there for this color; #.* comes out"):
        rgb = canvas.save(None, guidance)
    (notice,) = canvas.render(guidance).notices
    assert notice.code == "color-unreachable"
    assert notice.subject == "the array, hint 1 (#0000ff at 100,40)"
    told = re.search("(#......) comes out", notice.text)
    assert told
    assert np.abs(rgb[40, 100].astype(int) - list(bytes.fromhex(told[1][1:]))).max() <= 4


def test_suggestions_have_the_pictures_lightness(guided: Colorizer) -> None:
    canvas = guided.open(HALVES)
    for x, gray in ((20, 120), (100, 200)):
        suggestions = canvas.suggest(x, 40, 3)
        assert len(suggestions) == 3
        rgb = np.array([list(bytes.fromhex(s.color[1:])) for s in suggestions], np.uint8)
        assert lightness_of(rgb).tolist() == pytest.approx(
            [float(lightness_of(np.full(3, gray, np.uint8)))] * 3, abs=1
        )
        chances = [s.probability for s in suggestions]
        assert chances == sorted(chances, reverse=True)
        assert 0 < sum(chances) <= 1.001


@pytest.mark.parametrize(("gray", "color"), [(0, "#000000"), (255, "#ffffff")])
def test_the_same_color_is_suggested_once(guided: Colorizer, gray: int, color: str) -> None:
    (only,) = guided.open(np.full((40, 40), gray, np.uint8)).suggest(20, 20)
    assert only.color == color
    assert only.probability == pytest.approx(1, abs=0.01)


def test_suggestions_of_a_place_that_is_none(guided: Colorizer, tiny: Colorizer) -> None:
    with pytest.raises(GuidanceError, match=r"200,3: lies outside the picture; .* 128 x 96"):
        guided.open(HALVES).suggest(200, 3)
    with pytest.raises(ModelLacks, match="tiny: has no distribution over colors"):
        tiny.open(HALVES).suggest(20, 3)


def test_uncertainty_is_a_map(guided: Colorizer) -> None:
    found = guided.open(HALVES).uncertainty()
    assert found.shape == (SIZE // 2, SIZE // 2)
    assert found.dtype == np.float32
    assert 0 <= found[5, 12] < found[5, 3] <= 1, "light is certain, dark is not"


def test_variants_are_what_colorize_takes(guided: Colorizer) -> None:
    canvas = guided.open(HALVES)
    common = Guidance(0.9, hints=[Hint(((20, 40),), "teal")])
    variants = canvas.variants(3, common)
    assert variants == [dataclasses.replace(common, variant=k) for k in range(3)]
    colors = [canvas.ab(dataclasses.replace(each, hints=())) for each in variants]
    assert np.array_equal(colors[0], canvas.ab(Guidance(0.9)))
    for i, one in enumerate(colors):
        assert all(np.linalg.norm(one - other, axis=0).mean() > 5 for other in colors[:i])
    for each in variants:
        assert (
            np.abs(ab_of(canvas.save(None, each))[40, 20] - 0.9 * hint_ab(common.hints[0])).max()
            < 3
        )


def test_variant_that_there_is_not(guided: Colorizer, tiny: Colorizer) -> None:
    with pytest.raises(
        GuidanceError, match=r"variant: 500 is more than the .* this picture allows"
    ):
        guided.open(HALVES).ab(Guidance(variant=500))
    canvas = tiny.open(HALVES)
    assert canvas.variants(1) == [Guidance()]
    with pytest.raises(ModelLacks, match="no variants"):
        canvas.variants(2)


def test_variants_are_numbered_files(guided: Colorizer, photograph: Path) -> None:
    canvas = guided.open(photograph)
    paths = canvas.save_variants(2)
    assert [path.name for path in paths] == ["astronaut-color-1.jpg", "astronaut-color-2.jpg"]
    with pytest.warns(ColornetWarning, match=r"allows only \d+ visibly different variants, not 99"):
        many = canvas.save_variants(99, photograph.with_name("v.png"))
    assert len(many) < 99
    with pytest.raises(UnwritablePicture, match="the variants: have no name"):
        guided.open(GRAY).save_variants(2)


def test_variants_are_stored_all_or_none(guided: Colorizer, tmp_path: Path) -> None:
    (tmp_path / "a-2.png").write_bytes(b"mine")
    canvas = guided.open(HALVES)
    with pytest.raises(UnwritablePicture, match=r"a-2\.png: is already there"):
        canvas.save_variants(2, tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a-2.png"]


def test_reference_of_the_same_scene_gives_its_colors(guided: Colorizer) -> None:
    scene = red_and_blue()
    gray = np.asarray(Image.fromarray(scene).convert("L"))
    canvas = guided.open(gray)
    reference = guided.reference(scene[:, ::-1].copy())
    colored = ab_of(canvas.save(None, Guidance(reference=reference)))
    for x in (20, 100):
        assert np.abs(colored[40, x] - ab_of(scene)[40, x]).max() < 6
    assert np.array_equal(
        canvas.ab(Guidance(reference=scene[:, ::-1].copy())),
        canvas.ab(Guidance(reference=reference)),
    )


def test_variants_differ_around_a_reference(guided: Colorizer) -> None:
    scene = red_and_blue()
    canvas = guided.open(np.asarray(Image.fromarray(scene).convert("L")))
    reference = guided.reference(scene)
    own, with_reference = (
        [canvas.ab(each) for each in canvas.variants(3, common)]
        for common in (Guidance(), Guidance(reference=reference))
    )
    assert np.array_equal(with_reference[0], canvas.ab(Guidance(reference=reference)))
    for k in (1, 2):
        moved = np.linalg.norm(with_reference[k] - with_reference[0], axis=0).mean()
        assert moved > 0.8 * np.linalg.norm(own[k] - own[0], axis=0).mean() > 4


def test_canvas_can_be_a_reference(guided: Colorizer) -> None:
    with pytest.warns(ColornetWarning, match="its own colors are discarded"):
        own = guided.open(data.coffee())
    reference, expected = own.reference, guided.reference(data.coffee())
    assert np.array_equal(reference.ab, expected.ab)
    assert np.array_equal(reference.locations, expected.locations)


def test_a_small_picture_is_decoded_once(tiny_model: Path, photograph: Path) -> None:
    canvas = Colorizer(tiny_model).open(photograph)
    encoded = canvas.nbytes
    first = canvas.colorize().array()
    assert canvas.nbytes >= encoded + 4 * 160 * 128
    photograph.unlink()
    assert np.array_equal(canvas.colorize().array(), first)
    assert np.array_equal(canvas.colorize().crop(10, 20, 50, 60).array(), first[20:80, 10:60])


# Models of any size


@pytest.fixture(scope="module", params=[(80, 2), (96, 4), (50, 2), (33, 2), (17, 3), (4, 4)])
def odd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Colorizer:
    """A model that sees so many pixels a side, and gives a color to squares of so many."""
    size, step = request.param
    folder = tmp_path_factory.mktemp("models") / "odd"
    return Colorizer(write_model(folder, guided=True, size=size, step=step), threads=1)


@pytest.fixture(scope="module")
def odd_canvas(odd: Colorizer) -> Canvas:
    return odd.open(np.tile(np.arange(120, 220, dtype=np.uint8), (90, 1)))


def test_hints_anywhere_on_a_model_of_any_size(odd_canvas: Canvas) -> None:
    for x, y in product(np.linspace(0, 1, 17), repeat=2):
        hint = Hint(((x, y),), "tan", unit="fractions")
        assert np.isfinite(odd_canvas.ab(Guidance(hints=[hint]))).all()


fractions = st.floats(0, 1) | st.integers(0, 20).map(lambda n: n / 20)
hints = st.builds(
    Hint,
    st.lists(st.tuples(fractions, fractions), min_size=1, max_size=4),
    st.sampled_from(["teal", "#c02020", "gray", "keep"]),
    st.just(0.0) | st.floats(0, 2),
    st.just("fractions"),
    st.sampled_from([0, 0.3, 1, 4]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(hints, min_size=1, max_size=4), fractions, fractions)
def test_guidance_of_any_kind_on_a_model_of_any_size(
    odd_canvas: Canvas, hints: list[Hint], x: float, y: float
) -> None:
    width, height = odd_canvas.picture.width, odd_canvas.picture.height
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ColornetWarning)  # a hint may lie under another
        rgb = odd_canvas.save(None, Guidance(hints=hints))
    assert np.abs(lightness_of(rgb) - odd_canvas.picture.lightness).max() < 1
    assert odd_canvas.suggest(x * width, y * height, 2)
    pixels = [
        replace(hint, points=tuple((x * width, y * height) for x, y in hint.points),
                radius=hint.radius * max(width, height), unit="pixels")
        for hint in hints
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ColornetWarning)
        odd_canvas.ab(Guidance(hints=pixels))


def test_a_hint_has_its_color_on_a_model_of_any_size(odd_canvas: Canvas) -> None:
    for x, y in [(0.3, 0.35), (0.05, 0.95), (1, 1)]:
        hint = Hint(((x, y),), "tan", unit="fractions")
        colored = ab_of(odd_canvas.save(None, Guidance(hints=[hint])))
        shown = colored[min(int(y * 90), 89), min(int(x * 100), 99)]
        assert shown == pytest.approx(hint_ab(hint), abs=6)


def test_the_rest_on_a_model_of_any_size(odd: Colorizer, odd_canvas: Canvas) -> None:
    assert odd_canvas.uncertainty().shape == odd_canvas.ab().shape[1:]
    assert odd_canvas.variants(2)[0] == Guidance()
    with pytest.warns(ColornetWarning, match="its own colors are discarded"):
        reference = odd.open(data.coffee()).reference
    assert odd_canvas.save(None, Guidance(reference=reference)).shape == (90, 100, 3)
