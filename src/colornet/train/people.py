"""Clusters of unlabeled pictures that look like the same person.

Each picture gets descriptors that are the same for its mirror image. They are whitened, so that
what all faces share does not count, and clustered by average linkage of cosine distances. None was
made to recognize people: similar light and backgrounds count too, which are as good a reason to
keep two pictures on one side of a split.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from skimage.feature import hog, local_binary_pattern
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances
from torch import Tensor

from colornet.color import rgb_to_lab
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU

Rgb8 = NDArray[np.uint8]
Floats = NDArray[np.floating]
Describe = Callable[[Rgb8], list[Floats]]
"""A picture (H, W, 3) -> its descriptors, each a vector."""

ENCODER_SIZE = 224
ENCODER_MAPS = ((2, 4), (3, 1), (4, 4))
"""Which of the encoder's maps, and to how many cells a side each is averaged."""

ENCODER_COMPONENTS: tuple[int, ...] = (100, 60, 100)
HAND_COMPONENTS: tuple[int, ...] = (100, 60, 60, 60, 60, 40)
"""Principal components of each descriptor that are kept: at most, and one per 5 pictures."""

FARTHEST = 0.92
"""Mean cosine distance up to which two clusters are one person; strangers are 1 apart."""
NEIGHBORS = 5


def find_people(
    pictures: Iterable[tuple[str, Rgb8]], encoder: Path | None = None
) -> tuple[str, list[list[str]]]:
    """Cluster pictures by person.

    Args:
        pictures: keys and pixels (H, W, 3).
        encoder: weights (.npz) of the MobileNetEdgeTPU whose maps describe faces best; without it,
            gradients, textures and colors do.

    Returns:
        What the descriptors were, and the clusters' keys; first the cluster that is most surely
        apart from all others.

    Raises:
        CheckpointError: the encoder's weights cannot be used.
    """
    if encoder:
        method, components = "MobileNetEdgeTPU maps", ENCODER_COMPONENTS
        describe = describe_by_encoder(encoder)
    else:
        method, components = "gradients, textures and colors", HAND_COMPONENTS
        describe = describe_by_hand
    keys: list[str] = []
    rows: list[list[Floats]] = []
    for key, rgb8 in pictures:
        keys.append(key)
        rows.append(
            [(a + b) / 2 for a, b in zip(describe(rgb8), describe(rgb8[:, ::-1]), strict=True)]
        )
    if len(keys) < 2:
        return "too few pictures", [keys]
    distances = compare([np.stack(column) for column in zip(*rows, strict=True)], components)
    clusters = cluster(distances)
    clusters.sort(key=lambda c: (len(c) <= NEIGHBORS, crossings(distances, c)))
    return method, [[keys[index] for index in members] for members in clusters]


def compare(descriptors: Sequence[Floats], components: Sequence[int]) -> Floats:
    """Cosine distances (N, N) of pictures by several descriptors (N, D), all of equal weight.

    Args:
        descriptors: arrays (N, D), each with its own D.
        components: how many principal components of each to keep, at most.
    """
    parts = []
    for values, most in zip(descriptors, components, strict=True):
        kept = max(1, min(most, len(values) // 5))
        white = PCA(kept, whiten=True, random_state=0).fit_transform(values)
        parts.append(white / np.maximum(np.linalg.norm(white, axis=1, keepdims=True), 1e-12))
    distances: Floats = pairwise_distances(np.concatenate(parts, axis=1), metric="cosine")
    return distances


def cluster(distances: Floats) -> list[NDArray[np.intp]]:
    """Indices of the members of each cluster."""
    labels = AgglomerativeClustering(
        n_clusters=None, distance_threshold=FARTHEST, metric="precomputed", linkage="average"
    ).fit_predict(distances)
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]


def crossings(distances: Floats, members: NDArray[np.intp]) -> float:
    """How much of a cluster's border is in doubt: 0 where no picture has a near neighbor across it.

    Pictures outside that have a member among their NEIGHBORS nearest, per member, plus the share of
    the members that have one outside.
    """
    inside = np.zeros(len(distances), dtype=bool)
    inside[members] = True
    apart = distances + np.diag(np.full(len(distances), np.inf, distances.dtype))
    nearest = np.argpartition(apart, min(NEIGHBORS, len(apart) - 1), axis=1)[:, :NEIGHBORS]
    into = inside[nearest[~inside]].any(axis=1).sum() / len(members)
    out = (~inside[nearest[inside]]).any(axis=1).mean()
    return float(into + out)


def describe_by_encoder(weights: Path) -> Describe:
    """Descriptors from a network's maps, coarsely pooled."""
    network = MobileNetEdgeTPU.from_npz(weights).eval()

    def describe(rgb8: Rgb8) -> list[Floats]:
        resized = Image.fromarray(rgb8).resize(
            (ENCODER_SIZE, ENCODER_SIZE), Image.Resampling.BICUBIC
        )
        rgb01: Tensor = torch.tensor(np.asarray(resized)).permute(2, 0, 1)[None] / 255  # (1,3,S,S)
        with torch.inference_mode():
            maps = network.features(rgb01)
            return [
                F.adaptive_avg_pool2d(maps[level], cells).flatten().numpy()
                for level, cells in ENCODER_MAPS
            ]

    return describe


def describe_by_hand(rgb8: Rgb8) -> list[Floats]:
    """Descriptors that need no weights: gradients, textures, where and how often colors occur."""
    picture = Image.fromarray(rgb8).resize((128, 128), Image.Resampling.BICUBIC)
    gray = np.asarray(picture.convert("L"))
    ab = rgb_to_lab(np.asarray(picture) / 255.0)[..., 1:].reshape(-1, 2)
    often, _ = np.histogramdd(ab, bins=24, range=[(-60, 60), (-60, 60)])
    descriptors = [
        hog(gray, 9, (16, 16), (2, 2)),
        hog(gray, 9, (32, 32), (1, 1)),
        texture(gray, radius=1),
        texture(gray, radius=4),
        np.asarray(picture.resize((8, 8), Image.Resampling.BOX)).flatten(),
        np.sqrt(often / len(ab)).flatten(),
    ]
    return [values.astype(np.float32) for values in descriptors]


def texture(gray: NDArray[np.uint8], radius: int) -> NDArray[np.float64]:
    """Histograms of local binary patterns in 4 x 4 cells of a gray picture (128, 128)."""
    patterns = local_binary_pattern(gray, 8, radius, "nri_uniform").astype(int)  # 59 kinds
    cells = patterns.reshape(4, 32, 4, 32).swapaxes(1, 2).reshape(16, -1)
    counts = [np.bincount(cell, minlength=59) for cell in cells]
    return np.sqrt(np.concatenate(counts) / cells.shape[1])
