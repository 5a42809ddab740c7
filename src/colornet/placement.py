"""Where hints lie on the grid of the model's colors, and how the full picture shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colornet.color import lab_to_rgb, rgb_to_lab
from colornet.colornames import KEEP
from colornet.errors import GuidanceError
from colornet.fullsize import fit_lines
from colornet.grid import Floats, averaged, bicubic, bilinear
from colornet.guidance import Hint

UNREACHABLE = 5.0
"""Lab units: nobody minds a color that misses the one asked for by less."""
SWEEPS = 3
"""Of `settle`; the second changes little, the third nothing that could be seen."""
SLACK = 0.05
"""In `settle`, so that two colors for nearly the same point do not drive each other apart."""
MOST_POINTS = 512
"""That `settle` looks after; of more, evenly chosen ones."""


@dataclass(frozen=True)
class Placed:
    """Hints on a grid of h x w cells.

    Attributes:
        cells: (N, 2), row and column; none twice.
        ab: (N, 2), the color that is asked for there, in Lab units.
        kept: (N,), whether the cell is to keep what it has without hints; that is its `ab`.
        reach: (N,), factors on how far the hints reach.
        points: (M, 2), row and column of the hints' points, as fractions of height and width.
        points_ab: (M, 2), their colors; NaN where they keep theirs.
        notices: what could not be done quite as asked, a line each.
    """

    cells: NDArray[np.int64]
    ab: Floats
    kept: NDArray[np.bool_]
    reach: Floats
    points: Floats
    points_ab: Floats
    notices: tuple[str, ...]


def place(
    hints: Sequence[Hint],
    size: tuple[int, int],
    lightness: Floats,
    opacity: Floats | None = None,
    own: Floats | None = None,
) -> Placed:
    """Find the cells that hints mean.

    Args:
        hints: the later ones count where they overlap.
        size: width and height of the picture, in pixels.
        lightness: (h, w), 0..100, of the picture on the grid.
        opacity: (h, w), 0 where nothing is to be seen; None: there is no transparency.
        own: (2, h, w), the colors that there are without hints, in Lab units.

    Raises:
        GuidanceError: a hint lies outside the picture, or where it is transparent.
    """
    owner = np.full(lightness.shape, -1)
    colors = np.zeros((len(hints), 2), np.float32)
    notices = []
    for i, hint in enumerate(hints):
        cells = _cells(hint, size, lightness.shape)
        if not cells.any():
            mend = f"the picture has {size[0]} x {size[1]} pixels, counted from its upper left"
            raise GuidanceError(_name(i, hint), "lies outside the picture", mend)
        if opacity is not None:
            cells &= opacity > 0
            if not cells.any():
                reason = "lies where the picture is transparent"
                raise GuidanceError(_name(i, hint), reason, "move it, or leave it out")
        owner[cells] = i
        if hint.color == KEEP:
            colors[i] = np.nan
            continue
        shade = float(np.median(lightness[cells]))
        colors[i] = hint_ab(hint)
        if (nearest := _nearest(shade, colors[i])) is not None:
            place = "dark" if shade < _lab(hint)[0] else "bright"
            reason = f"too {place} there for this color; {nearest} comes out"
            notices.append(f"{_name(i, hint)}: {reason}")
    seen = set(owner[owner >= 0].tolist())
    hidden = [i for i in range(len(hints)) if i not in seen]
    notices += [f"{_name(i, hints[i])}: lies under a later hint" for i in hidden]
    rows, columns = np.nonzero(owner >= 0)
    owners = owner[rows, columns]
    ab = colors[owners]
    kept = np.isnan(ab).any(axis=1)
    if own is not None:
        ab[kept] = own[:, rows[kept], columns[kept]].T
    points, pointing = _seen_points(hints, size, owner)
    return Placed(
        cells=np.stack([rows, columns], axis=-1),
        ab=ab,
        kept=kept,
        reach=np.array([hint.reach for hint in hints], np.float32)[owners],
        points=points,
        points_ab=colors[pointing],
        notices=tuple(notices),
    )


def settle(ab: Floats, placed: Placed, lightness: Floats, own: Floats) -> Floats:
    """Change the cells around each point so that the full picture has the hint's color there.

    In a corner of its cell a point takes color from the cells beside it as well, and its lightness
    may differ from theirs. A change of the four cells around it makes up for both.

    Args:
        ab: (2, h, w), Lab units, with the hints spread.
        placed: the hints.
        lightness: (S, S), 0..100, what `fullsize.recombine` is given.
        own: as ab, without hints.

    Returns:
        (2, h, w), Lab units.
    """
    height, width = ab.shape[1:]
    small = averaged(lightness, height, width)
    share = bicubic(placed.points, height, width)  # (M, P), P = h w
    change = bilinear(placed.points, height, width)  # (M, P), of the four cells around it
    around = bilinear(placed.points, *lightness.shape)  # (M, S S)
    shade = np.einsum("ms,s->m", around, lightness.reshape(-1))[:, None]  # a product would thread
    among = share @ change.T + SLACK * np.eye(len(share), dtype=np.float32)  # (M, M)

    def shown(ab: Floats) -> Floats:
        slope, offset = fit_lines(small, np.moveaxis(ab, 0, -1))
        return shade * (share @ slope.reshape(-1, 2)) + share @ offset.reshape(-1, 2)  # (M, 2)

    wanted = placed.points_ab
    if (kept := np.isnan(wanted)).any():
        wanted = np.where(kept, shown(own), wanted)
    for _ in range(SWEEPS):
        missing = np.linalg.solve(among, wanted - shown(ab))  # (M, 2)
        ab = ab + (missing.T @ change).reshape(ab.shape)
    return ab.astype(np.float32)


def hint_ab(hint: Hint) -> Floats:
    """The color (2,) of a hint, in Lab units; its lightness does not count."""
    return _lab(hint)[1:]


def to_hex(lightness: float, ab: NDArray[np.floating]) -> str:
    """The sRGB color "#rrggbb" of lightness 0..100 and ab (2,), of less chroma if it must be."""
    rgb01 = lab_to_rgb(np.array(lightness), np.asarray(ab, np.float64))
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in rgb01.tolist())


def _lab(hint: Hint) -> Floats:
    rgb8 = np.frombuffer(bytes.fromhex(hint.color[1:]), np.uint8)
    return rgb_to_lab(rgb8 / 255.0).astype(np.float32)


def _nearest(lightness: float, ab: Floats) -> str | None:
    """What sRGB has instead of a color that it lacks at that lightness."""
    nearest = rgb_to_lab(lab_to_rgb(np.array(lightness), ab.astype(np.float64)))[1:]
    far = np.linalg.norm(nearest - ab) > UNREACHABLE
    return to_hex(lightness, ab) if far else None


def _pixels(hint: Hint, size: tuple[int, int]) -> NDArray[np.float64]:
    """(N, 2): x, y of its points."""
    return np.array(hint.points) * (size if hint.unit == "fractions" else 1)


def _seen_points(
    hints: Sequence[Hint], size: tuple[int, int], owner: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64]]:
    """The points (M, 2) that no later hint covers, and the hint (M,) of each."""
    points = np.concatenate([np.empty((0, 2)), *(_pixels(hint, size) / size for hint in hints)])
    owners = np.repeat(np.arange(len(hints)), [len(hint.points) for hint in hints])
    column, row = (
        (points * owner.shape[::-1]).clip(0, np.array(owner.shape[::-1]) - 1).astype(int).T
    )
    inside = ((points >= 0) & (points <= 1)).all(axis=1)
    (seen,) = np.nonzero(inside & (owner[row, column] == owners))
    if len(seen) > MOST_POINTS:
        seen = seen[np.linspace(0, len(seen) - 1, MOST_POINTS).round().astype(int)]
    return points[seen, ::-1].astype(np.float32), owners[seen]


def _cells(hint: Hint, size: tuple[int, int], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(h, w): the cells under the brush, which is nowhere thinner than one cell."""
    (width, height), (h, w) = size, shape
    points = _pixels(hint, size)
    radius = hint.radius * (max(size) if hint.unit == "fractions" else 1)
    cell = np.array([width / w, height / h])
    y, x = np.indices(shape)
    middles = (np.stack([x, y], axis=-1) + 0.5) * cell  # (h, w, 2)
    covered = np.zeros(shape, bool)
    ends = points[1:] if len(points) > 1 else points
    for start, end in zip(points, ends, strict=False):
        along, length = end - start, float(np.linalg.norm(end - start))
        share = ((middles - start) @ along / max(length, 1e-9) ** 2).clip(0, 1)
        distance = np.linalg.norm(middles - (start + share[..., None] * along), axis=-1)
        covered |= distance <= radius
        steps = np.linspace(0, 1, 2 + min(int(2 * length / cell.min()), 4 * max(shape)))
        path = start + steps[:, None] * along
        path = path[((path >= 0) & (path <= size)).all(axis=1)]
        column, row = np.minimum(path // cell, [w - 1, h - 1]).astype(int).T
        covered[row, column] = True
    return covered


def _name(index: int, hint: Hint) -> str:
    x, y = hint.points[0]
    return f"hint {index + 1} ({hint.color} at {x:g},{y:g})"
