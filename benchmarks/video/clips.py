"""Films to measure on: the test clip in color, and pans, zooms and turns over photographs.

Each is a list of true frames, sRGB uint8 (H, W, 3), and where its cuts are.
"""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colornet.color import rgb_to_lab

BIKES = "color-test-sequence-bikes.mp4"
SYNTHETIC = {  # a Kodak picture and how the camera moves over it
    "pan": ("kodak/23", "pan"),
    "zoom": ("kodak/3", "zoom"),
    "turn": ("kodak/7", "turn"),
    "walk": ("kodak/15", "walk"),
}
OTHERS = {  # to see whether what is chosen holds for others
    "tilt": ("kodak/19", "tilt"),
    "orbit": ("kodak/22", "orbit"),
    "pass": ("kodak/12", "pass"),
}
PASSING = "kodak/20"
"""What goes through the film `pass`."""


@dataclass(frozen=True)
class Clip:
    """A film whose true colors are known.

    Attributes:
        name: of the film.
        frames: (H, W, 3) uint8 each.
        lightness: what the program sees: (H, W), 0..100, each.
        cuts: the frames that begin a shot.
    """

    name: str
    frames: list[NDArray[np.uint8]]
    lightness: list[NDArray[np.float32]]
    cuts: tuple[int, ...] = (0,)


def bikes(data: Path) -> Clip:
    with tarfile.open(data / "historical.tar") as tar:
        file = next(m for m in tar if m.name.endswith(BIKES))
        film = tar.extractfile(file)
        assert film
        with av.open(io.BytesIO(film.read()), "r") as container:
            decoded = container.decode(video=0)
            frames = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in decoded]
    return clip("bikes", frames, (0, 30, 76, 137, 187, 242))


def synthetic(data: Path, name: str, frames: int = 72) -> Clip:
    photograph, kind = (SYNTHETIC | OTHERS)[name]
    image, times = picture(data, photograph), np.linspace(0, 1, frames)
    views = [_view(image, kind, t) for t in times]
    if kind == "pass":
        small = cv2.resize(picture(data, PASSING), (240, 160), interpolation=cv2.INTER_AREA)
        views = [
            _passed(view, np.asarray(small, np.uint8), t)
            for view, t in zip(views, times, strict=True)
        ]
    return clip(name, views)


def picture(data: Path, name: str) -> NDArray[np.uint8]:
    with tarfile.open(data / "validation.tar") as tar:
        stored = tar.extractfile(next(m for m in tar if m.name.startswith(f"{name}.")))
        assert stored
        return np.asarray(Image.open(io.BytesIO(stored.read())).convert("RGB"))


def _passed(view: NDArray[np.uint8], image: NDArray[np.uint8], t: float) -> NDArray[np.uint8]:
    """With an oval of another picture, which goes from left to right."""
    oval = np.zeros(image.shape[:2], np.float32)
    cv2.ellipse(oval, (120, 80), (105, 62), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    move = np.array([[1, 0, -200 + 640 * t], [0, 1, 110 + 30 * np.sin(6 * t)]])
    moved, share = (cv2.warpAffine(one, move, (480, 320)) for one in (image, oval))
    mixed = view + (moved.astype(np.float32) - view) * share[..., np.newaxis]
    return np.rint(mixed).astype(np.uint8)


def aged(clip: Clip, grain: float = 6.0, flicker: float = 0.05, seed: int = 0) -> Clip:
    """The same as an old film: grain, in levels of 255, and an exposure that flickers."""
    rng = np.random.default_rng(seed)
    lightness = []
    for one in clip.lightness:
        noise = grain / 2.55 * rng.standard_normal(one.shape, np.float32)
        exposure = 1 + flicker * rng.uniform(-1, 1)
        lightness.append((one * np.float32(exposure) + noise).clip(0, 100).astype(np.float32))
    return replace(clip, name=f"{clip.name}, aged", lightness=lightness)


def clip(name: str, frames: list[NDArray[np.uint8]], cuts: tuple[int, ...] = (0,)) -> Clip:
    lightness = [rgb_to_lab(f / np.float32(255))[..., 0].astype(np.float32) for f in frames]
    return Clip(name, frames, lightness, cuts)


def _view(image: NDArray[np.uint8], kind: str, t: float) -> NDArray[np.uint8]:
    """What a camera sees at a time of 0 to 1: 480 x 320 pixels."""
    x, y, scale, angle = 0.5, 0.5, 0.62, 0.0
    if kind == "pan":
        x = 0.33 + 0.34 * t
    elif kind == "zoom":
        scale = 0.62 - 0.3 * t
    elif kind == "turn":
        angle, scale = 25 * (t - 0.5), 0.55
    elif kind == "tilt":
        y, scale = 0.75 - 0.5 * (3 * t**2 - 2 * t**3), 0.6
    elif kind == "orbit":
        x, scale, angle = 0.45 + 0.1 * t, 0.3 + 0.35 * t, 20 - 35 * t
    elif kind == "pass":
        x, scale = 0.4 + 0.15 * t, 0.65
    else:  # as from a hand
        height, width = image.shape[:2]
        x += (60 * np.sin(5 * t) + 4 * np.sin(60 * t)) / width
        y += (30 * np.cos(4 * t) + 3 * np.cos(50 * t)) / height
        angle, scale = 4 * np.sin(8 * t), 0.55 + 0.1 * t
    return view(image, x, y, scale, angle)


def view(
    image: NDArray[np.uint8],
    x: float,
    y: float,
    scale: float,
    angle: float,
    size: tuple[int, int] = (480, 320),
) -> NDArray[np.uint8]:
    """What a camera sees of a picture.

    Args:
        image: (H, W, 3).
        x, y: the middle, as shares of the picture's width and height.
        scale: the share of the picture's width that is seen.
        angle: that the camera is turned by, in degrees.
        size: width and height of what it sees, in pixels.
    """
    height, width = image.shape[:2]
    side = scale * width / size[0]
    turn = side * np.array(
        [
            [np.cos(np.radians(angle)), -np.sin(np.radians(angle))],
            [np.sin(np.radians(angle)), np.cos(np.radians(angle))],
        ]
    )
    middle = np.array([size[0] / 2, size[1] / 2])
    matrix = np.column_stack([turn, np.array([x * width, y * height]) - turn @ middle])
    flags = cv2.INTER_AREA if side > 1 else cv2.INTER_CUBIC
    seen = cv2.warpAffine(
        image,
        matrix,
        size,
        flags=flags | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(seen, np.uint8)
