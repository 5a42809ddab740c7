from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from colornet.guidance.propagation import MOST, spread

ALIKE = np.zeros((3, 16, 16), np.float32)


def two_objects() -> np.ndarray:
    """An affinity in which the left half is one object and the right half another."""
    object_ = np.repeat([[0.0] * 8 + [9.0] * 8], 16, axis=0)
    rows, columns = np.mgrid[:16, :16] / 16
    segment = np.stack([np.ones_like(object_), object_, rows, columns])
    return np.concatenate([segment, np.zeros_like(segment)]).astype(np.float32)


def test_a_hint_holds_where_it_is_given_spreads_and_stops_at_the_edge() -> None:
    own = np.zeros((2, 16, 16), dtype=np.float32)
    hint = np.array([[40.0, -30.0]], dtype=np.float32)
    ab = spread(own, two_objects(), ALIKE, np.array([[8, 3]]), hint)
    assert np.abs(ab[:, 8, 3] - hint[0]).max() < 0.2
    assert ab[0, :, :8].min() > 15
    assert np.abs(ab[:, :, 8:]).max() < 0.1  # of 50: what it tells of a cast


def test_a_wish_stops_where_lightness_and_color_change() -> None:
    own = np.zeros((2, 16, 16), dtype=np.float32)
    one_segment = np.concatenate([np.ones((1, 16, 16)), np.zeros((3, 16, 16))]).astype(np.float32)
    appearance = np.zeros((3, 16, 16), np.float32)
    appearance[0, :, 8:], appearance[2, :, 8:] = 40, 25
    edit = np.array([[40.0, -30.0]], dtype=np.float32)
    ab = spread(own, one_segment, appearance, np.array([[8, 3]]), edit)
    assert ab[0, :, :8].min() > 38
    assert np.abs(ab[:, :, 8:]).max() < 2


def test_without_hints_nothing_changes() -> None:
    own = np.ones((2, 16, 16), dtype=np.float32)
    none = np.zeros((0, 2), dtype=np.int64)
    assert spread(own, two_objects(), ALIKE, none, np.zeros((0, 2), dtype=np.float32)) is own


def test_two_hints_on_one_cell_meet_in_the_middle() -> None:
    own = np.zeros((2, 16, 16), dtype=np.float32)
    hints = np.array([[10.0, 0.0], [30.0, 0.0]], dtype=np.float32)
    ab = spread(own, two_objects(), ALIKE, np.array([[4, 4], [4, 4]]), hints)
    assert np.abs(ab[:, 4, 4] - [20, 0]).max() < 0.2


