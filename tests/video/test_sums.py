"""What was seen on things, summed up; less of it where a picture fades."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from colornet import Colorizer
from colornet.video.coloring import FrameColors
from colornet.video.fusion import Fusion
from colornet.video.planes import Coding, small_lightness
from colornet.video.sums import dimmed, mean, none, seen
from tests.video.films import gray_frames

Floats = NDArray[np.float32]
BLUE, RED = (np.full((2, 64, 64), ab, np.float16) for ab in (-30, 30))


def test_the_chroma_of_wavering_hues_is_kept() -> None:
    """Averaging hues 60 degrees apart would make them paler by an eighth."""
    sums = none(8, 8)
    for ab in ((30, 0), (15, 26)):
        observed = np.broadcast_to(np.array(ab, np.float16)[:, None, None], (2, 8, 8))
        sums = seen(sums, observed, sums[-1] + 50)
    a, b = mean(sums)
    assert np.abs(np.degrees(np.arctan2(b, a)) - 30).max() < 1
    assert np.abs(np.hypot(a, b) - 30).max() < 1


def test_things_lose_color_as_they_fade_to_black_and_none_as_they_flicker() -> None:
    shade = np.full((8, 8), 60, np.float32)
    shade[:4] = 20
    sums = seen(none(8, 8), np.full((2, 8, 8), 30, np.float16), shade)
    factors = [float(dimmed(sums, shade * np.float32(light))) for light in (0, 0.3, 0.8, 1, 1.5)]
    assert factors == pytest.approx([0, 0.4, 1, 1, 1])
    assert dimmed(none(8, 8), shade) == 1


def fogged(share: float, level: float) -> Floats:
    """A picture (64, 64), of which so much has become one level."""
    rows = np.linspace(20, 60, 64, dtype=np.float32)[:, np.newaxis]
    return (np.broadcast_to(rows, (64, 64)) * (1 - share) + level * share).astype(np.float32)


@pytest.mark.parametrize("level", [40.0, 100.0])
def test_things_lose_color_as_they_fade_to_gray_or_white(level: float) -> None:
    sums = seen(none(64, 64), RED, fogged(0, level))
    factors = [float(dimmed(sums, fogged(share, level))) for share in (0, 0.3, 0.7, 0.9, 1)]
    assert factors[:2] == [1, 1]
    assert factors[2:] == pytest.approx([0.5, 0.17, 0.01], abs=0.04)


@pytest.mark.parametrize("level", [40.0, 100.0])
def test_frames_in_fog_count_little(level: float) -> None:
    clear, fog = (RED, fogged(0, level)), (BLUE, fogged(0.8, level))
    for first, then in ((clear, fog), (fog, clear)):
        sums = seen(seen(none(64, 64), *first), *then)
        assert mean(sums).mean() > 15
    haze = BLUE, fogged(0.3, 40)
    both = seen(none(64, 64), *clear) + seen(none(64, 64), *haze)
    assert np.array_equal(seen(seen(none(64, 64), *clear), *haze), both)


def test_a_film_fades_to_gray_without_color(tiny: Colorizer) -> None:
    picture = small_lightness(gray_frames(1)[0], 32, Coding(full=True))
    fusion, colored = Fusion(FrameColors(tiny, 64, 48), cuts=(0,)), []
    for number in range(80):
        share = np.float32(np.clip((number - 20) / 40, 0, 1))
        colored += fusion.push(picture * (1 - share) + 50 * share)
    chroma = [float(np.hypot(*one.ab).mean()) for one in colored + fusion.finish()]
    assert max(chroma[65:]) < 0.1 * chroma[0]
    assert min(chroma[:30]) > 0.9 * chroma[0]
    assert np.diff(chroma).max() < 0.1 * chroma[0]
