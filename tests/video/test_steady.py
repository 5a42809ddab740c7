import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import Colorizer, Guidance
from colornet.color import rgb_to_lab
from colornet.errors import GuidanceError, UnreadableFilm
from colornet.guidance import Hint
from colornet.video import FilmGuidance, ShotGuidance, Steady
from colornet.video.coloring import FrameColors
from colornet.video.fusion import AHEAD, TOGETHER, Colored, Fusion
from colornet.video.planes import Coding, small_lightness
from tests.video.films import gray_frames


@pytest.fixture(scope="module")
def shipped() -> Colorizer:
    return Colorizer(threads=1)


def ab_of(frame: np.ndarray) -> np.ndarray:
    return rgb_to_lab(frame / np.float32(np.iinfo(frame.dtype).max))[..., 1:]


def fused(colorizer: Colorizer, frames: Iterable[np.ndarray], **how: Any) -> list[Colored]:
    """What comes of gray frames."""
    fusion = Fusion(FrameColors(colorizer, 64, 48), **how)
    small = (small_lightness(frame, 32, Coding(full=True)) for frame in frames)
    return [one for frame in small for one in fusion.push(frame)] + fusion.finish()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_frames_come_out_in_color_and_in_order(tiny: Colorizer, dtype: type) -> None:
    frames: list[np.ndarray] = list(gray_frames(50, cuts=(20,)))
    if dtype == np.uint16:
        frames = [frame.astype(np.uint16) * 257 for frame in frames]
    colored = list(Steady(tiny).run(frames))
    assert len(colored) == len(frames)
    assert {frame.shape for frame in colored} == {(48, 64, 3)}
    assert {frame.dtype for frame in colored} == {np.dtype(dtype)}
    white = np.iinfo(dtype).max
    for gray, rgb in zip(frames, colored, strict=True):
        true = rgb_to_lab(np.repeat(gray[..., None] / np.float32(white), 3, axis=-1))[..., 0]
        made = rgb_to_lab(rgb / np.float32(white))[..., 0]
        assert np.abs(true - made).max() < 1


def test_flicker_of_the_exposure_does_not_flicker_the_colors(tiny: Colorizer) -> None:
    """This model's colors follow lightness, and the mean lightness of all of it."""
    rng = np.random.default_rng(1)
    frames = [
        (gray_frames(1)[0] * 257.0 * (0.95 + 0.05 * rng.uniform(-1, 1))).astype(np.uint16)
        for _ in range(40)
    ]
    pale = Guidance(0.3)  # so that all colors are there at any lightness
    steady = np.stack([ab_of(f).mean(axis=(0, 1)) for f in Steady(tiny, pale).run(frames)])
    each = [next(iter(Steady(tiny, pale).run([frame]))) for frame in frames]
    alone = np.stack([ab_of(f).mean(axis=(0, 1)) for f in each])
    assert np.abs(np.diff(steady, axis=0)).mean() < 0.15 * np.abs(np.diff(alone, axis=0)).mean()


def test_the_network_runs_seldom_where_all_is_known(tiny: Colorizer) -> None:
    fusion = Fusion(FrameColors(tiny, 64, 48))
    out = []
    for frame in gray_frames(1) * 120:
        out += fusion.push(small_lightness(frame, 32, Coding(full=True)))
    assert fusion.waiting < AHEAD + TOGETHER + 4
    out += fusion.finish()
    assert len(out) == 120
    assert np.mean([one.observed for one in out]) < 0.3


def test_the_network_sees_frames_at_distances_that_vary(tiny: Colorizer) -> None:
    """At equal ones, a moving camera may show it the same grid of pixels each time."""
    out = fused(tiny, gray_frames(1) * 120, every=4)
    seen = np.flatnonzero([one.observed for one in out])
    assert len(seen) == 30
    assert len({*np.diff(seen)}) >= 3
    assert np.diff(seen).max() < 8
    assert np.ptp(np.bincount(seen % 4)) <= 4  # each phase as often as the others


def test_a_cut_that_is_missed_costs_little(tiny: Colorizer) -> None:
    frames = gray_frames(30, cuts=(15,))
    told, found = (fused(tiny, frames, cuts=cuts)[15].ab for cuts in ((15,), ()))
    assert np.array_equal(told, found)  # it is found by its motion


