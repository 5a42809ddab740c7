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

from colornet.propagation import DOUBT, EVEN, LOOKS, NOISE, SHARPNESS, SHIFT, STRETCH, TINY, WISH

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
DARK, DEEPEST = 60.0, 2.5
"""Lightness below which colors are told apart more finely, as chroma fades with it, and by what
factor at most."""
LOOSER_DEEP = 2.2
"""As LOOSER, for such colors."""
SMALLEST, LARGEST = 0.004, 0.5
"""Share of a picture that a thing may have."""
SEEDS = 16
"""Places of a picture whose things are learned from at once."""
UNSURE = 0.25
"""Weight of a change where it is not sure whether it is of the thing; where it surely is not: 1."""
WRONG = 1.5
"""How much worse it is to change what is no part of a thing than to leave a part unchanged."""
BESIDE, NEARBY = 6, 0.65
"""Cells from a thing in which a change counts for this share of all that is changed wrongly."""


def hint_loss(
    ab: Tensor, affinity: Tensor, looks: Tensor, true: Tensor, rng: np.random.Generator
) -> Tensor:
    """How far the colors are from the true ones after hints at true colors, at random places.

    Args:
        ab: (B,2,h,w), the network's own colors in Lab units; they do not learn from this.
        affinity, looks: (B,2+2D,h,w) and (B,3,h,w), as for `colornet.propagation`.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    places = ab.shape[-2] * ab.shape[-1]
    count = min(int(rng.geometric(LESS_LIKELY)), MOST)
    at = torch.from_numpy(rng.integers(0, places, (len(ab), count))).to(ab.device)
    guided = spread(ab.detach().float(), affinity.float(), looks, at, true)
    return F.smooth_l1_loss(guided, true, beta=CORNER)


def thing_loss(
    affinity: Tensor, looks: Tensor, lightness: Tensor, true: Tensor, rng: np.random.Generator
) -> Tensor:
    """How far one hint spreads beyond its thing, or leaves parts of it as they were.

    Things are found by their true colors, around places at random. If a hint there changes it and
    all of its thing, and nothing else, the loss is 0; a change beside the thing is the worst.

    Args:
        affinity, looks: (B,2+2D,h,w) and (B,3,h,w), as for `colornet.propagation`.
        lightness: (B,1,h,w), 0..100, true.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    batch, _, height, width = true.shape
    places = rng.integers(0, height * width, (batch, SEEDS))
    seeds = torch.from_numpy(places).to(true.device)
    things, surely = find_things(torch.cat([lightness, true], dim=1), seeds)
    thing, others = things.float(), surely.float()  # (B,N,h,w)
    share = thing.mean((2, 3))
    fit = (share >= SMALLEST) & (share <= LARGEST) & surely.flatten(2).any(2)
    others += UNSURE * (1 - others) * (1 - _grown(thing, 1))
    beside = _grown(thing, BESIDE) * others
    near, near_at = _covariances(with_looks(affinity, looks)[0], seeds.unsqueeze(1), 2)
    mean = near / near_at.diagonal(dim1=1, dim2=2).unsqueeze(1)  # (B,P,N), of that of the hint
    loss = torch.zeros_like(share)
    for change in (mean, sharpened(mean)):
        change = change.clamp(max=1).mT.reshape(thing.shape)
        wrong = NEARBY * _mean(change**2, beside) + (1 - NEARBY) * _mean(change**2, others)
        missed = _mean((1 - change) ** 2, thing)  # (B,N)
        loss = loss + (missed + WRONG * wrong) / 2
    return (loss * fit).sum() / fit.sum().clamp(min=1)


def find_things(lab: Tensor, seeds: Tensor) -> tuple[Tensor, Tensor]:
    """What surely belongs to the things at seeds, and what surely does not: (B,N,h,w), bool.

    Args:
        lab: (B,3,h,w), L 0..100 and ab in Lab units.
        seeds: (B,N), cells, counted row by row.
    """
    lightness, ab = lab[:, :1], lab[:, 1:]
    depth = ((DARK + 10) / (lightness + 10)).clamp(1, DEEPEST)
    even, deep = (torch.cat([lightness / 2, colors], dim=1) for colors in (ab, depth * ab))
    may_be = _joined(deep, seeds, LOOSER_DEEP)
    things = _joined(even, seeds, 1) & may_be
    may_be &= _joined(even, seeds, LOOSER)
    return things, _grown(may_be.float(), 1) == 0


