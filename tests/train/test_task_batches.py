"""What a task makes of a batch before the network sees it."""

import numpy as np
import torch

from tests.train.tasks import make_task

NETWORK = {"name": "fusion", "lean": True}


def test_pictures_are_mixed_in_training_alone() -> None:
    task = make_task(NETWORK, "dual", mixed=1.0).eval()
    rgb8 = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    batch = rgb8, torch.zeros(2, dtype=torch.int64)
    with torch.inference_mode():
        assert torch.equal(task.look_at(batch).rgb8, rgb8)
        mixed = task.look_at(batch, np.random.default_rng(0)).rgb8
    assert not torch.equal(mixed, rgb8)
