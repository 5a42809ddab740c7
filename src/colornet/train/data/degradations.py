"""Degradations of old photographs, applied to the lightness that a network is trained on.

Only the network's input is degraded. The colors to be learned, and the lightness that they belong
to, are those of the picture. All of it is torch, so that it runs on the network's device.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.color import EPSILON, KAPPA

PANCHROMATIC = (0.2126, 0.7152, 0.0722)
ORTHOCHROMATIC = (0.03, 0.52, 0.45)
"""Emulsions before about 1920 hardly saw red: lips and bricks are dark, skies white."""
SCRATCHES, SPECKS = 4, 12
"""Largest number in one picture."""
JPEG_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""Quantization of lightness in JPEG (ITU-T T.81, table K.1)."""


def degrade(rgb8: Tensor, lightness: Tensor, rng: np.random.Generator) -> Tensor:
    """Degrade the lightness of a batch as in old photographs, except for a third of the pictures.

    Args:
        rgb8: (B,3,H,W) uint8; H and W multiples of 8.
        lightness: (B,1,H,W), 0..100, of those pictures.
        rng: everything random comes from it.

    Returns:
        (B,1,H,W), 0..100.
    """
    chance = rng.random(7)
    degraded = lightness
    if chance[0] < 0.3:
        degraded = emulsion_lightness(rgb8, float(rng.uniform(0.3, 1.0)))
    if chance[1] < 0.4:
        degraded = blur(degraded, float(rng.uniform(0.4, 1.2)))
    if chance[2] < 0.7:
        degraded = fade(degraded, rng)
    if chance[5] < 0.4:
        degraded = stain(degraded, float(rng.uniform(2.0, 10.0)), rng)
    if chance[6] < 0.25:
        degraded = scratch(degraded, rng)
    if chance[3] < 0.5:
        degraded = grain(degraded, float(rng.uniform(1.0, 6.0)), rng)
    if chance[4] < 0.4:
        degraded = jpeg(degraded, float(rng.uniform(0.5, 2.5)))
    stays = torch.from_numpy(rng.random(len(lightness)) < 1 / 3).to(lightness.device)
    return torch.where(stays[:, None, None, None], lightness, degraded.clamp(0, 100))


def emulsion_lightness(rgb8: Tensor, orthochromatic: float) -> Tensor:
    """Lightness (B,1,H,W) seen by an emulsion between panchromatic (0) and orthochromatic (1)."""
    weights = (1 - orthochromatic) * np.array(PANCHROMATIC) + orthochromatic * np.array(
        ORTHOCHROMATIC
    )
    linear = (rgb8.float() / 255) ** 2.2
    kernel = torch.as_tensor(weights, dtype=linear.dtype, device=linear.device)
    y = torch.einsum("c,bchw->bhw", kernel, linear).unsqueeze(1)
    curve = 116 * y.clamp(min=EPSILON) ** (1 / 3) - 16
    return torch.where(y > EPSILON, curve, KAPPA * y)


def blur(lightness: Tensor, sigma: float) -> Tensor:
    """Gaussian blur; sigma in pixels."""
    x = torch.arange(-3.0, 4.0, device=lightness.device)
    kernel = torch.softmax(-(x**2) / (2 * sigma**2), dim=0)
    height, width = lightness.shape[-2:]
    padded = F.pad(lightness, (3, 3, 3, 3), mode="replicate")
    # A sum of shifted pictures: on a CPU ten times as fast as a convolution of one channel.
    rows = sum(k * padded[..., i : i + height, :] for i, k in enumerate(kernel.tolist()))
    return sum(k * rows[..., i : i + width] for i, k in enumerate(kernel.tolist()))


def fade(lightness: Tensor, rng: np.random.Generator) -> Tensor:
    """Change each picture's contrast curve, lift its blacks and lower its whites."""

    def draw(low: float, high: float) -> Tensor:
        values = rng.uniform(low, high, (len(lightness), 1, 1, 1))
        return torch.as_tensor(values, dtype=lightness.dtype, device=lightness.device)

    black, white = draw(0, 20), draw(80, 100)
    return black + (white - black) * (lightness / 100).clamp(0, 1) ** draw(0.7, 1.5)


def stain(lightness: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Add smooth, uneven fading with a standard deviation of `strength` Lab units."""
    spots = torch.from_numpy(rng.standard_normal((len(lightness), 1, 4, 4), dtype=np.float32))
    size = lightness.shape[-2:]
    uneven = F.interpolate(spots.to(lightness), size, mode="bicubic", align_corners=True)
    return lightness + strength * uneven


def scratch(lightness: Tensor, rng: np.random.Generator) -> Tensor:
    """Draw scratches along the film and specks of dust, black or white."""
    height, width = lightness.shape[-2:]
    marked = lightness.cpu().clone()
    for picture in marked[:, 0]:
        for _ in range(rng.integers(0, SCRATCHES + 1)):
            top, bottom = np.sort(rng.integers(0, height, 2))
            drift = rng.uniform(-0.1, 0.1) * np.arange(bottom - top)
            columns = (rng.integers(0, width) + drift).astype(np.int64).clip(0, width - 1)
            picture[np.arange(top, bottom), columns] = 100.0 * rng.integers(0, 2)
        count = rng.integers(0, SPECKS + 1)
        for y, x in zip(*(rng.integers(0, n, count) for n in (height, width)), strict=True):
            side = rng.integers(1, 4)
            picture[y : y + side, x : x + side] = 100.0 * rng.integers(0, 2)
    return marked.to(lightness.device)


def grain(lightness: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Add film grain: slightly blurred noise with a standard deviation of `strength` Lab units."""
    noise = torch.from_numpy(rng.standard_normal(lightness.shape, dtype=np.float32))
    coarse = blur(noise.to(lightness.device), 0.6)
    return lightness + coarse * (strength / coarse.std())


def jpeg(lightness: Tensor, coarseness: float) -> Tensor:
    """Quantize as JPEG does; a coarseness of 1 is about quality 50, more is worse."""
    k = torch.arange(8, dtype=torch.float64)
    basis = torch.cos((2 * k[None] + 1) * k[:, None] * torch.pi / 16) / 2
    basis[0] /= 2**0.5
    basis = basis.to(lightness)
    table = torch.tensor(JPEG_LUMINANCE, dtype=lightness.dtype, device=lightness.device)
    step = table * coarseness * (100 / 255)
    batch, _, height, width = lightness.shape
    blocks = lightness.reshape(batch, height // 8, 8, width // 8, 8).transpose(2, 3)
    kept = torch.round(basis @ (blocks - 50) @ basis.T / step) * step
    return (basis.T @ kept @ basis + 50).transpose(2, 3).reshape(lightness.shape)
