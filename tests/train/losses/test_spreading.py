import numpy as np
import pytest
import torch

from colornet.guidance import propagation
from colornet.train.losses.spreading import spread

HEIGHT, WIDTH = 8, 12


@pytest.mark.parametrize("count", [1, 2, 5, 11])
def test_hints_spread_as_the_runtime_spreads_them(count: int) -> None:
    """To a ten-thousandth of a Lab unit, where the hints move colors by dozens of them."""
    generator = torch.Generator().manual_seed(count)

    def normal(channels: int, scale: float) -> torch.Tensor:
        shape = 2, channels, HEIGHT, WIDTH
        return scale * torch.randn(shape, generator=generator).double()

    own, true, appearance, affinity = normal(2, 20), normal(2, 20), normal(3, 10), normal(6, 1)
    affinity[:, ::3] = affinity[:, ::3].abs() + 0.3
    rng = np.random.default_rng(count)
    at = np.stack([rng.choice(HEIGHT * WIDTH, count, replace=False) for _ in range(2)])
    guided = spread(own, affinity, appearance, torch.from_numpy(at), true)
    for i in range(2):
        cells = np.stack(np.divmod(at[i], WIDTH), axis=1)
        told = true[i, :, cells[:, 0], cells[:, 1]].T.numpy()
        colors, relations, seen = (x[i].numpy() for x in (own, affinity, appearance))
        expected = propagation.spread(colors, relations, seen, cells, told)
        assert np.abs(expected - colors).max() > 10
        np.testing.assert_allclose(guided[i], expected, rtol=0, atol=1e-4)
