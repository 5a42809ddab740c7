"""How alike colors are when a film cuts back: `python scenes.py DATA [-o FILE] [FILM ..]`.

Each film is a shot, another one, and the first camera again: the test clip, of whose shots the
middle is cut out, and photographs from a camera in a hand, with a thing that is elsewhere when the
film cuts back; clean and aged. Colors of the last frame before and of the first one after are
compared where both show the same: mean distance and 95 % of it in Lab units, in the true film, with
each shot colored by itself, and as films are colored; also with the last frame of all.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from clips import Clip, aged, bikes, clip, picture, view
from further import _cutout, _put
from measures import moved
from numpy.typing import NDArray

from colornet import Colorizer, Guidance
from colornet.color import rgb_to_lab
from colornet.resample import averaged
from colornet.video.coloring import FrameColors
from colornet.video.endings import TAIL, Endings
from colornet.video.fusion import Colored, Fusion
from colornet.video.inherited import Ending
from colornet.video.overview import LOOK
from colornet.video.scenes import PLAIN, resemblance

Floats = NDArray[np.float32]
PHOTOGRAPHS = 1, 3, 4, 5, 7, 8, 9, 12, 14, 15, 18, 21, 22, 24  # of Kodak
LENGTH, BETWEEN = 36, 16
SIDE = 256


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("films", nargs="*")
    given = parser.parse_intermixed_args()
    colorizer, results = Colorizer(), {}
    films = _films(given.data)
    for name in given.films or films:
        results[name] = _measured(colorizer, films[name])
        line = "  ".join(f"{key} {value:.2f}" for key, value in results[name].items())
        print(f"{name:16} {line}", flush=True)
    for kind in ("bikes", "kodak", "aged"):
        of = [one for name, one in results.items() if _kind(name) == kind]
        if of:
            means = {key: float(np.mean([one[key] for one in of])) for key in of[0]}
            line = "  ".join(f"{key} {value:.2f}" for key, value in means.items())
            print(f"mean of {kind:8} {line}")
            results[f"mean of {kind}"] = means
    if given.output:
        given.output.write_text(json.dumps(results, indent=1) + "\n")


def _kind(name: str) -> str:
    return name.split()[-1] if name.endswith("aged") else name.split()[0]


def _films(data: Path) -> dict[str, Clip]:
    films = {}
    whole = bikes(data)
    cuts = [*whole.cuts, len(whole.frames)]
    for shot in (1, 3, 4):  # in the second, the camera goes on to something else
        first, end = cuts[shot : shot + 2]
        gap, other = (end - first) // 6, cuts[(shot + 2) % 5]
        leave, back = (first + end) // 2 - gap // 2, (first + end) // 2 + gap // 2
        frames = [*whole.frames[first:leave], *whole.frames[other : other + BETWEEN]]
        there = leave - first
        told = (0, there, there + BETWEEN)
        films[f"bikes {shot}"] = clip("bikes", [*frames, *whole.frames[back:end]], told)
    for number in PHOTOGRAPHS:
        films[f"kodak {number}"] = _of_a_photograph(data, number)
    return films | {f"{name}, aged": aged(film) for name, film in films.items()}


def _of_a_photograph(data: Path, number: int) -> Clip:
    ground = picture(data, f"kodak/{number}")
    other = picture(data, f"kodak/{PHOTOGRAPHS[PHOTOGRAPHS.index(number) - 3]}")
    thing = _cutout(data, f"kodak/{PHOTOGRAPHS[PHOTOGRAPHS.index(number) - 5]}", (130, 170))
    frames = []
    for k in range(2 * LENGTH + BETWEEN):
        t, again = k / 30, k >= LENGTH + BETWEEN
        if LENGTH <= k < LENGTH + BETWEEN:
            frames.append(view(other, 0.5, 0.5, 0.8, 0))
            continue
        nearer = 0.97 if again and number % 3 == 0 else 1
        x, y = 0.5 + 0.008 * np.sin(2 * t + number), 0.5 + 0.006 * np.cos(1.7 * t)
        frame = view(ground, x, y, 0.8 * nearer, 0.4 * np.sin(1.3 * t))
        left = 270 + 50 * np.sin(t) if again else 30 + 60 * np.sin(t)
        frames.append(_put(frame, thing, left, 120 + 8 * np.sin(3 * t)))
    return clip(f"kodak {number}", frames, (0, LENGTH, LENGTH + BETWEEN))


def _measured(colorizer: Colorizer, film: Clip) -> dict[str, float]:
    height, width = film.lightness[0].shape
    colors = FrameColors(colorizer, width, height)
    small = [averaged(one, SIDE, SIDE) for one in film.lightness]
    before, after = film.cuts[1] - 1, film.cuts[2]
    looks = [averaged(small[k], LOOK, LOOK) for k in (before, after)]
    figures = {"alike": resemblance(*looks)}
    back, seen = _flow(small[before], small[after])
    left, returned = (
        _large(np.moveaxis(rgb_to_lab(film.frames[k] / np.float32(255))[..., 1:], -1, 0))
        for k in (before, after)
    )
    figures["true"] = float(_apart(left, returned, back)[seen].mean())
    endings = Endings(colors, lambda frames: (small[k] for k in frames))
    tail = range(max(before + 1 - TAIL, 0), before + 1)
    known = endings.of(tail, Guidance()) if figures["alike"] >= PLAIN else None
    for name, ending in (("alone", None), ("film", known)):
        colored = _colored(colors, film, small, ending)
        first, then, last = (_large(colored[k].ab) for k in (before, after, -1))
        distance = _apart(first, then, back)[seen]
        figures |= {name: float(distance.mean())}
        figures |= {f"{name}, 95 %": float(np.percentile(distance, 95))}
        late, there = _flow(small[before], small[-1])
        figures |= {f"{name}, last": float(_apart(first, last, late)[there].mean())}
    return figures


def _colored(
    colors: FrameColors, film: Clip, small: list[Floats], ending: Ending | None
) -> list[Colored]:
    fusion, colored = Fusion(colors, cuts=film.cuts), []
    for k, one in enumerate(small):
        colored += fusion.push(one, ending=ending if k == film.cuts[2] else None)
    return colored + fusion.finish()


def _large(ab: NDArray[Any]) -> Floats:
    """ab (2, h, w) as (SIDE, SIDE, 2)."""
    planes = [cv2.resize(plane, (SIDE, SIDE)) for plane in ab]
    return np.asarray(np.dstack(planes), np.float32)


def _apart(one: Floats, other: Floats, back: Floats) -> Floats:
    """Distance (H, W) of ab of each place of the other frame (H, W, 2) and of its thing in one."""
    return np.linalg.norm(other - moved(one, back), axis=-1)


def _flow(one: Floats, other: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The flow back, and where both show the same."""
    search: Any = cv2
    search = search.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    levels = [np.rint(plane * 2.55).clip(0, 255).astype(np.uint8) for plane in (one, other)]
    ahead, back = search.calc(*levels, None), search.calc(*levels[::-1], None)
    missed = ((back + moved(ahead, back)) ** 2).sum(axis=-1)
    room = 0.01 * ((back**2).sum(axis=-1) + (ahead**2).sum(axis=-1)) + 0.5
    first, then = (np.asarray(cv2.blur(plane, (9, 9)), np.float32) for plane in (one, other))
    alike = np.abs(then - moved(first, back).reshape(then.shape)) < 8
    return back, (missed < room) & alike


if __name__ == "__main__":
    main()
