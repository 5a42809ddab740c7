"""How things move from one frame to the next, on the grid of the model's colors.

Dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016), as
OpenCV computes it, in both directions. The two are compared: where going there and back does not
end where it began, or where the brightness differs, the motion is not to be trusted.

Flow is (h, w, 2): for each cell of one frame, how many cells further right and further down its
thing is in the other.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

CLEAN, GRAINY = 6.5, 13.0
"""Standard deviations of the same thing's lightness, without grain and with, 0..100."""
NOISE = 0.2, 0.8
"""Grain on this grid, in units of lightness, at which a film is clean and at which it is grainy."""
MOST_CONTRAST = 1.25
"""Factor by which the contrast may change from frame to frame."""
OTHER = 0.25
"""Mean trust below which a frame is likely to show something else altogether."""
ELSEWHERE = 0.5
"""And below which it surely does: at cuts the mean trust is 0 to 0.35, within shots 0.75 and more
(of the films of benchmarks/video)."""
RETURN = 2.8
"""Cells by which going there and back may miss, a standard deviation."""

_local = threading.local()


@dataclass(frozen=True)
class Motion:
    """What moved between two frames, the earlier and the later.

    Attributes:
        back: (h, w, 2), flow from the later frame to the earlier.
        ahead: (h, w, 2), flow from the earlier frame to the later.
        back_trust: (h, w) of the later frame, 0..1.
        ahead_trust: (h, w) of the earlier frame, 0..1.
    """

    back: Floats
    ahead: Floats
    back_trust: Floats
    ahead_trust: Floats

    @property
    def leads_elsewhere(self) -> bool:
        """Whether the later frame shows something else altogether."""
        return bool(min(self.back_trust.mean(), self.ahead_trust.mean()) < ELSEWHERE)


def between(earlier: Floats, later: Floats, finer: float = 1) -> Motion:
    """The motion between two frames.

    Args:
        earlier, later: lightness (F h, F w), 0..100.
        finer: F; the motion is looked for on a grid as many times finer than that of the result.
    """
    height, width = (round(side / finer) for side in earlier.shape)
    small, small_later = (reduced(one, height, width) for one in (earlier, later))
    contrast, brighter = _exposure(small, small_later)
    exposed = earlier * contrast + brighter
    levels = [np.rint(one * 2.55).clip(0, 255).astype(np.uint8) for one in (exposed, later)]
    ahead, back = (
        cv2.resize(flow, (width, height), interpolation=cv2.INTER_AREA) / np.float32(finer)
        for flow in (_flow(*levels), _flow(*reversed(levels)))
    )
    earlier, later = small * contrast + brighter, small_later
    tolerance = _tolerance(earlier, later)
    return Motion(
        back=back,
        ahead=ahead,
        back_trust=_trust(earlier, later, back, ahead, tolerance),
        ahead_trust=_trust(later, earlier, ahead, back, tolerance),
    )


def standing_still(height: int, width: int) -> Motion:
    """The motion between two frames of which all is the same."""
    flow, trust = np.zeros((height, width, 2), np.float32), np.ones((height, width), np.float32)
    return Motion(flow, flow, trust, trust)


def reduced(plane: Floats, height: int, width: int) -> Floats:
    """The means of a plane (H, W) over the cells of a coarser grid."""
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def carried(maps: Floats, flow: Floats, sharp: bool = False) -> Floats:
    """Maps (C, h, w) of another frame, moved to where their things are in this one.

    Args:
        maps: of the other frame.
        flow: from this frame to the other.
        sharp: interpolate by cubic polynomials, which do not blur, but may overshoot.
    """
    rows, columns = _places(*maps.shape[1:])
    last = np.ascontiguousarray(maps.transpose(1, 2, 0))
    moved = cv2.remap(
        last,
        columns + flow[..., 0],
        rows + flow[..., 1],
        cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).reshape(last.shape)
    return np.ascontiguousarray(moved.transpose(2, 0, 1))


