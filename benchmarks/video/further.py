"""Further films, which nothing was chosen on: other pictures, other motion, other faults.

Each is made of photographs by a camera's path, things that move before them, and light that
changes: slow, fast, turned, shaken, hidden in part, dark, dissolved, small, or of few frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from clips import Clip, bikes, clip, picture, view
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Thing = tuple[Image, NDArray[np.float32]]
"""A picture, and where it hides what is behind it, 0..1."""
Path4 = tuple[float, float, float, float]
"""Where a camera looks: x and y as shares of the picture, the share of its width, degrees."""


def further(data: Path, name: str) -> Clip:
    """A film by its name in `FURTHER`."""
    return FURTHER[name](data)


def _moved(
    name: str,
    photograph: str,
    path: Callable[[float], Path4],
    frames: int = 72,
    size: tuple[int, int] = (480, 320),
) -> Callable[[Path], Clip]:
    def made(data: Path) -> Clip:
        image = picture(data, photograph)
        return clip(name, [view(image, *path(t), size) for t in np.linspace(0, 1, frames)])

    return made


def _cutout(data: Path, photograph: str, size: tuple[int, int]) -> Thing:
    """An oval of a photograph, and where it is, 0..1."""
    image = np.asarray(cv2.resize(picture(data, photograph), size, interpolation=cv2.INTER_AREA))
    oval = np.zeros(size[::-1], np.float32)
    middle, axes = (size[0] // 2, size[1] // 2), (int(size[0] * 0.42), int(size[1] * 0.45))
    cv2.ellipse(oval, middle, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    return image.astype(np.uint8), oval


def _put(frame: Image, thing: Thing, x: float, y: float) -> Image:
    """A thing before a frame, its upper left corner at x, y."""
    move = np.array([[1, 0, x], [0, 1, y]])
    size = frame.shape[1::-1]
    moved, share = (cv2.warpAffine(one, move, size) for one in thing)
    mixed = frame + (moved.astype(np.float32) - frame) * share[..., np.newaxis]
    return np.rint(mixed).astype(np.uint8)


def _layers(data: Path) -> Clip:
    """Two things before a far ground; the nearer, the faster."""
    ground = picture(data, "kodak/16")
    far = _cutout(data, "kodak/9", (150, 190))
    near = _cutout(data, "kodak/15", (220, 230))
    frames = []
    for t in np.linspace(0, 1, 80):
        frame = view(ground, 0.42 + 0.16 * t, 0.5, 0.62, 0)
        frame = _put(frame, far, 300 - 170 * t, 90)
        frames.append(_put(frame, near, 260 - 420 * t, 95 + 6 * np.sin(9 * t)))
    return clip("layers", frames)


def _pillars(data: Path) -> Clip:
    """Pillars of wood between the camera and what it follows."""
    ground, wood, frames = picture(data, "kodak/18"), picture(data, "kodak/2"), []
    wood = view(wood, 0.2, 0.5, 0.3, 90)[:, 100:134] // 2
    for t in np.linspace(0, 1, 72):
        frame = view(ground, 0.5, 0.42 + 0.1 * t, 0.8, 0).copy()
        for k in range(4):
            left = round(900 * t - 250 * k)
            shown = slice(max(left, 0), min(max(left + 34, 0), frame.shape[1]))
            frame[:, shown] = wood[:, shown.start - left : max(shown.stop - left, 0)][
                :, : max(shown.stop - shown.start, 0)
            ]
        frames.append(frame)
    return clip("pillars", frames)


def _exposure(data: Path) -> Clip:
    """The light falls by half and comes back, and flickers by 4 %."""
    rng = np.random.default_rng(3)
    ground, frames = picture(data, "kodak/1"), []
    for t in np.linspace(0, 1, 90):
        seen = (view(ground, 0.35 + 0.25 * t, 0.5, 0.55, 0) / np.float32(255)) ** 2.2
        light = (0.72 + 0.28 * np.cos(2 * np.pi * t)) * (1 + 0.04 * rng.uniform(-1, 1))
        frames.append(np.rint((seen * light) ** (1 / 2.2) * 255).astype(np.uint8))
    return clip("exposure", frames)


def _dark(data: Path) -> Clip:
    """An eighth of the light."""
    ground, frames = picture(data, "kodak/5"), []
    for t in np.linspace(0, 1, 72):
        seen = (view(ground, 0.4 + 0.2 * t, 0.5, 0.6, 3 * np.sin(6 * t)) / np.float32(255)) ** 2.2
        frames.append(np.rint((seen / 8) ** (1 / 2.2) * 255).astype(np.uint8))
    return clip("dark", frames)


def _dissolve(data: Path) -> Clip:
    one, other, frames = picture(data, "kodak/6"), picture(data, "kodak/11"), []
    for t in np.linspace(0, 1, 90):
        share = np.clip((t - 0.4) / 0.2, 0, 1)
        first = view(one, 0.4 + 0.2 * t, 0.5, 0.6, 0).astype(np.float32)
        then = view(other, 0.5, 0.5, 0.9 - 0.2 * t, 0).astype(np.float32)
        frames.append(np.rint(first + (then - first) * share).astype(np.uint8))
    return clip("dissolve", frames)


def _still(data: Path) -> Clip:
    """A camera that does not move, and one thing that does."""
    ground, thing = picture(data, "kodak/2"), _cutout(data, "kodak/4", (110, 150))
    seen, frames = view(ground, 0.5, 0.5, 0.9, 0), []
    for t in np.linspace(0, 1, 100):
        frames.append(_put(seen, thing, 180 + 170 * np.sin(5 * t), 110 + 60 * np.sin(8 * t)))
    return clip("still", frames)


def _shake(t: float) -> Path4:
    jolts = np.sin(np.array([71, 113, 97]) * t + np.array([0, 1, 2]))
    return 0.45 + 0.1 * t + 0.01 * jolts[0], 0.5 + 0.012 * jolts[1], 0.6, 1.5 * jolts[2]


def _seldom(data: Path) -> Clip:
    """The test clip with 12 frames a second for its 25."""
    whole = bikes(data)
    cuts = tuple((cut + 1) // 2 for cut in whole.cuts)
    return replace(clip("seldom", whole.frames[::2]), cuts=cuts)


FURTHER: dict[str, Callable[[Path], Clip]] = {
    "slow": _moved("slow", "kodak/4", lambda t: (0.44 + 0.1 * t, 0.4, 0.75, 0), 100),
    "fast": _moved("fast", "kodak/8", lambda t: (0.22 + 0.56 * t, 0.5, 0.35, 0), 60),
    "in": _moved("in", "kodak/14", lambda t: (0.4, 0.55, 0.8 - 0.5 * t, 0)),
    "out": _moved("out", "kodak/21", lambda t: (0.5, 0.5, 0.3 + 0.45 * t, 0)),
    "spin": _moved("spin", "kodak/10", lambda t: (0.5, 0.5, 0.5, 70 * t - 35)),
    "layers": _layers,
    "pillars": _pillars,
    "exposure": _exposure,
    "dark": _dark,
    "dissolve": _dissolve,
    "still": _still,
    "shake": _moved("shake", "kodak/17", _shake, 90),
    "small": _moved("small", "kodak/24", lambda t: (0.35 + 0.3 * t, 0.5, 0.45, 0), 72, (320, 240)),
    "seldom": _seldom,
}
