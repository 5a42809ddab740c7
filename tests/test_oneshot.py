"""`colornet.colorize`: its keywords and types, and colorizers that go to other processes."""

import inspect
import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray
from skimage import data

import colornet
from colornet import Colorizer, Encoding, Guidance, Hint, Limits, ModelLacks
from colornet.errors import PictureTooLarge
from colornet.guidance.schema import SCALARS
from colornet.keywords import ColorizeKeywords

GRAY = data.camera()[::8, ::8].copy()  # (64, 64)
HINT = Hint([(20, 20)], "tan")


def test_both_take_the_same_keywords() -> None:
    one, other = (inspect.signature(each) for each in (colornet.colorize, Colorizer.colorize))
    same = {name: p for name, p in one.parameters.items() if name != "model"}
    assert list(same.values()) == [p for n, p in other.parameters.items() if n != "self"]
    described = {*same} - {"source", "output", "guidance"}
    assert described == ColorizeKeywords.__annotations__.keys()
    assert described >= {*SCALARS, "hints", "reference"}
    assert {name: same[name].default for name in SCALARS} == SCALARS


@pytest.mark.parametrize(
    "keywords",
    [
        {"strength": 0.5, "saturation": 1.5},
        {"hints": [HINT]},
        {"variant": 1},
        {"reference": data.coffee()[:64, :64]},
    ],
    ids=lambda keywords: next(iter(keywords)),
)
def test_keywords_are_guidance(keywords: dict[str, Any], guided_model: Path) -> None:
    wanted = Colorizer(guided_model, threads=1).colorize(GRAY, None, Guidance(**keywords))
    assert np.array_equal(colornet.colorize(GRAY, model=guided_model, **keywords), wanted)
    assert not np.array_equal(colornet.colorize(GRAY, model=guided_model), wanted)


def test_keywords_go_over_guidance_and_encoding(guided_model: Path) -> None:
    colorizer = Colorizer(guided_model, threads=1)
    given = Guidance(0.5, 1.5, hints=[HINT])
    wanted = colorizer.colorize(GRAY, None, Guidance(0.8, 1.5, hints=[HINT]))
    assert np.array_equal(colorizer.colorize(GRAY, None, given, strength=0.8), wanted)
    file = io.BytesIO()
    PIL.Image.fromarray(GRAY).save(file, "PNG")
    result = colorizer.colorize(file.getvalue(), encoding=Encoding("jpeg"), format="webp")
    assert PIL.Image.open(io.BytesIO(result)).format == "WEBP"


def test_a_setting_by_keyword(guided_model: Path) -> None:
    with pytest.raises(ModelLacks, match="has no setting vivid"):
        colornet.colorize(GRAY, model=guided_model, setting="vivid")


def test_a_colorizer_pickles_by_its_models_name(
    guided_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(guided_model.parent)
    colorizer = Colorizer(guided_model.name, threads=1, limits=Limits(pixels=64 * 64))
    stored = pickle.dumps(colorizer)
    monkeypatch.chdir("/")  # as where other processes may work
    assert len(stored) < 1000, "not its weights"
    again = pickle.loads(stored)
    assert again.card == colorizer.card
    assert np.array_equal(again.colorize(GRAY), colorizer.colorize(GRAY))
    with pytest.raises(PictureTooLarge):
        again.colorize(np.tile(GRAY, (2, 1)))


if TYPE_CHECKING:  # held by mypy alone: each kind comes back as itself

    def types(path: Path, picture: PIL.Image.Image, array: NDArray[Any], model: Colorizer) -> None:
        one: Path = colornet.colorize("a.jpg")
        two: bytes = colornet.colorize(b"", setting="vivid")
        three: NDArray[Any] = colornet.colorize(array, hints=[HINT])
        four: PIL.Image.Image = colornet.colorize(picture)
        five: Path = colornet.colorize(array, "out.png", overwrite=True)
        six: Path = model.colorize(path)
        seven: bytes = model.open(io.BytesIO()).save()
        eight: NDArray[Any] = model.open(array).save(None, Guidance())
        nine: Path = model.open(array).save("out.png", overwrite=True)
        ten: bytes = model.colorize("a.jpg")  # type: ignore[assignment]
        print(one, two, three, four, five, six, seven, eight, nine, ten)
