import numpy as np
import pytest
import torch
from torch import Tensor

from colornet.train.data.mixing import SIDES, mix

SIZE = 40


def pictures(count: int) -> Tensor:
    """Each of one value, its place in the batch."""
    return torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, SIZE, SIZE)


def test_a_mixed_picture_has_one_rectangle_of_the_picture_before_it() -> None:
    mixed = mix(pictures(50), 1.0, np.random.default_rng(0))
    for number, picture in enumerate(mixed):
        foreign = picture[0] == (number - 1) % 50
        assert ((picture[0] == number) | foreign).all()
        assert (picture == picture[:1]).all(), "the same in all channels"
        rows, columns = foreign.any(1), foreign.any(0)
        assert torch.equal(foreign, rows[:, None] & columns[None]), "not a rectangle"
        for side in (rows, columns):
            assert SIDES[0] * SIZE - 1 <= side.sum() <= SIDES[1] * SIZE + 1
            assert (side.int().diff() == 1).sum() <= 1, "in one piece"


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_a_share_of_the_pictures_is_mixed(share: float) -> None:
    batch = pictures(200)
    mixed = mix(batch, share, np.random.default_rng(0))
    changed = (mixed != batch).flatten(1).any(1).float().mean()
    assert changed == pytest.approx(share, abs=0.1)


def test_the_same_generator_mixes_the_same() -> None:
    first, second = (mix(pictures(8), 0.5, np.random.default_rng(3)) for _ in range(2))
    assert torch.equal(first, second)