@settings(max_examples=30)
@given(st.integers(1, 2 * MOST), st.integers(0, 2**32 - 1))
def test_any_number_of_hints_gives_numbers_in_range(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = rng.uniform(-50, 50, (2, 24, 24)).astype(np.float32)
    cells = rng.integers(0, 24, (count, 2))
    colors = rng.uniform(-100, 100, (count, 2)).astype(np.float32)
    affinity = rng.normal(size=(10, 24, 24))
    affinity[::5] = 1
    appearance = rng.uniform(-50, 100, (3, 24, 24)).astype(np.float32)
    reach = rng.uniform(0, 4, count).astype(np.float32)
    ab = spread(own, affinity.astype(np.float32), appearance, cells, colors, reach=reach)
    assert np.isfinite(ab).all()
    assert np.abs(ab).max() <= 200


# What all hints have in common

RNG = np.random.default_rng(0)
AB = RNG.uniform(-30, 30, (2, 12, 12)).astype(np.float32)
EACH_ITS_OWN = RNG.normal(0, 90, (6, 12, 12)).astype(np.float32)  # nothing spreads by membership
EACH_ITS_OWN[0], EACH_ITS_OWN[3] = 1, 0


def hints(count: int, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cells = np.random.default_rng(1).permutation(144)[:count]
    rows, columns = np.divmod(cells, 12)
    return np.stack([rows, columns], axis=-1), true[:, rows, columns].T


def error(true: np.ndarray, count: int) -> float:
    return float(
        np.abs(spread(AB, EACH_ITS_OWN, ALIKE[:, :12, :12], *hints(count, true)) - true).mean()
    )


def test_a_cast_and_a_fade_are_corrected_everywhere() -> None:
    true = AB * np.float32(0.5) + np.float32(6)
    assert error(true, 40) < np.abs(AB - true).mean() / 3


def test_more_hints_are_believed_more() -> None:
    left = [error(AB + np.float32(10), count) for count in (1, 5, 20, 60)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 7, "one hint alone speaks of its own segment"


def test_a_wish_is_no_cast() -> None:
    edit = AB[:, 3, 3] + np.array([90, -90], np.float32)
    change = np.abs(
        spread(AB, EACH_ITS_OWN, ALIKE[:, :12, :12], np.array([[3, 3]]), edit[None]) - AB
    )
    change[:, 3, 3] = 0
    assert change.max() < 1


def test_true_colors_of_even_things_change_nothing() -> None:
    left, right = np.array([20, -10], np.float32), np.array([-5, 40], np.float32)
    own = np.stack([left, right]).T.repeat(8, axis=1)[:, None].repeat(16, axis=1)
    cells = np.array([[8, 3], [2, 12], [14, 9]])
    ab = spread(own, two_objects(), ALIKE, cells, own[:, cells[:, 0], cells[:, 1]].T)
    assert np.abs(ab - own).max() < 1e-3


def test_a_thing_becomes_more_even_and_its_neighbor_stays() -> None:
    own = np.zeros((2, 16, 16), dtype=np.float32)
    own[0, 4:7, 1:4] = own[0, 4:7, 12:15] = 30  # a patch on either segment
    ab = spread(own, two_objects(), ALIKE, np.array([[9, 2]]), np.zeros((1, 2), dtype=np.float32))
    assert ab[0, 4:7, 1:4].max() < 20
    assert np.abs(ab - own)[:, :, 8:].max() < 0.1


def test_what_keeps_its_color_holds_back_and_evens_nothing() -> None:
    own = np.zeros((2, 16, 16), dtype=np.float32)
    own[0, 4:7, 1:4] = 30
    cells, asked = np.array([[9, 2], [9, 12]]), np.array([[0, 0], [60, 40]], np.float32)
    ab = spread(own, two_objects(), ALIKE, cells, asked, np.array([True, False]))
    assert np.abs(ab - own)[:, :, :7].max() < 0.5
    assert ab[0, 9, 12] > 55


def reaching(reach: float, hint: list[float]) -> np.ndarray:
    """What a hint changes, from left to right, if segments differ more and more from its own."""
    own = np.zeros((2, 16, 16), dtype=np.float32)
    segment = np.zeros((4, 16, 16), np.float32)
    segment[0], segment[1] = 1, np.linspace(0, 3, 16)
    affinity = np.concatenate([segment, np.zeros_like(segment)])
    cells, asked = np.array([[8, 0]]), np.array([hint], np.float32)
    return spread(own, affinity, ALIKE, cells, asked, reach=np.array([reach], np.float32))[0, 8]


def test_a_hint_reaches_as_far_as_it_is_told() -> None:
    reached = [(reaching(reach, [40, -30]) > 20).sum() for reach in (0, 0.5, 1, 2)]
    assert reached == [1, 2, 4, 8]
    for reach in (0, 0.5, 1, 2):
        assert reaching(reach, [40, -30])[0] > 38


def test_a_small_correction_with_no_reach_changes_nothing_else() -> None:
    change = reaching(0, [8, 0])
    assert change[0] > 6
    assert change[1:].max() < 0.3


def test_a_hint_given_twice_is_still_a_spot() -> None:
    cells, asked = np.array([[8, 3], [8, 3]]), np.array([[8, 0], [8, 0]], np.float32)
    own = np.zeros((2, 16, 16), np.float32)
    once, twice = (
        spread(own, two_objects(), ALIKE, cells[:count], asked[:count]) for count in (1, 2)
    )
    assert np.abs(twice - once).max() < 0.1


def test_small_corrections_in_one_color_stay_spots() -> None:
    """Joined, they would color all of their segment, as wishes do."""
    segment = np.zeros((4, 16, 16), np.float32)
    segment[0], segment[1] = 1, np.linspace(0, 3, 16)
    affinity, own = (
        np.concatenate([segment, np.zeros_like(segment)]),
        np.zeros((2, 16, 16), np.float32),
    )
    cells = np.array([[8, 0], [8, 2]])
    for color, joined in (([40, -30], True), ([6, 0], False)):
        asked = np.array([color, color], np.float32)
        apart = spread(own, affinity, ALIKE, cells, asked, reach=np.array([1, 1.001], np.float32))
        together = spread(own, affinity, ALIKE, cells, asked)
        assert (np.abs(together - apart).max() > 0.5) == joined
