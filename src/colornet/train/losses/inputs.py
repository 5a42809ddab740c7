"""`LossInputs`: a batch, the network's output, and values that several losses share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.train.losses.teacher import Teacher
from colornet.train.networks import Encoded


class Loss(NamedTuple):
    """One term of the loss that training minimizes.

    Attributes:
        name: in the log.
        weight: factor in the sum.
        of: a batch -> a scalar.
    """

    name: str
    weight: float
    of: Callable[[LossInputs], Tensor]


@dataclass(frozen=True)
class LossInputs:
    """A batch, the network's output, and values that several losses need, computed once.

    Attributes:
        network, head: that are trained.
        teacher: the network that sees the true colors; None: the recipe names no encoder.
        rng: everything random comes from it.
        rgb8: (B,3,S,S) uint8.
        labels: (B,) int64, classes of scenes.
        lightness: (B,1,S,S), 0..100, true.
        seen: (B,1,S,S), 0..100, what the network sees: degraded if the recipe says so.
        ab: (B,2,h,w), in Lab units, true, at the trunk's resolution.
        encoded, trunk, output: from the network and the head.
    """

    network: Any
    head: Any
    teacher: Teacher | None
    rng: np.random.Generator
    rgb8: Tensor
    labels: Tensor
    lightness: Tensor
    seen: Tensor
    ab: Tensor
    encoded: Encoded
    trunk: Tensor
    output: Tensor

    @cached_property
    def color_losses(self) -> Mapping[str, Tensor]:
        """The head's."""
        return self.head.losses(self.output, self.ab)

    @property
    def class_cross_entropy(self) -> Tensor:
        """That of the joint classifier of scenes, the mean over the batch."""
        assert self.encoded.class_logits is not None
        return F.cross_entropy(self.encoded.class_logits.float(), self.labels)

    @cached_property
    def predicted(self) -> Tensor:
        """(B,2,h,w), in Lab units."""
        with torch.autocast(self.rgb8.device.type, enabled=False):
            return self.head.to_ab(self.output)

    @cached_property
    def lightness_of_cells(self) -> Tensor:
        """(B,1,h,w), 0..100: the true lightness at the trunk's resolution."""
        return F.avg_pool2d(self.lightness, self.network.stride)

    @cached_property
    def semantics(self) -> Tensor | None:
        """(B,C,h/4,w/4): the encoder's map at /16, if it has one; no gradient flows into it."""
        if not hasattr(self.network, "semantic_channels"):
            return None
        return self.encoded.features[2].detach()

    @cached_property
    def affinity(self) -> Tensor:
        """(B,2+2D,h,w), see `colornet.guidance.propagation`."""
        return self.network.predict_affinity(self.encoded.features, self.trunk)

    @cached_property
    def appearance(self) -> Tensor:
        """(B,3,h,w): the lightness that the network sees, and its surest ab."""
        seen = F.avg_pool2d(self.seen, self.network.stride)
        with torch.autocast(self.rgb8.device.type, enabled=False):
            surest = next(iter(self.head.decodings(self.output).values()))
        return torch.cat([seen, surest.float()], dim=1)

    @cached_property
    def teacher_maps(self) -> list[Tensor]:
        """The teacher's maps of the true picture, see `Teacher.maps`."""
        assert self.teacher is not None  # recipes with such losses name an encoder
        return self.teacher.maps(self.rgb8)
