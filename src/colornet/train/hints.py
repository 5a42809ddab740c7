"""What the affinity of two places is learned from: hints, and what they should have changed.

Hints at true colors teach how far one color lets guess others (`hint_loss`); hints that color one
thing anew teach where a thing ends (`thing_loss`). With them the torch twin of
colornet.propagation, for whole batches; a test holds the two together.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.propagation import EVEN, NOISE, SHIFT, STRETCH, WISH

LESS_LIKELY = 1 / 10
"""Parameter p of the geometric number of hints; 10 on average."""
MOST = 64
CORNER = 5.0
"""Of the smooth L1 loss, in Lab units."""

STEP, SPAN = 5.0, 14.0
"""Lab units between neighboring cells of one thing, and between any cell of it and the one that it
was found from, at most; lightness counts half."""
LOOSER = 1.7
"""Factor on both: what is beyond these as well is certainly another thing."""
SMALLEST, LARGEST = 0.004, 0.5
"""Share of a picture that a thing may have."""
SEEDS = 16
"""Places of a picture whose things are learned from at once."""
WRONG = 1.5
"""How much worse it is to change what is no part of a thing than to leave a part unchanged."""
BESIDE, NEARBY = 6, 0.65
"""Cells from a thing in which a change counts for this share of all that is changed wrongly."""


def hint_loss(ab: Tensor, affinity: Tensor, true: Tensor, rng: np.random.Generator) -> Tensor:
    """How far the colors are from the true ones after hints at true colors, at random places.

    Args:
        ab: (B,2,h,w), the network's own colors in Lab units; they do not learn from this.
        affinity: (B,2+2D,h,w), as for `colornet.propagation`.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    places = ab.shape[-2] * ab.shape[-1]
    count = min(int(rng.geometric(LESS_LIKELY)), MOST)
    at = torch.from_numpy(rng.integers(0, places, (len(ab), count))).to(ab.device)
    guided = spread(ab.detach().float(), affinity.float(), at, true)
    return F.smooth_l1_loss(guided, true, beta=CORNER)


