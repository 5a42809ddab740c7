"""Hints on the grid of the model's colors, and their exact colors in the full picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from colornet.color import lab_to_rgb, rgb_to_lab
from colornet.errors import GuidanceError
from colornet.guidance import Hint
from colornet.guidance.brush import brushed, cells_at, inside
from colornet.guidance.css_colors import KEEP
from colornet.notices import Notice
from colornet.resample import Floats, averaged, cubic, linear
from colornet.stopping import checkpoint
from colornet.upsample import fit_lines

UNREACHABLE = 5.0
"""Lab units. If the resulting color differs more from the hint's, a notice says so."""
SWEEPS = 3
"""Iterations of `enforce_hints`. The second changes little, the third nothing visible."""
SLACK = 0.05
"""Added to the diagonal of the system that `enforce_hints` solves. Without it, different colors for
nearly the same point would lead to extreme solutions."""
MOST_POINTS = 512
"""Most points that `enforce_hints` makes exact; more are sampled evenly. The cost is cubic."""


@dataclass(frozen=True)
class NamedHint(Hint):
    """A hint that messages call by a name; others are numbered."""

    name: str = field(default="", compare=False)


class HintRaster(NamedTuple):
    """Hints on a grid of h x w cells.

    Attributes:
        cells: (N, 2), row and column of the cells under hints, without duplicates.
        ab: (N, 2), their colors, in Lab units; NaN for "keep".
        kept: (N,), whether the cell keeps the color that it has without hints.
        reach: (N,), the reach of the hints.
        points: (M, 2), row and column of the hints' points, as fractions of height and width.
        points_ab: (M, 2), their colors; NaN for "keep".
        notices: hints that cannot be followed exactly; the subject is a hint.
        hint: (N,), the index of each cell's hint; None: each cell has its own.
    """

    cells: NDArray[np.int64]
    ab: Floats
    kept: NDArray[np.bool_]
    reach: Floats
    points: Floats
    points_ab: Floats
    notices: tuple[Notice, ...]
    hint: NDArray[np.int64] | None = None

    def with_own(self, own: Floats) -> HintRaster:
        """The same, with NaN replaced by the colors without hints, (2, h, w)."""
        rows, columns = self.cells.T
        return self._replace(
            ab=np.where(self.kept[:, np.newaxis], own[:, rows, columns].T, self.ab)
        )


def rasterize(
    hints: Sequence[Hint],
    size: tuple[int, int],
    lightness: Floats,
    opacity: Floats | None = None,
) -> HintRaster:
    """Find the cells that hints cover.

    Args:
        hints: the hints; where they overlap, later ones take precedence.
        size: width and height of the picture, in pixels.
        lightness: (h, w), 0..100, of the picture on the grid.
        opacity: (h, w), 0 where the picture is transparent; None: it has no alpha.

    Raises:
        GuidanceError: a hint lies outside the picture, or where it is transparent.
    """
    height, width = lightness.shape
    owner = np.full((height, width), -1)
    shades = np.zeros(len(hints))
    for i, hint in enumerate(hints):
        checkpoint()
        cells = cells_under(hint, size, (height, width), i)
        if opacity is not None:
            cells &= opacity > 0
            if not cells.any():
                reason = "lies where the picture is transparent"
                raise GuidanceError(_name(i, hint), reason, "move it, or leave it out")
        owner[cells] = i
        shades[i] = np.median(lightness[cells])
    lab = _lab([hint.color for hint in hints])
    colors = lab[:, 1:]
    notices = _unreachable(hints, lab, shades)
    seen = set(owner[owner >= 0].tolist())
    hidden = [i for i in range(len(hints)) if i not in seen]
    covered = "lies under a later hint"
    notices += [Notice("hint-covered", covered, _name(i, hints[i])) for i in hidden]
    rows, columns = np.nonzero(owner >= 0)
    owners = owner[rows, columns]
    ab = colors[owners]
    points, pointing = _seen_points(hints, size, owner)
    return HintRaster(
        cells=np.stack([rows, columns], axis=-1),
        ab=ab,
        kept=np.isnan(ab).any(axis=1),
        reach=np.array([hint.reach for hint in hints], np.float32)[owners],
        points=points,
        points_ab=colors[pointing],
        notices=tuple(notices),
        hint=owners,
    )


def cells_under(
    hint: Hint, size: tuple[int, int], shape: tuple[int, int], index: int = 0
) -> NDArray[np.bool_]:
    """(h, w): the cells under a hint's brush, which is nowhere thinner than one cell.

    Args:
        hint: what is said of them.
        size: width and height of the picture, in pixels.
        shape: h and w.
        index: of the hint, for messages.

    Raises:
        GuidanceError: it lies outside the picture.
    """
    (width, height), (h, w) = size, shape
    radius = hint.radius * (max(size) if hint.unit == "fractions" else 1)
    tall = (height / h) / (width / w)
    cells = brushed(_positions(hint, size, shape), radius * w / width, (h, w), tall)
    if not cells.any():
        remedy = f"the picture has {width} x {height} pixels, counted from its upper left"
        raise GuidanceError(_name(index, hint), "lies outside the picture", remedy)
    return cells


