"""Degradations of old photographs, applied to the lightness that a network is trained on.

Only the network's input is degraded. The colors to be learned, and the lightness that they belong
to, are those of the picture. Each picture has its own degradations, drawn on the CPU and applied on
the network's device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from colornet.color import EPSILON, KAPPA
from colornet.jpeg_table import STANDARD_LUMINANCE
from colornet.train.on_device import constant, to_device

PANCHROMATIC = (0.2126, 0.7152, 0.0722)
ORTHOCHROMATIC = (0.03, 0.52, 0.45)
"""Emulsions before about 1920 hardly saw red: lips and bricks are dark, skies white."""
UNTOUCHED = 1 / 3
"""Share of the pictures that are not degraded."""
SCRATCHES, SPECKS = 4, 12
"""Largest number in one picture."""
FRAMED, BORDER = 0.05, (0.02, 0.1)
"""Share of the pictures with the border of a print, and the range of its width as a share of
theirs."""


@dataclass(frozen=True)
class Draws:
    """Random numbers for some pictures of a batch, on their device.

    Attributes:
        rng: everything random comes from it.
        count: how many pictures.
        device: where the pictures are.
    """

    rng: np.random.Generator
    count: int
    device: torch.device

    def uniform(self, low: float, high: float) -> Tensor:
        """One number for each picture: (B,1,1,1)."""
        return self._sent(self.rng.uniform(low, high, (self.count, 1, 1, 1)))

    def whole(self, low: int, high: int) -> Tensor:
        """One whole number from `low` to below `high` for each picture: (B,1,1,1)."""
        return self._sent(self.rng.integers(low, high, (self.count, 1, 1, 1)))

    def normal(self, *shape: int) -> Tensor:
        """Normally distributed noise (B,*shape)."""
        generator = torch.Generator(self.device).manual_seed(int(self.rng.integers(2**62)))
        size = (self.count, *shape)
        return torch.randn(size, generator=generator, device=self.device)

    def _sent(self, values: NDArray[Any]) -> Tensor:
        return to_device(values.astype(np.float32), self.device)


def degrade(rgb8: Tensor, lightness: Tensor, rng: np.random.Generator) -> Tensor:
    """Degrade the lightness of a batch as in old photographs, except for a third of the pictures.

    Args:
        rgb8: (B,3,H,W) uint8; H and W multiples of 8.
        lightness: (B,1,H,W), 0..100, of those pictures.
        rng: everything random comes from it.

    Returns:
        (B,1,H,W), 0..100.
    """
    changes: list[tuple[float, Callable[[Tensor, Tensor, Draws], Tensor]]] = [
        (0.3, lambda _, at, draw: emulsion_lightness(rgb8[at], draw.uniform(0.3, 1.0))),
        (0.4, lambda seen, _, draw: blur(seen, draw.uniform(0.4, 1.2))),
        (0.7, lambda seen, _, draw: fade(seen, draw)),
        (0.4, lambda seen, _, draw: stain(seen, draw.uniform(2.0, 10.0), draw)),
        (0.15, lambda seen, _, draw: vignette(seen, draw.uniform(0.1, 0.6))),
        (0.25, lambda seen, _, draw: scratch(seen, draw)),
        (0.5, lambda seen, _, draw: grain(seen, draw.uniform(1.0, 6.0), draw)),
        (0.04, lambda seen, _, draw: halftone(seen, draw.uniform(2.2, 4.5), draw.uniform(4, 9))),
        (0.4, lambda seen, _, draw: jpeg(seen, draw.uniform(0.5, 2.5))),
    ]
    degraded = lightness.clone()
    old = rng.random(len(lightness)) >= UNTOUCHED
    for share, change in changes:
        chosen = np.flatnonzero(old & (rng.random(len(lightness)) < share))
        if len(chosen):
            at = to_device(chosen, lightness.device)
            draws = Draws(rng, len(chosen), lightness.device)
            degraded[at] = change(degraded[at], at, draws).clamp(0, 100)
    return degraded


def frame(rgb8: Tensor, rng: np.random.Generator) -> Tensor:
    """Give some pictures (B,3,H,W) the border of a print: pale paper, or the black of an album."""
    count, _, height, width = rgb8.shape
    framed = np.flatnonzero(rng.random(count) < FRAMED)
    if not len(framed):
        return rgb8
    at, draw = to_device(framed, rgb8.device), Draws(rng, len(framed), rgb8.device)
    rows = torch.arange(height, device=rgb8.device).view(-1, 1) / height
    columns = torch.arange(width, device=rgb8.device) / width
    least, most = BORDER
    inside = (rows >= draw.uniform(least, most)) & (1 - rows > draw.uniform(least, most))
    inside = inside & (columns >= draw.uniform(least, most))
    inside = inside & (1 - columns > draw.uniform(least, most))
    tone = torch.where(draw.uniform(0, 1) < 0.8, draw.uniform(190, 255), draw.uniform(0, 50))
    pictures = rgb8.clone()
    pictures[at] = torch.where(inside, rgb8[at], tone.to(rgb8.dtype))
    return pictures


def emulsion_lightness(rgb8: Tensor, orthochromatic: Tensor | float) -> Tensor:
    """Lightness seen by an emulsion.

    Args:
        rgb8: (B,3,H,W).
        orthochromatic: from 0, a panchromatic emulsion, to 1; (B,1,1,1) or the same for all.

    Returns:
        (B,1,H,W), 0..100.
    """
    pan, ortho = (constant(x, rgb8.device).view(3, 1, 1) for x in (PANCHROMATIC, ORTHOCHROMATIC))
    linear = (rgb8.float() / 255) ** 2.2
    y = (linear * (pan + orthochromatic * (ortho - pan))).sum(1, keepdim=True)
    curve = 116 * y.clamp(min=EPSILON) ** (1 / 3) - 16
    return torch.where(y > EPSILON, curve, KAPPA * y)


def blur(lightness: Tensor, sigma: Tensor | float) -> Tensor:
    """Gaussian blur; sigma in pixels, (B,1,1,1) or the same for all."""
    height, width = lightness.shape[-2:]
    weights = [torch.exp(-(x**2) / (2 * torch.as_tensor(sigma) ** 2)) for x in range(4)]
    total = weights[0] + 2 * (weights[1] + weights[2] + weights[3])
    kernel = [weights[abs(x)] / total for x in range(-3, 4)]
    padded = F.pad(lightness, (3, 3, 3, 3), mode="replicate")
    # A sum of shifted pictures: on a CPU ten times as fast as a convolution of one channel.
    rows = torch.stack([k * padded[..., i : i + height, :] for i, k in enumerate(kernel)]).sum(0)
    return torch.stack([k * rows[..., i : i + width] for i, k in enumerate(kernel)]).sum(0)


def fade(lightness: Tensor, draw: Draws) -> Tensor:
    """Change each picture's contrast curve, lift its blacks and lower its whites."""
    black, white = draw.uniform(0, 20), draw.uniform(80, 100)
    return black + (white - black) * (lightness / 100).clamp(0, 1) ** draw.uniform(0.7, 1.5)


