import numpy as np
import pytest
import skimage
import torch

from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU
from colornet.train.people import cluster, compare, crossings, find_people

PERSONS = ("astronaut", "coffee", "chelsea", "rocket")
PICTURES = 12


@pytest.fixture(scope="module")
def crops():
    """Shifted, mirrored and relit crops of one photograph stand for the pictures of one person."""
    rng = np.random.default_rng(0)
    pictures = []
    for person in PERSONS:
        photograph = getattr(skimage.data, person)()
        for number in range(PICTURES):
            top, left = rng.integers(60, 84, 2)
            crop = photograph[top : top + 160, left : left + 160]
            crop = np.clip(crop * rng.uniform(0.8, 1.1), 0, 255).astype(np.uint8)
            pictures.append((f"{person}/{number}", crop[:, ::-1] if number % 3 == 0 else crop))
    return pictures


def persons_of(keys):
    return {key.split("/")[0] for key in keys}


def test_tells_persons_apart_without_weights(crops):
    method, clusters = find_people(crops)
    assert sorted(key for keys in clusters for key in keys) == sorted(key for key, _ in crops)
    assert len(clusters) >= len(PERSONS)
    assert all(len(persons_of(keys)) == 1 for keys in clusters)
    assert "gradients" in method


def test_uses_the_encoder_that_it_is_given(crops, tmp_path):
    torch.manual_seed(0)
    weights = MobileNetEdgeTPU().state_dict()
    np.savez(tmp_path / "random.npz", **{k: v.numpy() for k, v in weights.items()})
    few = crops[::4]
    method, clusters = find_people(few, tmp_path / "random.npz")
    assert "MobileNetEdgeTPU" in method
    assert sorted(key for keys in clusters for key in keys) == sorted(key for key, _ in few)


def test_one_picture_is_one_person():
    picture = np.zeros((16, 16, 3), np.uint8)
    assert find_people([("faces/a.jpg", picture)])[1] == [["faces/a.jpg"]]


def test_clusters_of_separate_clouds_have_no_crossings():
    rng = np.random.default_rng(0)
    centers = np.eye(5)[:3].repeat(10, axis=0)
    distances = compare([centers + rng.normal(0, 0.02, centers.shape)], [2])
    clusters = cluster(distances)
    assert sorted(map(tuple, clusters)) == [
        tuple(range(start, start + 10)) for start in (0, 10, 20)
    ]
    assert [crossings(distances, members) for members in clusters] == [0, 0, 0]
    assert crossings(distances, np.arange(5)) > 1
