"""Shots that show the picture of an earlier one: found, and colored as that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from colornet import Colorizer, Guidance
from colornet.guidance import Hint
from colornet.video import FilmGuidance, FilmOptions, ShotGuidance, colorize
from colornet.video.overview import LOOK, Overview, look
from colornet.video.scenes import KEPT, PLAIN, Scenes, resemblance
from colornet.video.schedule import SIDE, Schedule, schedule
from colornet.video.source import Source
from tests.video.films import chroma_of, decoded, luma_of, write_film

Gray = NDArray[np.uint8]


def seen(picture: Gray, left: float, thing: int, size: tuple[int, int] = (160, 120)) -> Gray:
    """Most of a picture, from a hand that moves, and a gray ball before it."""
    scale = picture.shape[0] / size[1] * 0.7
    move = np.array([[scale, 0, left], [0, scale, 30]], np.float32)
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    frame = cv2.warpAffine(picture, move, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    middle = (thing, round(size[1] * 0.6))
    return np.asarray(cv2.circle(frame, middle, size[1] // 8, 120, -1), np.uint8)


def gray(picture: NDArray[Any]) -> Gray:
    return cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY).astype(np.uint8)


PICTURES = [gray(p) for p in (data.astronaut(), data.coffee(), data.chelsea(), data.rocket())]


def film(shots: str, length: int, size: tuple[int, int] = (160, 120)) -> list[Gray]:
    """Shots of the pictures that are named a, b, c, d; the ball is elsewhere each time."""
    frames = []
    for number, name in enumerate(shots):
        picture = PICTURES["abcd".index(name)]
        for k in range(length):
            place = size[0] // 6 + 37 * number % (2 * size[0] // 3) + k // 4
            frames.append(seen(picture, 20 + 2 * np.sin(k / 5), place, size))
    return frames


def small(frame: NDArray[Any]) -> NDArray[np.float32]:
    scaled = cv2.resize(frame.astype(np.float32), (LOOK, LOOK), interpolation=cv2.INTER_AREA)
    return np.asarray(scaled / np.float32(2.55), np.float32)


def card(text: str) -> Gray:
    """A title, white on black."""
    plane = np.full((240, 320), 12, np.uint8)
    cv2.putText(plane, text, (30, 130), cv2.FONT_HERSHEY_TRIPLEX, 0.9, 230.0, 2)
    return plane


def test_the_same_picture_is_known_and_no_other() -> None:
    rng = np.random.default_rng(0)
    for picture in PICTURES[:3]:
        first, again = seen(picture, 20, 30), seen(picture, 26, 110)
        assert resemblance(small(first), small(again)) > PLAIN
        grainy = [(f + rng.normal(0, 8, f.shape)).clip(0, 255) for f in (first, again)]
        assert resemblance(*map(small, grainy)) > PLAIN
        darker = np.rint(again * 0.5).astype(np.uint8)  # as with the light off
        assert resemblance(small(first), small(darker)) < PLAIN
    others = [seen(picture, 20, 30) for picture in PICTURES]
    for light in (1, 0.1):  # also by night
        for k, one in enumerate(others):
            for other in others[:k]:
                noise = rng.normal(0, 1, (2, *one.shape))
                both = [small(f * light + n) for f, n in zip((one, other), noise, strict=True)]
                assert resemblance(*both) < PLAIN / 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.full((240, 320), 20), np.full((240, 320), 20)),
        (np.full((240, 320), 128), np.full((240, 320), 140)),
        (card("THE END"), card("A film by them")),
        (card("Three years later"), card("Meanwhile, in Rome")),
    ],
)
def test_blank_frames_and_titles_resemble_none(one: Gray, other: Gray) -> None:
    rng = np.random.default_rng(1)
    noisy = [small(frame + rng.normal(0, 2, frame.shape)) for frame in (one, other)]
    assert resemblance(*noisy) < PLAIN


def masked(frame: Gray) -> Gray:
    """As in an oval window, with a pattern around it."""
    rows, columns = np.indices(frame.shape)
    mask = cv2.ellipse(np.zeros_like(frame), (80, 60), (60, 45), 0, 0, 360, 1.0, -1)
    pattern = 128 + 90 * np.sign(np.sin(rows / 3) * np.sin(columns / 3))
    return np.where(mask, frame, pattern).astype(np.uint8)


def test_what_is_around_all_pictures_does_not_count() -> None:
    frames = [masked(frame) for frame in film("abcabca", 5)]
    assert resemblance(small(frames[4]), small(frames[5])) > PLAIN
    scenes = Scenes()
    for number, frame in enumerate(frames):
        scenes.see(small(frame), number % 5 == 0)
    assert scenes.found == {15: 4, 20: 9, 25: 14, 30: 4}


def test_nothing_but_the_light_may_change() -> None:
    """As where it is switched off and on again: all places stay."""
    lit = seen(PICTURES[0], 20, 30)
    scenes = Scenes()
    for frame in (lit, lit // 2, lit, lit // 2):
        scenes.see(small(frame), begins=True)
    assert scenes.found == {2: 0, 3: 1}


def test_all_that_show_a_picture_follow_its_first_shot() -> None:
    scenes = Scenes()
    for number, frame in enumerate(film("abacaba", 5)):
        scenes.see(small(frame), number % 5 == 0)
    assert scenes.found == {10: 4, 20: 4, 25: 9, 30: 4}


def test_of_many_shots_few_are_kept() -> None:
    rng = np.random.default_rng(2)
    first = small(seen(PICTURES[0], 20, 30))
    others = [np.kron(rng.uniform(0, 100, (16, 16)), np.ones((4, 4))) for _ in range(3 * KEPT)]
    few, many = others[:KEPT], others[KEPT:]
    scenes = Scenes()
    for look_ in [first, *few[1:], first, *many, first]:
        scenes.see(np.asarray(look_, np.float32), begins=True)
        assert len(scenes._known) <= KEPT
    assert scenes.found == {KEPT: 0}


def without_scenes(path: Path) -> Overview:
    return replace(look(Source(path)), scenes=())


def apart(path: Path, one: int, other: int) -> float:
    """Mean distance of the colors of two frames, in levels, where they show the same."""
    frames = [decoded(path)[number] for number in (one, other)]
    luma, colors = ([f(frame).astype(float) for frame in frames] for f in (luma_of, chroma_of))
    same = np.abs(luma[0] - luma[1])[::2, ::2] < 12
    assert same.mean() > 0.5
    return float(np.hypot(*(colors[0] - colors[1]))[same].mean())


def test_a_shot_has_the_colors_of_an_earlier_one(tmp_path: Path) -> None:
    shipped = Colorizer(threads=1)
    # the astronaut's suit, of which a ball hides another part
    source = write_film(tmp_path / "a.mkv", film("aba", 12), codec="ffv1")
    assert look(Source(source)).scenes == ((24, 11),)
    options = FilmOptions(codec="ffv1")
    known = without_scenes(source)
    alone, together = tmp_path / "alone.mkv", tmp_path / "together.mkv"
    colorize(source, alone, colorizer=shipped, options=options, overview=known)
    colorize(source, together, colorizer=shipped, options=options)
    for one, other in zip(decoded(alone)[:24], decoded(together), strict=False):
        assert np.array_equal(chroma_of(one), chroma_of(other))
    assert apart(together, 11, 24) < 0.5 * apart(alone, 11, 24)
    assert apart(together, 11, 35) < 0.7 * apart(alone, 11, 35)


def chroma(path: Path) -> list[NDArray[Any]]:
    return [chroma_of(frame) for frame in decoded(path)]


def same(one: Sequence[NDArray[Any]], other: Sequence[NDArray[Any]]) -> bool:
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


@pytest.mark.slow
def test_parts_processes_and_reruns_make_the_same_scene(tiny_model: Path, tmp_path: Path) -> None:
    tiny = Colorizer(tiny_model, threads=1)
    source = write_film(tmp_path / "a.mkv", film("abab", 52, (64, 48)), codec="ffv1")
    assert look(Source(source)).scenes == ((104, 51), (156, 103))

    def made(name: str, **options: Any) -> list[NDArray[Any]]:
        told = FilmOptions(codec="ffv1", **options)
        colorize(source, tmp_path / name, colorizer=tiny, options=told)
        return chroma(tmp_path / name)

    whole = made("whole.mkv")
    known = without_scenes(source)
    options = FilmOptions(codec="ffv1")
    colorize(source, tmp_path / "alone.mkv", colorizer=tiny, options=options, overview=known)
    alone = chroma(tmp_path / "alone.mkv")
    assert same(whole[:104], alone[:104])
    assert not any(same([whole[k]], [alone[k]]) for k in (104, 110, 156, 170))
    assert same(made("jobs.mkv", jobs=3), whole)
    assert same(made("excerpt.mkv", start=2.08, end=6.24), whole[52:156])

    def stop(now: Any) -> None:
        if now.frames >= 156:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        colorize(source, tmp_path / "b.mkv", colorizer=tiny, options=options, progress=stop)
    report = colorize(source, tmp_path / "b.mkv", colorizer=tiny, options=options)
    assert report.resumed >= 104
    assert same(chroma(tmp_path / "b.mkv"), whole)


def hint(x: float, y: float, color: str) -> Guidance:
    return Guidance(hints=(Hint(((x, y),), color, unit="fractions"),))


def scheduled(frames: list[Gray], *shots: ShotGuidance, span: tuple[int, int]) -> Schedule:
    looks = [cv2.resize(f, (SIDE, SIDE)).astype(np.float32) / np.float32(2.55) for f in frames]
    times = [number / 25 for number in range(len(frames))]
    given, cuts = FilmGuidance(shots=shots), range(0, len(frames), 8)
    scenes = [(cut, 7) for cut in cuts[2::2]]
    size, length = frames[0].shape[::-1], len(frames) / 25
    read = lambda first, end: looks[first:end]  # noqa: E731
    return schedule(given, times, length, cuts, size, read, span, scenes)


@pytest.mark.parametrize("first", [0, 9, 18])
def test_hints_of_the_first_shot_hold_in_the_others(first: int) -> None:
    """Where their things are seen again; also where the first shot is not wanted."""
    frames = film("aba", 8)
    told = ShotGuidance(2, hint(0.7, 0.2, "red"))
    found = scheduled(frames, told, span=(first, 24))
    assert not any(found.hints.get(frame) for frame in range(8, 16))
    for frame in range(max(first, 16), 24):
        (again,) = found.hints[frame]
        assert again.color == "#ff0000"
        ((x, y),) = again.points
        assert abs(x - 0.7) < 0.03
        assert abs(y - 0.2) < 0.03
    ball = ShotGuidance(2, hint(0.17, 0.6, "red"))  # which is elsewhere when the film cuts back
    assert not scheduled(frames, ball, span=(first, 24)).hints.get(20)
    assert not scheduled(frames, ball, span=(first, 24)).notices


def test_hints_do_not_hold_in_another_picture() -> None:
    told = ShotGuidance(2, hint(0.7, 0.2, "red"))
    assert not any(
        scheduled(film("abc", 8), told, span=(16, 24)).hints.get(k) for k in range(16, 24)
    )


def test_own_hints_of_a_shot_count_alone_and_hold_from_there_on() -> None:
    """Also where that shot goes on to something else."""
    red, blue = ShotGuidance(2, hint(0.7, 0.2, "red")), ShotGuidance(17, hint(0.7, 0.2, "blue"))
    frames = film("ababa", 8)
    frames[20:24] = film("d", 4)
    for given, first in (((red, blue), {"#ff0000"}), ((blue,), set())):
        found = scheduled(frames, *given, span=(0, 40))
        colors = [{one.color for one in found.hints.get(frame, ())} for frame in range(40)]
        nothing, later = [set[str]()] * 8, [{"#0000ff"}] * 8
        assert colors == [first] * 8 + nothing + later[:4] + nothing[4:] + nothing + later


@pytest.mark.slow
def test_what_is_inherited_yields_to_hints(tmp_path: Path) -> None:
    shipped = Colorizer(threads=1)
    source = write_film(tmp_path / "a.mkv", film("aba", 10), codec="ffv1")
    options = FilmOptions(codec="ffv1")

    def made(overview: Overview | None, *shots: ShotGuidance) -> list[NDArray[Any]]:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.mkv"
        guidance = FilmGuidance(shots=shots)
        colorize(source, path, guidance, colorizer=shipped, options=options, overview=overview)
        return chroma(path)

    known, own = without_scenes(source), ShotGuidance(22, hint(0.75, 0.2, "#c02080"))
    alone, together = made(known, own), made(None, own)
    there = (slice(None), slice(8, 16), slice(56, 64))  # around the hint
    for frame in (20, 25, 29):
        assert np.abs(alone[frame][there].astype(int) - together[frame][there]).mean() < 2
    assert same(made(None, replace(own, at=2))[:10], made(known, replace(own, at=2))[:10])
    carried = made(None, replace(own, at=2))
    differ = carried[25][there].astype(int) - alone[25][there]
    assert np.abs(differ).mean() < 4  # as if the hint had been given there
