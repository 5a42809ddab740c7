import numpy as np
import pytest

from colornet.guidance.variants import DIFFERENT, find_uncertainty, find_variants, suggest

STEPS = np.arange(-60, 61, 10)
BINS = np.stack(np.meshgrid(STEPS, STEPS), axis=-1).reshape(-1, 2).astype(np.float32)
RED, BLUE, GRAY = np.array([[50, 30], [10, -50], [0, 0]], np.float32)


def around(*modes: tuple[float, np.ndarray]) -> np.ndarray:
    """(Q,) with so much probability around each color."""
    bumps = [p * np.exp(-((BINS - color) ** 2).sum(1) / 100) for p, color in modes]
    return (sum(bumps) / np.sum(bumps)).astype(np.float32)


def test_suggestions_are_the_modes_likeliest_first() -> None:
    colors, probabilities = suggest(around((0.6, RED), (0.3, BLUE), (0.1, GRAY)), BINS, 8)
    assert colors[:2].tolist() == [RED.tolist(), BLUE.tolist()]
    assert GRAY.tolist() in colors.tolist()
    assert (np.diff(probabilities) < 0).all()
    assert probabilities.sum() <= 1


def test_suggestions_are_unlike_each_other() -> None:
    colors, _ = suggest(around((1, RED)), BINS, 8)
    apart = np.linalg.norm(colors[:, None] - colors, axis=-1) + 99 * np.eye(8)
    assert apart.min() >= 10


def test_uncertainty_goes_from_sure_to_any() -> None:
    sure, two, any_color = around((1, RED)), around((1, RED), (1, BLUE)), np.ones(len(BINS))
    maps = np.stack([sure, two, any_color / len(BINS)], axis=-1)[:, None]  # (Q, 1, 3)
    (found,) = find_uncertainty(maps.astype(np.float32), BINS)
    assert found.dtype == np.float32
    assert 0 <= found[0] < 0.3 < found[1] <= 1
    assert found[2] == 1


def grass_and_dress() -> tuple[np.ndarray, np.ndarray]:
    """ab (2, 8, 8) and a distribution that knows the upper half and not the lower one."""
    grass = np.array([-40, 40], np.float32)
    known, unknown = around((1, grass)), around((1, RED), (0.8, BLUE), (0.6, GRAY))
    distribution = np.empty((len(BINS), 8, 8), np.float32)
    distribution[:, :4], distribution[:, 4:] = known[:, None, None], unknown[:, None, None]
    ab = np.einsum("qhw,qc->chw", distribution, BINS)
    return ab.astype(np.float32), distribution


def test_variants_change_what_is_uncertain() -> None:
    ab, distribution = grass_and_dress()
    found = find_variants(ab, distribution, BINS, 4)
    assert len(found) == 4
    for variant in found:
        change = np.linalg.norm(variant - ab, axis=0)
        assert change[:4].max() < change[4:].min() / 2


def test_variants_are_visibly_different() -> None:
    ab, distribution = grass_and_dress()
    every = [ab, *find_variants(ab, distribution, BINS, 9)]
    for i, one in enumerate(every):
        for other in every[:i]:
            assert np.linalg.norm(one - other, axis=0).mean() >= DIFFERENT


def test_fewer_variants_are_the_first_of_more() -> None:
    ab, distribution = grass_and_dress()
    more = find_variants(ab, distribution, BINS, 5)
    assert np.array_equal(find_variants(ab, distribution, BINS, 2), more[:2])


def test_what_is_certain_has_no_variants() -> None:
    p = np.zeros((len(BINS), 4, 4), np.float32)
    p[7] = 1
    ab = np.einsum("qhw,qc->chw", p, BINS).astype(np.float32)
    assert find_variants(ab, p, BINS, 3) == []
    assert find_variants(ab, np.full_like(p, 1 / len(BINS)), BINS, 0) == []


@pytest.mark.parametrize("count", [1, 8, 500])
def test_no_more_suggestions_than_bins(count: int) -> None:
    colors, probabilities = suggest(around((1, RED)), BINS, count)
    assert len(colors) == len(probabilities) == min(count, len(BINS))
