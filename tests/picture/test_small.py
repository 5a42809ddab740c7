"""Pictures of a few pixels, such as the spacers that lie about in folders, are colored too."""

import numpy as np
import pytest

from colornet import Guidance, Hint
from colornet.cli.app import main
from colornet.picture import SUFFIXES, read
from tests.picture.making import FORMATS, GRAY, opened, stored

SIZES = [(1, 1), (1, 2), (2, 1), (2, 2), (1, 7), (7, 1), (3, 5), (1, 300), (300, 1), (15, 15)]


def cut(size):
    height, width = size
    return np.resize(GRAY, (height, width))


@pytest.mark.parametrize("size", SIZES)
def test_arrays(guided, size):
    result = guided.colorize(cut(size))
    assert result.shape == (*size, 3)
    assert np.abs(read(result).lightness - read(cut(size)).lightness).max() < 0.5


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("size", SIZES)
def test_every_format(guided, format, size):
    result = opened(guided.colorize(stored(cut(size), format)))
    assert (result.height, result.width, result.bands) == (*size, 3)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.filterwarnings("ignore::colornet.ColornetWarning")
def test_guided(guided, size):
    canvas = guided.open(cut(size))
    middle = Hint(((0.5, 0.5),), "#804040", unit="fractions", radius=0.3)
    reference = np.array([[[200, 40, 40]]], np.uint8)
    for guidance in (
        Guidance(hints=(Hint(((0, 0),), "#804040"),)),
        Guidance(hints=(middle,)),
        Guidance(reference=reference),
    ):
        assert canvas.colorize(guidance).array().shape == (*size, 3)
    assert canvas.suggest(0, 0)
    assert canvas.variants(2)
    whole = guided.open(GRAY).colorize(Guidance(reference=cut(size)))
    assert whole.array().shape == (*GRAY.shape, 3)


def test_a_spacer_does_not_make_a_folder_fail(tiny_model, tmp_path, capsys):
    for format in FORMATS:
        (tmp_path / f"spacer{SUFFIXES[format][0]}").write_bytes(stored(GRAY[:1, :1], format))
    out = tmp_path / "out"
    assert main(["colorize", str(tmp_path), "-o", str(out), "--model", str(tiny_model)]) == 0
    assert len(list(out.glob("spacer.*"))) == len(FORMATS)
    assert f"{len(FORMATS)} done" in capsys.readouterr().err
