"""How still a film's colors hold, and how good they are.

- warp error: mean difference of a frame and the one before moved onto it by the flow of the true
  film, where nothing is hidden or comes into view (Lai et al., "Learning Blind Video Temporal
  Consistency", ECCV 2018); of ab in Lab units, of RGB in levels of 255.
- CDC: Jensen-Shannon divergence of the channels' histograms of frames 1, 2 and 4 apart (Liu et al.,
  "Temporally Consistent Video Colorization", 2021), times 1000.
- PSNR of RGB, and Hasler and Suesstrunk's colorfulness.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from clips import Clip
from numpy.typing import NDArray

from colornet.color import colorfulness, rgb_to_lab

Frames = Sequence[NDArray[Any]]


class Truth:
    """What of a true film every candidate is measured by: its motion."""

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        search: Any = cv2
        search = search.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        levels = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clip.frames]
        self.steps: dict[int, tuple[NDArray[np.float32], NDArray[np.bool_]]] = {}
        for number in range(1, len(levels)):
            if number in clip.cuts:
                continue
            back = search.calc(levels[number], levels[number - 1], None)
            ahead = search.calc(levels[number - 1], levels[number], None)
            missed = back + moved(ahead, back)
            room = 0.01 * ((back**2).sum(-1) + (ahead**2).sum(-1)) + 0.5
            self.steps[number] = back, (missed**2).sum(-1) < room

    def measure(self, frames: Frames) -> dict[str, float]:
        """All figures of a colored film, of 8 bits or, so that rounding makes no colors, of 16."""
        white = np.float32(np.iinfo(frames[0].dtype).max)
        ab = [rgb_to_lab(frame / white)[..., 1:].astype(np.float32) for frame in frames]
        frames = [np.rint(frame * (255 / white)).astype(np.uint8) for frame in frames]
        squared = [
            np.mean((one.astype(np.float32) - true) ** 2)
            for one, true in zip(frames, self.clip.frames, strict=True)
        ]
        return {
            "ab warp error": self._warp_error(ab),
            "RGB warp error": self._warp_error([f.astype(np.float32) for f in frames]),
            "CDC": 1000 * self._cdc(frames),
            "PSNR": float(np.mean(10 * np.log10(255**2 / np.maximum(squared, 1e-9)))),
            "colorfulness": float(np.mean([colorfulness(frame) for frame in frames[::5]])),
        }

    def _warp_error(self, frames: Sequence[NDArray[np.float32]]) -> float:
        errors = []
        for number, (back, seen) in self.steps.items():
            differs = np.abs(frames[number] - moved(frames[number - 1], back))
            errors.append(differs.mean(axis=-1)[seen].mean())
        return float(np.mean(errors))

    def _cdc(self, frames: Frames) -> float:
        histograms = [
            [
                np.bincount(frame[..., k].ravel(), minlength=256) / frame[..., k].size
                for k in (0, 1, 2)
            ]
            for frame in frames
        ]
        shots = np.searchsorted(self.clip.cuts, range(len(frames)), side="right")
        found = [
            np.mean(
                [_divergence(*pair) for pair in zip(histograms[n], histograms[n + d], strict=True)]
            )
            for d in (1, 2, 4)
            for n in range(len(frames) - d)
            if shots[n] == shots[n + d]
        ]
        return float(np.mean(found))


def moved(frame: NDArray[np.float32], flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """A frame (H, W, C), moved along the flow to another's place."""
    rows, columns = np.indices(flow.shape[:2], np.float32)
    moved = cv2.remap(
        frame,
        columns + flow[..., 0],
        rows + flow[..., 1],
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.float32)


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    middle = (p + q) / 2
    both = 0.0
    for one in (p, q):
        there = one > 0
        both += float((one[there] * np.log(one[there] / middle[there])).sum()) / 2
    return both