def _joined(colors: Tensor, seeds: Tensor, looser: float) -> Tensor:
    """The cells (B,N,h,w) of colors (B,3,h,w) that small steps join to seeds (B,N)."""
    flat = colors.flatten(2)  # (B,3,P)
    color = flat.gather(2, seeds.unsqueeze(1).expand(-1, len(colors[0]), -1))  # (B,3,N)
    alike = (color[..., None] - flat[:, :, None]).norm(dim=1) <= looser * SPAN  # (B,N,P)
    part = _parts(colors, looser * STEP).flatten(1)  # (B,P)
    joined = part.gather(1, seeds)[..., None] == part[:, None]
    return (alike & joined).reshape(*seeds.shape, *colors.shape[2:])


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


def spread(ab: Tensor, affinity: Tensor, looks: Tensor, at: Tensor, true: Tensor) -> Tensor:
    """As `colornet.propagation.spread`, for hints of the true colors.

    Args:
        at: (B,N), places of the hints, counted row by row.
    """
    flat, wanted = ab.flatten(2), true.flatten(2)
    index = at.unsqueeze(1)
    own = flat.gather(2, index.expand(-1, 2, -1))  # (B,2,N)
    residual = wanted.gather(2, index.expand(-1, 2, -1)) - own
    (near, near_at), (wide, wide_at) = (
        _covariances(half, index, power)
        for half, power in zip(with_looks(affinity, looks), (2, 1), strict=True)
    )
    strength = (residual.norm(dim=1) / WISH) ** 4  # (B,N)
    process = (near_at + wide_at).diagonal(dim1=1, dim2=2)
    noise = torch.diag_embed(strength * process)  # (B,N,N)
    shares = _shares(near, near_at, strength / (1 + strength))  # (B,P,N)
    whole = shares.sum(2)
    guided = []
    for colors, hinted, missing in zip(*(x.unbind(1) for x in (flat, own, residual)), strict=True):
        line, line_at = (
            SHIFT**2 + STRETCH**2 * x[:, :, None] * hinted[:, None] for x in (colors, hinted)
        )
        weights = _inverse(near_at + wide_at + line_at + noise) @ missing[..., None]
        change = (wide + line) @ weights  # (B,P,1)
        left = missing[..., None] - (wide_at + line_at) @ weights
        change = (change + shares @ left).squeeze(2)
        least, most = missing.amin(1).clamp(max=0), missing.amax(1).clamp(min=0)
        change = torch.clamp(change, least[:, None], most[:, None])
        even = (shares @ hinted[..., None]).squeeze(2) - whole * colors
        least, most = hinted.amin(1)[:, None] - colors, hinted.amax(1)[:, None] - colors
        even = torch.clamp(even, least.clamp(max=0), most.clamp(min=0))
        guided.append(colors + change + EVEN * even)
    return torch.stack(guided, dim=1).reshape(ab.shape)


def with_looks(affinity: Tensor, looks: Tensor) -> tuple[Tensor, Tensor]:
    """Both halves of the affinity, (B,1+D+3,P) with looks for things and (B,1+D,P)."""
    thing, alike = affinity.flatten(2).chunk(2, dim=1)
    scale = torch.from_numpy(LOOKS).to(looks)[:, None] * 2**0.5
    return torch.cat([thing, looks.detach().float().flatten(2) / scale], dim=1), alike


def _shares(near: Tensor, near_at: Tensor, wishes: Tensor) -> Tensor:
    """The shares (B,P,N) of hints in all places.

    Args:
        near: (B,P,N), covariances within things.
        near_at: (B,N,N), those among the hints.
        wishes: (B,N), how far each is a wish, 0..1.
    """
    mean = near @ _inverse(near_at)
    positive = mean.clamp(min=0)
    reach = positive.sum(2, keepdim=True).clamp(min=TINY)
    wishes = wishes[:, None]
    return (1 - wishes) * mean + wishes * positive / reach * sharpened(reach)


def sharpened(reach: Tensor) -> Tensor:
    """How far wishes change what hints reach so far: all or nothing, or nearly so."""
    part = reach.clamp(max=1) ** SHARPNESS
    return part / (part + DOUBT * (1 - reach).clamp(min=0) ** SHARPNESS)


def _inverse(among: Tensor) -> Tensor:
    """Of covariances (B,N,N), with noise."""
    return torch.linalg.inv(among + NOISE * torch.eye(among.shape[1], device=among.device))


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