def stain(lightness: Tensor, strength: Tensor | float, draw: Draws) -> Tensor:
    """Add smooth, uneven fading with a standard deviation of `strength` Lab units."""
    size = lightness.shape[-2:]
    uneven = F.interpolate(draw.normal(1, 4, 4), size, mode="bicubic", align_corners=True)
    return lightness + strength * uneven


def vignette(lightness: Tensor, strength: Tensor | float) -> Tensor:
    """Darken toward the corners, which lose `strength` of their lightness, 0..1."""
    height, width = lightness.shape[-2:]
    rows = torch.linspace(-1, 1, height, device=lightness.device).view(-1, 1)
    columns = torch.linspace(-1, 1, width, device=lightness.device)
    return lightness * (1 - strength * (rows**2 + columns**2) / 2)


def scratch(lightness: Tensor, draw: Draws) -> Tensor:
    """Draw scratches along the film and specks of dust, black or white."""
    height, width = lightness.shape[-2:]
    rows = torch.arange(height, device=lightness.device).view(-1, 1)
    columns = torch.arange(width, device=lightness.device)
    scratches, specks = draw.whole(0, SCRATCHES + 1), draw.whole(0, SPECKS + 1)
    for number in range(SCRATCHES):
        one, other = draw.whole(0, height), draw.whole(0, height)
        top, bottom = torch.minimum(one, other), torch.maximum(one, other)
        column = (draw.whole(0, width) + draw.uniform(-0.1, 0.1) * (rows - top)).floor()
        hit = (columns == column) & (rows >= top) & (rows < bottom) & (scratches > number)
        lightness = torch.where(hit, 100 * draw.whole(0, 2), lightness)
    for number in range(SPECKS):
        top, left, side = draw.whole(0, height), draw.whole(0, width), draw.whole(1, 4)
        hit = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
        lightness = torch.where(hit & (specks > number), 100 * draw.whole(0, 2), lightness)
    return lightness


def grain(lightness: Tensor, strength: Tensor | float, draw: Draws) -> Tensor:
    """Add film grain: slightly blurred noise with a standard deviation of `strength` Lab units."""
    coarse = blur(draw.normal(*lightness.shape[1:]), 0.6)
    return lightness + coarse * (strength / coarse.std(dim=(1, 2, 3), keepdim=True))


def halftone(lightness: Tensor, pitch: Tensor | float, hardness: Tensor | float) -> Tensor:
    """Print as dots on a screen turned by 45 degrees.

    Args:
        lightness: (B,1,H,W), 0..100.
        pitch: distance of the dots in pixels, (B,1,1,1) or the same for all.
        hardness: of their edges; the larger, the more is either black or white.
    """
    height, width = lightness.shape[-2:]
    rows = torch.arange(height, device=lightness.device).view(-1, 1)
    columns = torch.arange(width, device=lightness.device)
    turn = 2**0.5 * torch.pi / pitch
    screen = 0.5 + (torch.cos(turn * (rows + columns)) + torch.cos(turn * (rows - columns))) / 4
    return 100 * torch.sigmoid(hardness * (lightness / 100 - screen))


def jpeg(lightness: Tensor, coarseness: Tensor | float) -> Tensor:
    """Quantize as JPEG does; a coarseness of 1 is about quality 50, more is worse."""
    basis, table = (
        constant(_dct_basis(), lightness.device),
        constant(STANDARD_LUMINANCE, lightness.device).view(8, 8),
    )
    batch, _, height, width = lightness.shape
    step = table * (100 / 255) * coarseness  # (8,8) or (B,1,8,8)
    if step.dim() == 4:
        step = step.unsqueeze(1)
    blocks = lightness.reshape(batch, height // 8, 8, width // 8, 8).transpose(2, 3)
    kept = torch.round(basis @ (blocks - 50) @ basis.T / step) * step
    return (basis.T @ kept @ basis + 50).transpose(2, 3).reshape(lightness.shape)


def _dct_basis() -> tuple[tuple[float, ...], ...]:
    """The orthonormal discrete cosine transform of 8 values, (8,8)."""
    k = np.arange(8)
    basis = np.cos((2 * k[None] + 1) * k[:, None] * np.pi / 16) / 2
    basis[0] /= 2**0.5
    return tuple(map(tuple, basis.tolist()))
