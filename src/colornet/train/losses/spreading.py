"""Spreading of hints in torch, for batches; a test compares it with `guidance.propagation`."""

from __future__ import annotations

import torch
from torch import Tensor

from colornet.guidance.propagation import (
    APPEARANCE,
    DOUBT,
    EDIT,
    HOMOGENIZE,
    NOISE,
    SHARPNESS,
    SHIFT,
    STRETCH,
    TINY,
)


def spread(ab: Tensor, affinity: Tensor, appearance: Tensor, at: Tensor, true: Tensor) -> Tensor:
    """The same as `colornet.guidance.propagation.spread`, for hints of the true colors.

    Args:
        ab, affinity, appearance: (B,2,h,w), (B,2+2D,h,w) and (B,3,h,w).
        at: (B,N), cells of the hints, counted row by row.
        true: (B,2,h,w), in Lab units.

    Returns:
        (B,2,h,w), in Lab units.
    """
    flat, wanted = ab.flatten(2), true.flatten(2)
    index = at.unsqueeze(1)
    own = flat.gather(2, index.expand(-1, 2, -1))  # (B,2,N)
    residual = wanted.gather(2, index.expand(-1, 2, -1)) - own
    (near, near_at), (wide, wide_at) = (
        covariances(half, index, power)
        for half, power in zip(with_appearance(affinity, appearance), (2, 1), strict=True)
    )
    strength = (residual.norm(dim=1) / EDIT) ** 4  # (B,N)
    process = (near_at + wide_at).diagonal(dim1=1, dim2=2)
    noise = torch.diag_embed(strength * process)  # (B,N,N)
    weights = _weights(near, near_at, strength / (1 + strength))  # (B,P,N)
    total = weights.sum(2)
    guided = []
    for colors, hinted, missing in zip(*(x.unbind(1) for x in (flat, own, residual)), strict=True):
        line, line_at = (
            SHIFT**2 + STRETCH**2 * x[:, :, None] * hinted[:, None] for x in (colors, hinted)
        )
        coefficients = _inverse(near_at + wide_at + line_at + noise) @ missing[..., None]
        change = (wide + line) @ coefficients  # (B,P,1)
        left = missing[..., None] - (wide_at + line_at) @ coefficients
        change = (change + weights @ left).squeeze(2)
        least, most = missing.amin(1).clamp(max=0), missing.amax(1).clamp(min=0)
        change = torch.clamp(change, least[:, None], most[:, None])
        homogenized = (weights @ hinted[..., None]).squeeze(2) - total * colors
        least, most = hinted.amin(1)[:, None] - colors, hinted.amax(1)[:, None] - colors
        homogenized = torch.clamp(homogenized, least.clamp(max=0), most.clamp(min=0))
        guided.append(colors + change + HOMOGENIZE * homogenized)
    return torch.stack(guided, dim=1).reshape(ab.shape)


def with_appearance(affinity: Tensor, appearance: Tensor) -> tuple[Tensor, Tensor]:
    """The halves of the affinity: (B,1+D+3,P) of segments, with appearance, and (B,1+D,P)."""
    segment, alike = affinity.flatten(2).chunk(2, dim=1)
    scale = torch.from_numpy(APPEARANCE).to(appearance)[:, None] * 2**0.5
    appearance = appearance.detach().to(affinity.dtype).flatten(2) / scale
    return torch.cat([segment, appearance], dim=1), alike


def sharpened(reach: Tensor) -> Tensor:
    """How far edits change what hints reach so far: all or nothing, or nearly so."""
    part = reach.clamp(max=1) ** SHARPNESS
    return part / (part + DOUBT * (1 - reach).clamp(min=0) ** SHARPNESS)


def covariances(map_: Tensor, index: Tensor, power: int) -> tuple[Tensor, Tensor]:
    """Covariances of N locations with all P of a map (B,1+D,P): (B,P,N), and with each other."""
    there = map_.gather(2, index.expand(-1, map_.shape[1], -1))  # (B,1+D,N)
    f = there[:, 1:].transpose(1, 2)
    least = torch.finfo(map_.dtype).eps / 12  # 1e-8 in float32: the root at 0 has no gradient
    found = []
    for locations in (map_, there):
        e = locations[:, 1:].transpose(1, 2)
        squared = (e**2).sum(2)[:, :, None] + (f**2).sum(2)[:, None] - 2 * (e @ f.mT)
        nearness = torch.exp(-(squared.clamp(min=least) ** (power / 2)))
        found.append(nearness * locations[:, 0, :, None] * there[:, 0, None])
    return found[0], found[1]


def _weights(near: Tensor, near_at: Tensor, edits: Tensor) -> Tensor:
    """The weights (B,P,N) of hints in all locations.

    Args:
        near: (B,P,N), covariances within segments.
        near_at: (B,N,N), those among the hints.
        edits: (B,N), how far each is an edit, 0..1.
    """
    mean = near @ _inverse(near_at)
    positive = mean.clamp(min=0)
    reach = positive.sum(2, keepdim=True).clamp(min=TINY)
    edits = edits[:, None]
    return (1 - edits) * mean + edits * positive / reach * sharpened(reach)


def _inverse(among: Tensor) -> Tensor:
    """The inverse of covariances (B,N,N) with noise."""
    identity = torch.eye(among.shape[1], device=among.device, dtype=among.dtype)
    return torch.linalg.inv(among + NOISE * identity)
