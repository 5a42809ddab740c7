"""Lab in torch, for batches; a test compares it with `colornet.color`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from colornet.color import EPSILON, KAPPA, RGB_TO_XYZ, WHITE
from colornet.train.on_device import constant

TO_XYZ = tuple(map(tuple, (RGB_TO_XYZ / WHITE[:, None]).tolist()))
"""From linear RGB to XYZ, in units of the white's."""
FROM_XYZ = tuple(map(tuple, np.linalg.inv(RGB_TO_XYZ / WHITE[:, None]).tolist()))


def split_lab(rgb8: Tensor) -> tuple[Tensor, Tensor]:
    """RGB to Lab, apart: (B,3,H,W) uint8 -> lightness (B,1,H,W) 0..100, ab (B,2,H,W)."""
    levels = torch.arange(256, device=rgb8.device) / 255
    curve = torch.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    linear = curve[rgb8.int()]  # a look-up costs a tenth of the powers
    matrix = constant(TO_XYZ, rgb8.device)
    xyz = torch.einsum("ij,bjhw->bihw", matrix, linear)
    x, y, z = torch.where(
        xyz > EPSILON, xyz.clamp(min=EPSILON) ** (1 / 3), (KAPPA * xyz + 16) / 116
    ).unbind(1)
    lightness = (116 * y - 16).unsqueeze(1)
    return lightness, torch.stack([500 * (x - y), 200 * (y - z)], dim=1)


def join_lab(lightness: Tensor, ab: Tensor) -> Tensor:
    """Lab to sRGB: (B,1,H,W) 0..100 and (B,2,H,W) -> (B,3,H,W), clipped to 0..1."""
    fy = (lightness + 16) / 116
    f = torch.cat([fy + ab[:, :1] / 500, fy, fy - ab[:, 1:] / 200], dim=1)
    xyz = torch.where(f**3 > EPSILON, f**3, (116 * f - 16) / KAPPA)
    linear = torch.einsum("ij,bjhw->bihw", constant(FROM_XYZ, xyz.device), xyz).clamp(0, 1)
    curve = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, curve)