def thing_loss(
    affinity: Tensor, lightness: Tensor, true: Tensor, rng: np.random.Generator
) -> Tensor:
    """How far one hint spreads beyond its thing, or leaves parts of it as they were.

    Things are found by their true colors, around places at random. If a hint there changes it and
    all of its thing, and nothing else, the loss is 0; a change beside the thing is the worst.

    Args:
        affinity: (B,2+2D,h,w), as for `colornet.propagation`.
        lightness: (B,1,h,w), 0..100, true.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    batch, _, height, width = true.shape
    lab = torch.cat([lightness / 2, true], dim=1)
    places = rng.integers(0, height * width, (batch, SEEDS))
    seeds = torch.from_numpy(places).to(true.device)
    thing = find_things(lab, seeds, STEP, SPAN).float()  # (B,N,h,w)
    others = 1 - _grown(find_things(lab, seeds, LOOSER * STEP, LOOSER * SPAN).float(), 1)
    beside = _grown(thing, BESIDE) * others
    share = thing.mean((2, 3))
    fit = (share >= SMALLEST) & (share <= LARGEST) & others.flatten(2).any(2)
    near, near_at = _covariances(affinity.flatten(2).chunk(2, dim=1)[0], seeds.unsqueeze(1), 2)
    change = near / near_at.diagonal(dim1=1, dim2=2).unsqueeze(1)  # (B,P,N), of that of the hint
    change = change.clamp(max=1).mT.reshape(thing.shape)
    wrong = NEARBY * _mean(change**2, beside) + (1 - NEARBY) * _mean(change**2, others)
    missed = _mean((1 - change) ** 2, thing)  # (B,N)
    return ((missed + WRONG * wrong) * fit).sum() / fit.sum().clamp(min=1)


def find_things(lab: Tensor, seeds: Tensor, step: float, span: float) -> Tensor:
    """The cells (B,N,h,w) that are joined to seeds.

    Args:
        lab: (B,3,h,w), halved lightness and ab, in Lab units.
        seeds: (B,N), cells, counted row by row.
        step: between neighboring cells, at most.
        span: between any cell and the seed, at most.
    """
    colors = lab.flatten(2)  # (B,3,P)
    color = colors.gather(2, seeds.unsqueeze(1).expand(-1, len(lab[0]), -1))  # (B,3,N)
    alike = (color[..., None] - colors[:, :, None]).norm(dim=1) <= span  # (B,N,P)
    part = _parts(lab, step).flatten(1)  # (B,P)
    joined = part.gather(1, seeds)[..., None] == part[:, None]
    return (alike & joined).reshape(*seeds.shape, *lab.shape[2:])


def _parts(lab: Tensor, step: float) -> Tensor:
    """The least of the cells (B,h,w), counted row by row, that each is joined to by small steps."""
    down, right = (lab.diff(dim=dim).norm(dim=1) <= step for dim in (2, 3))  # (B,h-1,w), (B,h,w-1)
    height, width = lab.shape[2:]
    first = torch.arange(height * width, device=lab.device).view(height, width)
    part = first.repeat(len(lab), 1, 1)
    while True:
        before = part.clone()
        for joined, upper, lower in (
            (down, part[:, :-1], part[:, 1:]),
            (right, part[:, :, :-1], part[:, :, 1:]),
        ):
            for one, other in ((lower, upper), (upper, lower)):
                one.copy_(torch.where(joined, torch.minimum(one, other), one))
        known = part.flatten(1)  # what a cell's part is joined to, it is joined to as well
        part = known.gather(1, known.gather(1, known)).view_as(part)
        if torch.equal(part, before):
            return part


def _grown(things: Tensor, cells: int) -> Tensor:
    """Things (B,N,h,w) and what lies within so many cells of them."""
    side = 2 * cells + 1
    rows = F.max_pool2d(things, (side, 1), 1, (cells, 0))
    return F.max_pool2d(rows, (1, side), 1, (0, cells))


def _mean(values: Tensor, cells: Tensor) -> Tensor:
    """Of the values (B,N,h,w) in the cells of each thing: (B,N)."""
    return (values * cells).sum((2, 3)) / cells.sum((2, 3)).clamp(min=1)


def spread(ab: Tensor, affinity: Tensor, at: Tensor, true: Tensor) -> Tensor:
    """As `colornet.propagation.spread`, for hints of the true colors.

    Args:
        at: (B,N), places of the hints, counted row by row.
    """
    flat, wanted, map_ = (x.flatten(2) for x in (ab, true, affinity))
    index = at.unsqueeze(1)
    own = flat.gather(2, index.expand(-1, 2, -1))  # (B,2,N)
    residual = wanted.gather(2, index.expand(-1, 2, -1)) - own
    (near, near_at), (wide, wide_at) = (
        _covariances(half, index, power)
        for half, power in zip(map_.chunk(2, dim=1), (2, 1), strict=True)
    )
    process = (near_at + wide_at).diagonal(dim1=1, dim2=2)
    wish = torch.diag_embed((residual.norm(dim=1) / WISH) ** 4 * process)  # (B,N,N)
    whole = (near @ _solve(near_at, torch.ones_like(residual[:, 0]))).squeeze(2)  # (B,P)
    guided = []
    for colors, hinted, missing in zip(*(x.unbind(1) for x in (flat, own, residual)), strict=True):
        line, line_at = (
            SHIFT**2 + STRETCH**2 * x[:, :, None] * hinted[:, None] for x in (colors, hinted)
        )
        weights = _solve(near_at + wide_at + line_at + wish, missing)
        change = (wide + line) @ weights  # (B,P,1)
        left = missing - ((wide_at + line_at) @ weights).squeeze(2)
        change = (change + near @ _solve(near_at, left)).squeeze(2)
        least, most = missing.amin(1).clamp(max=0), missing.amax(1).clamp(min=0)
        change = torch.clamp(change, least[:, None], most[:, None])
        even = (near @ _solve(near_at, hinted)).squeeze(2) - whole * colors
        least, most = hinted.amin(1)[:, None] - colors, hinted.amax(1)[:, None] - colors
        even = torch.clamp(even, least.clamp(max=0), most.clamp(min=0))
        guided.append(colors + change + EVEN * even)
    return torch.stack(guided, dim=1).reshape(ab.shape)


def _solve(among: Tensor, values: Tensor) -> Tensor:
    """Weights (B,N,1) of values (B,N) with these covariances (B,N,N), but for noise."""
    noise = NOISE * torch.eye(among.shape[1], device=among.device)
    return torch.linalg.solve(among + noise, values.unsqueeze(2))


def _covariances(map_: Tensor, index: Tensor, power: int) -> tuple[Tensor, Tensor]:
    """Of places (B,1,N) with all places of a map (B,1+D,P): (B,P,N), and with each other."""
    there = map_.gather(2, index.expand(-1, map_.shape[1], -1))  # (B,1+D,N)
    f = there[:, 1:].transpose(1, 2)
    found = []
    for places in (map_, there):
        e = places[:, 1:].transpose(1, 2)
        squared = (e**2).sum(2)[:, :, None] + (f**2).sum(2)[:, None] - 2 * (e @ f.mT)
        nearness = torch.exp(-(squared.clamp(min=1e-8) ** (power / 2)))
        found.append(nearness * places[:, 0, :, None] * there[:, 0, None])
    return found[0], found[1]
