import numpy as np
import pytest

from colornet.guidance.reference import Reference, describe, match

RNG = np.random.default_rng(0)
N = 200
LOCATIONS = describe(RNG.normal(size=(32, 10, 20)).astype(np.float32))  # (32, N)
LIGHTNESS = RNG.uniform(10, 90, N).astype(np.float32)
AB = RNG.uniform(-50, 50, (2, N)).astype(np.float32)
REFERENCE = Reference(None, LOCATIONS, LIGHTNESS, AB)


def test_descriptions_are_unit_vectors() -> None:
    assert np.linalg.norm(LOCATIONS, axis=0) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(describe(np.full((4, 3, 3), 7, np.float32))).all()


def test_same_places_get_their_colors() -> None:
    order = RNG.permutation(N)
    ab, trust = match(REFERENCE, LOCATIONS[:, order], LIGHTNESS[order])
    assert ab == pytest.approx(AB[:, order], abs=1)
    assert trust == pytest.approx(1)


def test_strange_places_are_not_trusted() -> None:
    strangers = describe(RNG.normal(size=(32, 1, N)).astype(np.float32))
    _, trust = match(REFERENCE, -LOCATIONS, LIGHTNESS)
    assert np.median(trust) < 0.5
    _, trust = match(REFERENCE, strangers * 0.1, LIGHTNESS)
    assert not trust.any()


def test_lightness_tells_like_places_apart() -> None:
    same = np.repeat(LOCATIONS[:, :1], 2, axis=1)
    shades = np.array([20, 80], np.float32)
    reference = Reference(None, same, shades, np.array([[40, -40], [10, 30]], np.float32))
    ab, _ = match(reference, same, np.array([78, 22], np.float32))
    assert ab == pytest.approx(np.array([[-40, 40], [30, 10]]), abs=1)


def test_colorless_is_known() -> None:
    assert REFERENCE.has_color
    assert not Reference(None, LOCATIONS, LIGHTNESS, AB / np.float32(50)).has_color


def test_many_places_in_parts_are_the_same() -> None:
    many = np.tile(LOCATIONS, 7)  # 1400, more than one part
    ab, trust = match(REFERENCE, many, np.tile(LIGHTNESS, 7))
    once, _ = match(REFERENCE, LOCATIONS, LIGHTNESS)
    assert ab.shape == (2, 1400)
    assert trust.shape == (1400,)
    assert ab == pytest.approx(np.tile(once, 7), abs=1e-3)