@pytest.mark.acceptance
def test_colors_hold_still_as_things_move_over_the_grid(shipped: Colorizer) -> None:
    """A camera that goes half a cell a frame."""
    wide = np.repeat(np.repeat(data.camera()[::4, ::4], 3, axis=0), 3, axis=1)  # sharp edges
    frames = [wide[:128, k : k + 256].astype(np.uint16) * 257 for k in range(0, 48, 2)]
    colored = [ab_of(frame) for frame in Steady(shipped).run(frames)]
    for before, after in itertools.pairwise(colored[8:16]):
        change = np.abs(before[16:-16, 18:-16] - after[16:-16, 16:-18]).mean()
        assert change < 0.0045 * np.std(before)


def test_what_comes_into_sight_changes_colors_little_by_little(
    tiny: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network sees the same thing in another color from some frame on."""
    reds = itertools.chain([0.0] * 20, itertools.repeat(40.0))
    monkeypatch.setattr(FrameColors, "colors", lambda *_: np.full((2, 64, 64), next(reds)))
    out = fused(tiny, gray_frames(1) * 200)
    steps = np.diff([float(one.ab.mean()) for one in out])
    assert steps.sum() > 30
    assert steps.max() < 0.8


def test_black_frames_take_no_color_from_what_fades_in(
    tiny: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FrameColors, "colors", lambda *_: np.full((2, 64, 64), 40.0))
    (small,), lights = gray_frames(1), np.r_[np.zeros(5), np.linspace(0, 1, 20), np.ones(20)]
    frames = (np.rint(small * light).astype(np.uint8) for light in lights)
    reds = [float(one.ab.mean()) for one in fused(tiny, frames)]
    assert max(reds[:5]) < 1
    assert min(reds[25:]) > 35


@pytest.mark.parametrize("level", [0, 255])
def test_colors_go_on_after_a_flash(
    tiny: Colorizer, monkeypatch: pytest.MonkeyPatch, level: int
) -> None:
    """Also where the network sees other colors after it."""
    reds = itertools.chain([0.0] * 5, itertools.repeat(40.0))
    monkeypatch.setattr(FrameColors, "colors", lambda *_: np.full((2, 64, 64), next(reds)))
    frames = gray_frames(50)
    for number in (20, 30, 31, 32):
        frames[number] = np.full_like(frames[0], level)
    out = fused(tiny, frames, cuts=(0,))
    assert [number for number, one in enumerate(out) if one.begins] == [0]
    assert not any(out[number].observed for number in (20, 30, 31, 32))
    reds_ = [float(out[number].ab.mean()) for number in (19, 21, 29, 33)]
    assert max(np.abs(np.diff(reds_))) < 8


@pytest.mark.parametrize("others", [[20], [20, 21, 22], range(1, 39, 2)])
def test_what_shows_something_else_for_a_moment_has_its_own_colors(
    tiny: Colorizer, others: list[int]
) -> None:
    """As frames between others, or lights that flash in the dark; they had those around them."""
    frames = [frame // 20 for frame in gray_frames(40)]
    lit = gray_frames(40, cuts=(0,))
    for number in others:
        frames[number] = lit[number]
    out = fused(tiny, frames, cuts=(0,))
    for number in others:
        alone = fused(tiny, frames[number : number + 1], cuts=(0,))[0].ab
        assert np.abs(out[number].ab - alone).mean() < 0.2 * np.abs(alone).mean()


def test_blank_film_at_a_splice_shows_no_shape_of_the_picture_before(tiny: Colorizer) -> None:
    frames = gray_frames(30)
    frames[20:22] = [np.full_like(frames[0], 128)] * 2
    out = fused(tiny, frames, cuts=(0,))
    assert [float(np.abs(out[number].ab).max()) for number in (20, 21)] == [0, 0]
    assert min(float(np.abs(out[number].ab).max()) for number in (19, 22)) > 1


def test_what_is_elsewhere_for_longer_than_a_flash_begins_a_shot(tiny: Colorizer) -> None:
    frames = gray_frames(30)
    frames[20:24] = gray_frames(24, cuts=(20,))[20:]
    out = fused(tiny, frames, cuts=(0, 26))
    assert [number for number, one in enumerate(out) if one.begins] == [0, 20, 24, 26]


def test_it_goes_on_from_its_state(tiny: Colorizer) -> None:
    frames = [small_lightness(f, 32, Coding(full=True)) for f in gray_frames(160, cuts=(120,))]
    frames[100:102] = [np.full_like(frames[0], 100), frames[120]]  # a flash, and something else
    whole, expected, states = Fusion(FrameColors(tiny, 64, 48)), [], {}
    for number, frame in enumerate(frames):
        if number in (3, 104, 105, 122, 140):
            states[number] = whole.state(), number - whole.waiting
        expected += whole.push(frame, number)
    expected += whole.finish()
    for stop, (state, first) in states.items():
        again = Fusion(FrameColors(tiny, 64, 48))
        again.restore(state, [(n, Guidance()) for n in range(first, stop)])
        out = [o for n, f in enumerate(frames[stop:], stop) for o in again.push(f, n)]
        out += again.finish()
        assert [one.what for one in out] == list(range(first, 160))
        for one, other in zip(out, expected[first:], strict=True):
            assert np.array_equal(one.ab, other.ab)


def test_a_hint_stays_on_its_thing(guided: Colorizer) -> None:
    """A dark square goes right on a light ground; the hint is given in the middle of the film."""
    frames = []
    for number in range(40):
        frame = np.full((48, 64), 180, np.uint8)
        frame += np.random.default_rng(5).integers(0, 20, frame.shape, dtype=np.uint8)
        frame[16:34, 5 + number : 23 + number] = 60
        frames.append(frame)
    hint = Hint(((14 + 20, 25),), "#306040")
    guidance = FilmGuidance(shots=(ShotGuidance(20, Guidance(hints=(hint,))),))
    plain, told = (list(Steady(guided, g).run(frames)) for g in (None, guidance))
    hinted = rgb_to_lab(np.array([0x30, 0x60, 0x40]) / 255)[1:]
    for number in range(40):
        here = ab_of(told[number])[22:28, 11 + number : 17 + number].mean(axis=(0, 1))
        before = ab_of(plain[number])[22:28, 11 + number : 17 + number].mean(axis=(0, 1))
        assert np.linalg.norm(here - hinted) < 0.3 * np.linalg.norm(before - hinted)
        point = ab_of(told[number])[24:26, 13 + number : 15 + number].mean(axis=(0, 1))
        assert np.linalg.norm(point - hinted) < 3


@pytest.mark.acceptance
@pytest.mark.slow
def test_a_hint_is_near_its_color_two_seconds_later(shipped: Colorizer) -> None:
    """And a place that is kept stays as it is; the camera goes right over a still photograph."""
    picture = Image.fromarray(data.coffee()).convert("L")
    frames = [np.asarray(picture.crop((40 + 2 * k, 40, 440 + 2 * k, 340))) for k in range(49)]
    hints = (Hint(((300, 250),), "#2050a0"), Hint(((330, 60),), "keep"))
    wish = FilmGuidance(shots=(ShotGuidance(0, Guidance(hints=hints)),))
    plain, told = (list(Steady(shipped, g).run(frames)) for g in (None, wish))
    hinted = rgb_to_lab(np.array([0x20, 0x50, 0xA0]) / 255)[1:]
    for number in (0, 24, 48):
        left = 300 - 2 * number
        here = ab_of(told[number])[247:254, left - 3 : left + 4].mean(axis=(0, 1))
        assert np.linalg.norm(here - hinted) < 3
        left += 30
        kept = [
            ab_of(f[number])[57:64, left - 3 : left + 4].mean(axis=(0, 1)) for f in (plain, told)
        ]
        assert np.linalg.norm(kept[0] - kept[1]) < 5


def test_shots_need_all_frames(tiny: Colorizer) -> None:
    guidance = FilmGuidance(shots=(ShotGuidance(0, Guidance(strength=0.5)),))
    with pytest.raises(GuidanceError, match="needs all frames"):
        next(Steady(tiny, guidance).run(iter(gray_frames(3))))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (np.zeros((48, 64, 3), np.uint8), "not a gray frame"),
        (np.zeros((48, 64)), "not a gray frame"),
        (np.zeros((24, 64), np.uint8), "another size"),
        (np.zeros((48, 64), np.uint16), "another size or depth"),
    ],
)
def test_frames_that_do_not_go_together(tiny: Colorizer, bad: np.ndarray, reason: str) -> None:
    with pytest.raises(UnreadableFilm, match=reason):
        list(Steady(tiny).run([*gray_frames(2), bad]))


def test_no_frames_give_none(tiny: Colorizer) -> None:
    assert list(Steady(tiny).run([])) == []