@functools.lru_cache(maxsize=4)
def _places(height: int, width: int) -> Floats:
    """The row and the column (2, h, w) of each cell."""
    return np.indices((height, width), np.float32)


def around(maps: Floats, side: int) -> Floats:
    """The means of maps (C, h, w) over squares of cells."""
    last = np.ascontiguousarray(np.moveaxis(maps, 0, -1))
    means = cv2.blur(last, (side, side), borderType=cv2.BORDER_REPLICATE).reshape(last.shape)
    return np.ascontiguousarray(np.moveaxis(means, -1, 0))


def at_points(maps: Floats, points: Floats) -> Floats:
    """The values (N, C) of maps (h, w, C) at points (N, 2), column and row in cells."""
    columns, rows = (np.ascontiguousarray(points[None, :, k] - 0.5) for k in (0, 1))
    edge = cv2.BORDER_REPLICATE
    values = cv2.remap(maps, columns, rows, cv2.INTER_LINEAR, borderMode=edge)
    return np.asarray(values, np.float32).reshape(len(points), -1)


def _flow(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> Floats:
    if not hasattr(_local, "search"):
        medium = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM
        _local.search = cv2.DISOpticalFlow_create(medium)  # type: ignore[attr-defined]
        _local.search.setFinestScale(0)  # the grid is small: half of it would be too coarse
        _local.search.setPatchStride(5)  # and with half the work of the preset,
        _local.search.setGradientDescentIterations(8)  # the flow is the same
        _local.search.setVariationalRefinementIterations(2)  # within a hundredth of a cell
    flow: Floats = _local.search.calc(here, there, None)
    return flow


def _trust(
    there: Floats, here: Floats, flow: Floats, returning: Floats, tolerance: float
) -> Floats:
    """How far (h, w) to trust the flow from here to there."""
    moved = carried(np.concatenate([there[np.newaxis], np.moveaxis(returning, -1, 0)]), flow)
    differs = here - moved[0]
    differs -= np.median(differs)
    differs = np.asarray(
        cv2.GaussianBlur(differs, (3, 3), 0), np.float32
    )  # edges that fall differently on the cells
    missed = ((flow + np.moveaxis(moved[1:], 0, -1)) ** 2).sum(axis=-1)
    height, width = here.shape
    rows, columns = _places(height, width)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    inside = (x > -1) & (y > -1) & (x < width) & (y < height)
    exponent = differs**2 / (2 * tolerance**2) + missed / (2 * RETURN**2)
    trust = np.exp(-exponent) * inside
    share = min(float(trust.mean()) / OTHER, 1.0)  # where hardly anything goes on, it is chance
    return (trust * share**2).astype(np.float32)


def _exposure(lightness: Floats, other: Floats) -> tuple[np.float32, np.float32]:
    """Factor and summand that give a frame the contrast and brightness of another."""
    (low, middle, high), (low_, middle_, high_) = (
        np.percentile(one[::2, ::2], (10, 50, 90)) for one in (lightness, other)
    )
    contrast = ((high_ - low_ + 1) / (high - low + 1)).clip(1 / MOST_CONTRAST, MOST_CONTRAST)
    return np.float32(contrast), np.float32(middle_ - middle * contrast)


def _tolerance(first: Floats, second: Floats) -> float:
    """From the film's grain, which is what of a frame differs from cell to cell at random."""
    grain = min(_grain(first), _grain(second))
    share = np.clip((grain - NOISE[0]) / (NOISE[1] - NOISE[0]), 0, 1)
    return float(CLEAN + share * (GRAINY - CLEAN))


def _grain(lightness: Floats) -> float:
    """Standard deviation of noise, by the median of second differences.

    Immerkaer, "Fast Noise Variance Estimation" (1996), with a median for its mean: edges are few.
    """
    across = lightness[:, 2:] - 2 * lightness[:, 1:-1] + lightness[:, :-2]
    both = across[2:] - 2 * across[1:-1] + across[:-2]
    return float(np.median(np.abs(both)) / (6 * 0.6745)) if both.size else 0.0
