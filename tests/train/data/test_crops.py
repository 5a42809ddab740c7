import numpy as np
import torch
from skimage.data import astronaut, coffee

from colornet.train.data.crops import cut_out, cut_out_there, draw_crops, middle_crops

PICTURES = np.stack([astronaut()[:256, :256], coffee()[:256, :256]] * 4)
LABELS = np.arange(8)


def test_crops_on_the_device_are_those_of_the_cpu() -> None:
    there = torch.from_numpy(PICTURES)
    for crops in (
        middle_crops(8, 256, 160),
        draw_crops(np.random.default_rng(0), 8, 256, 160, 1.0),
        draw_crops(np.random.default_rng(1), 8, 256, 192, 0.6),
    ):
        side = 192 if crops.sides[0] != 160 else 160
        expected, labels = cut_out(PICTURES, LABELS, crops, side)
        found, same = cut_out_there(there, LABELS, crops, side)
        assert found.dtype == expected.dtype
        assert found.shape == expected.shape
        assert torch.equal(labels, same)
        difference = (found.float() - expected.float()).abs()
        unscaled = (crops.sides == side).nonzero()[0]
        assert difference[unscaled].numel() == 0 or difference[unscaled].max() <= 1
        assert difference.mean() < 3
