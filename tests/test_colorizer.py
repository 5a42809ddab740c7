import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

import colornet
from colornet import color
from colornet.colorizer import Colorizer, ColornetWarning, _cached_colorizer
from colornet.errors import (
    ModelDamaged,
    ModelLacks,
    PictureTooLarge,
    UnreadablePicture,
    UnwritablePicture,
)
from colornet.guidance import Guidance, Prior
from colornet.picture import Encoding, Limits, shrunk
from tests.conftest import SIZE, write_model

GRAY = data.camera()[::4, ::4].copy()  # (128, 128)


@pytest.fixture(scope="module")
def colorizer(tiny_model: Path) -> Colorizer:
    return Colorizer(tiny_model, threads=1)


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
    kind: str, returned: type, colorizer: Colorizer, photograph: Path
) -> None:
    result = colorizer.colorize(as_kind(kind, photograph))
    assert isinstance(result, returned)
    if isinstance(result, bytes):
        result = io.BytesIO(result)
    picture = result if isinstance(result, np.ndarray | Image.Image) else Image.open(result)
    assert np.asarray(picture).shape == (128, 160, 3)
    assert chroma_of(np.asarray(picture)) > 10


def test_lightness_is_kept(colorizer: Colorizer) -> None:
    before = lightness_of(np.repeat(GRAY[..., None], 3, axis=-1))
    after = lightness_of(colorizer.colorize(GRAY))
    assert np.abs(after - before).max() < 0.5


def test_colors_are_the_models(colorizer: Colorizer) -> None:
    a, b = colorizer.open(GRAY).ab()
    assert a.shape == (SIZE // 2, SIZE // 2)
    mean = lightness_of(np.repeat(GRAY[..., None], 3, axis=-1)).mean()
    assert a.mean() == pytest.approx(0.6 * mean, rel=0.01)
    assert b == pytest.approx(0.4 * mean, rel=0.01)


def test_strength_goes_from_gray_to_full(colorizer: Colorizer) -> None:
    canvas = colorizer.open(GRAY)
    chroma = [chroma_of(canvas.save(None, Guidance(strength=s))) for s in (0, 0.5, 1)]
    assert chroma[0] < 0.01
    assert chroma[0] + 5 < chroma[1] < chroma[2] - 5
    assert canvas.ab(Guidance(strength=0.5)) == pytest.approx(canvas.ab() / 2)
    assert np.array_equal(canvas.save(None, Guidance(strength=0))[..., 0], GRAY)


def test_saturation_multiplies(colorizer: Colorizer) -> None:
    canvas = colorizer.open(GRAY)
    assert canvas.ab(Guidance(saturation=1.5)) == pytest.approx(1.5 * canvas.ab(), rel=1e-5)


def test_reference_gives_the_prior(colorizer: Colorizer) -> None:
    bright = np.full((64, 64), 230, np.uint8)
    canvas = colorizer.open(GRAY)
    a, b = canvas.ab(Guidance(reference=colorizer.prior(bright)))
    assert a == pytest.approx(canvas.ab()[0])
    assert b == pytest.approx(0.4 * color.rgb_to_lab(np.full(3, 230 / 255))[0], rel=0.01)
    with pytest.warns(ColornetWarning, match="the array: has no colors to take over"):
        assert np.array_equal(canvas.ab(Guidance(reference=bright)), [a, b])


def test_own_prior_as_reference_changes_nothing(colorizer: Colorizer) -> None:
    canvas = colorizer.open(GRAY)
    assert np.array_equal(canvas.ab(Guidance(reference=canvas.prior)), canvas.ab())


def test_model_without_prior(tmp_path: Path) -> None:
    colorizer = Colorizer(write_model(tmp_path / "local", prior=False))
    canvas = colorizer.open(GRAY)
    assert canvas.ab().any()
    with (
        pytest.warns(ColornetWarning, match="has no colors"),
        pytest.raises(ModelLacks, match="local: has no global prior"),
    ):
        canvas.ab(Guidance(reference=GRAY))
    with pytest.raises(ModelLacks, match="has no global prior"):
        canvas.ab(Guidance(reference=Prior(np.zeros(256, np.float32))))


def test_encoded_once(colorizer: Colorizer, photograph: Path) -> None:
    canvas = colorizer.open(photograph)
    photograph.unlink()
    assert np.array_equal(canvas.ab(), canvas.ab())


def test_numbers_that_are_none_are_an_error(tmp_path: Path, photograph: Path) -> None:
    colorizer = Colorizer(write_model(tmp_path / "broken", scale=float("nan")))
    with pytest.raises(ModelDamaged, match=r"decoder\.onnx: gives values that are no numbers"):
        colorizer.colorize(photograph, tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


def test_picture_that_stays_gray_is_told(tmp_path: Path) -> None:
    canvas = Colorizer(write_model(tmp_path / "timid", scale=0.001)).open(GRAY)
    with pytest.warns(ColornetWarning, match="stays gray: the model timid found no color"):
        canvas.ab()


def test_discarded_color_is_told(colorizer: Colorizer) -> None:
    with pytest.warns(ColornetWarning, match="its own colors are discarded"):
        canvas = colorizer.open(data.astronaut())
    gray = color.to_rgb8(color.lab_to_rgb(lightness_of(data.astronaut()), np.zeros((512, 512, 2))))
    assert canvas.ab() == pytest.approx(colorizer.open(gray).ab(), abs=0.3)


def test_many_threads_give_the_same(colorizer: Colorizer) -> None:
    alone = colorizer.colorize(GRAY)
    with ThreadPoolExecutor(4) as executor:
        for result in executor.map(colorizer.colorize, [GRAY] * 8):
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
    name: str, format: Any, expected: str, colorizer: Colorizer, photograph: Path
) -> None:
    source = photograph.rename(photograph.with_name(name))
    result = colorizer.colorize(source, encoding=Encoding(format))
    assert result == photograph.with_name(expected)
    assert result.exists()


def test_result_is_not_overwritten_unasked(colorizer: Colorizer, photograph: Path) -> None:
    before = photograph.read_bytes()
    with pytest.raises(UnwritablePicture, match="already there"):
        colorizer.colorize(photograph, photograph)
    assert photograph.read_bytes() == before
    colorizer.colorize(photograph, photograph, overwrite=True)
    assert photograph.read_bytes() != before


def test_limits_hold_for_pictures_and_references(tiny_model: Path, photograph: Path) -> None:
    colorizer = Colorizer(tiny_model, limits=Limits(pixels=128 * 128))
    with pytest.raises(PictureTooLarge):
        colorizer.open(photograph)
    with pytest.raises(PictureTooLarge):
        colorizer.open(GRAY).ab(Guidance(reference=photograph))


def test_unreadable_reference(colorizer: Colorizer, tmp_path: Path) -> None:
    with pytest.raises(UnreadablePicture, match="no such file"):
        colorizer.open(GRAY).ab(Guidance(reference=tmp_path / "none.jpg"))


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
