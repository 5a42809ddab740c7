import numpy as np

from colornet.cast import correct

RNG = np.random.default_rng(0)
AB = RNG.uniform(-30, 30, (2, 12, 12)).astype(np.float32)
EACH_ITS_OWN = np.concatenate([np.ones((1, 12, 12)), RNG.normal(0, 9, (3, 12, 12))])
AFFINITY = EACH_ITS_OWN.astype(np.float32)  # so that nothing spreads from thing to thing


def hints(count: int, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cells = RNG.permutation(144)[:count]
    rows, columns = np.divmod(cells, 12)
    return np.stack([rows, columns], axis=-1), true[:, rows, columns].T


def error(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(found - true).mean())


def test_what_all_hints_say_holds_everywhere() -> None:
    true = AB * np.float32(0.5) + np.float32(6)
    cells, colors = hints(40, true)
    assert error(correct(AB, AFFINITY, cells, colors), true) < error(AB, true) / 3


def test_more_hints_are_believed_more() -> None:
    true = AB + np.float32(10)
    left = [error(correct(AB, AFFINITY, *hints(count, true)), true) for count in (1, 5, 20, 60)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 7, "one hint alone speaks of its own thing"


def test_a_wish_is_no_cast() -> None:
    cells = np.array([[3, 3]])
    wish = AB[:, 3, 3] + np.float32([90, -90])
    assert np.abs(correct(AB, AFFINITY, cells, wish[None]) - AB).max() < 1


def test_true_colors_change_nothing() -> None:
    cells, colors = hints(100, AB)
    assert error(correct(AB, AFFINITY, cells, colors), AB) < 1e-3
