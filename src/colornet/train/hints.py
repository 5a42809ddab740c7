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

from colornet.propagation import NOISE, SHIFT, STRETCH, WISH

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
MOST_HINTS = 4
"""On a thing, and as many elsewhere."""
BOTH = 0.5
"""Share of the batches that have hints elsewhere."""
CHANGE = (20.0, 80.0)
"""Lab units of ab between a thing's color and the one that is asked for."""


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
    ab: Tensor, affinity: Tensor, lightness: Tensor, true: Tensor, rng: np.random.Generator
) -> Tensor:
    """How far hints that color one thing anew spread beyond it, or leave it as it was.

    In each picture one thing is found by its true colors. A few hints on it ask for another color,
    a few elsewhere for none. All of the thing should then change, and nothing else.

    Args:
        ab: (B,2,h,w), the network's own colors in Lab units; they do not learn from this.
        affinity: (B,2+2D,h,w), as for `colornet.propagation`.
        lightness: (B,1,h,w), 0..100, true.
        true: (B,2,h,w), in Lab units.
        rng: everything random comes from it.
    """
    batch, _, height, width = true.shape
    lab = torch.cat([lightness / 2, true], dim=1)
    seeds = torch.from_numpy(rng.integers(0, height * width, batch)).to(ab.device)
    thing = find_things(lab, seeds, STEP, SPAN)  # (B,h,w)
    others = ~_grown(find_things(lab, seeds, LOOSER * STEP, LOOSER * SPAN))
    share = thing.flatten(1).float().mean(1)
    fit = (share >= SMALLEST) & (share <= LARGEST) & others.flatten(1).any(1)
    if not fit.any():
        return affinity.sum() * 0.0
    thing, others = thing[fit].float(), others[fit].float()
    counts = rng.integers(1, MOST_HINTS + 1, 2)
    generator = torch.Generator().manual_seed(int(rng.integers(1 << 31)))
    on, off = (
        torch.multinomial(mask.flatten(1).cpu(), int(count), True, generator=generator)
        for mask, count in zip((thing, others), counts, strict=True)
    )
    at = (torch.cat([on, off], dim=1) if rng.random() < BOTH else on).to(ab.device)
    size, angle = rng.uniform(*CHANGE, len(thing)), rng.uniform(0, 2 * np.pi, len(thing))
    change = torch.from_numpy(size * np.stack([np.cos(angle), np.sin(angle)])).float()
    own = ab[fit].detach().float()
    wanted = own + change.T[:, :, None, None].to(ab.device) * thing[:, None]
    guided = spread(own, affinity[fit].float(), at, wanted)
    missed = (guided - wanted).square().sum(1) / wanted.new_tensor(size)[:, None, None] ** 2
    return _mean(missed, thing) + _mean(missed, others)


def find_things(lab: Tensor, seeds: Tensor, step: float, span: float) -> Tensor:
    """The cells (B,h,w) that are joined to seeds.

    Args:
        lab: (B,3,h,w), halved lightness and ab, in Lab units.
        seeds: (B,), cells, counted row by row.
        step: between neighboring cells, at most.
        span: between any cell and the seed, at most.
    """
    rows = torch.arange(len(lab), device=lab.device)
    color = lab.flatten(2)[rows, :, seeds][:, :, None, None]
    alike = (lab - color).norm(dim=1) <= span  # (B,h,w)
    down = (lab.diff(dim=2).norm(dim=1) <= step) & alike[:, 1:] & alike[:, :-1]  # (B,h-1,w)
    right = (lab.diff(dim=3).norm(dim=1) <= step) & alike[:, :, 1:] & alike[:, :, :-1]
    thing = torch.zeros_like(alike)
    thing.flatten(1)[rows, seeds] = True
    size = 0
    while (grown := int(thing.sum())) > size:
        size = grown
        for _ in range(8):
            thing[:, 1:] |= thing[:, :-1] & down
            thing[:, :-1] |= thing[:, 1:] & down
            thing[:, :, 1:] |= thing[:, :, :-1] & right
            thing[:, :, :-1] |= thing[:, :, 1:] & right
    return thing


def _grown(thing: Tensor) -> Tensor:
    return F.max_pool2d(thing[:, None].float(), 3, 1, 1).squeeze(1) > 0


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1)


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
        guided.append(colors + torch.clamp(change, least[:, None], most[:, None]))
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
