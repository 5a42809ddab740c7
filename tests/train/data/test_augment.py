import os

import numpy as np
import pytest
import skimage

from colornet.color import rgb_to_lab
from colornet.train.data.augment import augment, build_augmentation

COPIES = 10


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    return skimage.data.astronaut()[0:192, 128:320]


@pytest.fixture(scope="module")
def copies(face):
    return augment(face, COPIES, "0/face", build_augmentation())


def test_gives_different_pictures_of_the_same_size(face, copies):
    assert copies.shape == (COPIES, *face.shape)
    assert copies.dtype == np.uint8
    everything = [face, *copies]
    assert len({picture.tobytes() for picture in everything}) == COPIES + 1


def test_is_the_same_whatever_was_augmented_before(face, copies):
    augmentation = build_augmentation()
    augment(face[::2, ::2], 3, "0/other", augmentation)
    assert np.array_equal(augment(face, COPIES, "0/face", augmentation), copies)
    assert not np.array_equal(augment(face, COPIES, "1/face", augmentation), copies)


def test_colors_stay_natural(face, copies):
    def mean_lab(rgb8):
        return rgb_to_lab(rgb8 / 255.0).mean(axis=(0, 1))

    for copy in copies:
        _, a, b = np.abs(mean_lab(copy) - mean_lab(face))
        assert a < 6
        assert b < 6


def test_no_corner_turns_black():
    bright = np.full((64, 48, 3), 200, np.uint8)
    copies = augment(bright, 30, "0/bright", build_augmentation())
    assert copies.min() > 150
    assert np.ptp(copies, axis=(1, 2)).max() <= 1


def test_gray_stays_gray():
    gray = np.repeat(skimage.data.camera()[::8, ::8, None], 3, axis=2)
    copies = augment(gray, 5, "0/gray", build_augmentation()).astype(int)
    assert np.ptp(copies, axis=3).max() <= 1


def test_seed_of_any_bytes() -> None:
    gray = np.zeros((16, 16, 3), np.uint8)
    assert augment(gray, 1, os.fsdecode(b"0/\xff.jpg"), build_augmentation()).shape[0] == 1