def enforce_hints(ab: Floats, raster: HintRaster, lightness: Floats, own: Floats) -> Floats:
    """Change the four cells around each point so that the full picture has the hint's color there.

    Otherwise upsampling would mix the point's color with those of neighboring cells, and change it
    with its lightness.

    Args:
        ab: (2, h, w), Lab units, with the hints spread.
        raster: the hints, `with_own` colors.
        lightness: (S, S), 0..100, the argument of `colornet.upsample.recombine`.
        own: (2, h, w), the colors without hints.

    Returns:
        (2, h, w), Lab units.
    """
    if not len(raster.points):
        return ab
    sides = ab.shape[1:]
    small = averaged(lightness, *sides)
    mix = _weights(cubic, raster.points, sides)  # of the cells in the upsampled color of each point
    change = _weights(linear, raster.points, sides)  # of the four cells that are changed
    shade = _at(_weights(linear, raster.points, lightness.shape), lightness[..., np.newaxis])
    among = (mix[0] @ change[0].T) * (mix[1] @ change[1].T)  # (M, M)
    among += SLACK * np.eye(len(among), dtype=np.float32)

    def shown(ab: Floats) -> Floats:
        slope, offset = (_at(mix, line) for line in fit_lines(small, np.moveaxis(ab, 0, -1)))
        return shade * slope + offset  # (M, 2)

    wanted = raster.points_ab
    if (kept := np.isnan(wanted)).any():
        wanted = np.where(kept, shown(own), wanted)
    for _ in range(SWEEPS):
        missing = np.linalg.solve(among, wanted - shown(ab))  # (M, 2)
        ab = ab + np.einsum("mra,mc->arc", change[0][..., np.newaxis] * missing[:, None], change[1])
    return ab.astype(np.float32)


def _weights(
    along: Callable[[Floats, int], Floats], points: Floats, sides: Sequence[int]
) -> tuple[Floats, Floats]:
    """The weights of rows (M, h) and columns (M, w) at points (M, 2)."""
    rows, columns = (along(points[:, axis], sides[axis]) for axis in (0, 1))
    return rows, columns


def _at(weights: tuple[Floats, Floats], map_: Floats) -> Floats:
    """The values (M, C) of a map (h, w, C) at points with these weights in its rows and columns."""
    rows, columns = weights
    across = np.einsum("mr,rcx->mcx", rows, map_)  # a matrix product would use threads
    values: Floats = (across * columns[..., np.newaxis]).sum(axis=1)
    return values


def hint_ab(hint: Hint) -> Floats:
    """The ab (2,) of a hint's color, in Lab units; NaN for "keep"."""
    ab: Floats = _lab([hint.color])[0, 1:]
    return ab


def to_hex(lightness: float, ab: NDArray[np.floating]) -> str:
    """The sRGB color "#rrggbb" of lightness 0..100 and ab (2,), fitted into the gamut."""
    rgb01 = lab_to_rgb(np.array(lightness), np.asarray(ab, np.float64))
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in rgb01.tolist())


def _lab(colors: Sequence[str]) -> Floats:
    """The colors in Lab: (N, 3); NaN for "keep"."""
    none = bytes(3)
    rgb8 = b"".join(none if one == KEEP else bytes.fromhex(one[1:]) for one in colors)
    lab = rgb_to_lab(np.frombuffer(rgb8, np.uint8).reshape(-1, 3) / 255.0).astype(np.float32)
    lab[[one == KEEP for one in colors]] = np.nan
    return lab


def _unreachable(hints: Sequence[Hint], lab: Floats, shades: NDArray[np.float64]) -> list[Notice]:
    """Notices of colors that sRGB does not have at the lightness of their cells."""
    nearest = rgb_to_lab(lab_to_rgb(shades, lab[:, 1:].astype(np.float64)))[:, 1:]
    (far,) = np.nonzero(np.linalg.norm(nearest - lab[:, 1:], axis=1) > UNREACHABLE)
    notices = []
    for i in far.tolist():
        place = "dark" if shades[i] < lab[i, 0] else "bright"
        reason = f"too {place} there for this color; {to_hex(shades[i], lab[i, 1:])} comes out"
        notices.append(Notice("color-unreachable", reason, _name(i, hints[i])))
    return notices


def _positions(hint: Hint, size: tuple[int, int], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A hint's points (N, 2), x and y in cells of a grid (.., h, w)."""
    *_, height, width = shape
    points = np.array(hint.points) * (width, height)
    return points if hint.unit == "fractions" else points / size


def _seen_points(
    hints: Sequence[Hint], size: tuple[int, int], owner: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64]]:
    """The points (M, 2) that no later hint covers, and the indices (M,) of their hints."""
    positions = [_positions(hint, size, owner.shape) for hint in hints]
    points = np.concatenate([np.empty((0, 2)), *positions])
    owners = np.repeat(np.arange(len(hints)), [len(hint.points) for hint in hints])
    row, column = cells_at(points, owner.shape).T
    (seen,) = np.nonzero(inside(points, owner.shape) & (owner[row, column] == owners))
    if len(seen) > MOST_POINTS:
        seen = seen[np.linspace(0, len(seen) - 1, MOST_POINTS).round().astype(int)]
    fractions = points[seen, ::-1] / owner.shape
    return fractions.astype(np.float32), owners[seen]


def _name(index: int, hint: Hint) -> str:
    if isinstance(hint, NamedHint):
        return hint.name
    x, y = hint.points[0]
    return f"hint {index + 1} ({hint.color} at {x:g},{y:g})"
