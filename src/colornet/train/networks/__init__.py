"""Networks by name. Each maps lightness to a feature map that any head turns into color.

The contract of a network (checked by one test for all of them):

    encode(lightness (B,1,H,W) 0..100) -> Encoded(features, prior (B,P) or None, class_logits)
    decode(features, prior) -> trunk (B, trunk_channels, h, w)
    predict_affinity(features, trunk) -> affinity (B,2+2D,h,w) by which hints spread, or None
    layer_options(weights) -> the options by which it has these weights, by name
    attributes: trunk_channels, stride (H/h), multiple (what H and W have to be multiples of),
        feature_maps (their number), prior_channels (0: no global prior)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from colornet.errors import RecipeError
from colornet.train.options import check_options, option_defaults


class Encoded(NamedTuple):
    """What a network knows of a photograph before color is decoded."""

    features: list[Tensor]
    """Local feature maps, (B, C, H/n, W/n) each."""
    prior: Tensor | None
    """Global prior (B, P), of this photograph or of another one put in its place."""
    class_logits: Tensor | None
    """(B, classes) where the network has a classifier."""


def network_class(name: str) -> Any:
    """The network of that name.

    Raises:
        RecipeError: there is none.
    """
    from colornet.train.networks.fusion import Fusion
    from colornet.train.networks.iizuka import Iizuka

    networks: dict[str, Any] = {"iizuka": Iizuka, "fusion": Fusion}
    if name not in networks:
        raise RecipeError(f"network {name}", "unknown", f"known: {', '.join(networks)}")
    return networks[name]


def check_network(name: str, **options: Any) -> None:
    """Refuse a recipe's entry that no network can be built from.

    Raises:
        RecipeError: no network of that name, an option that it does not have, or a value out of
            range.
    """
    check_options(f"network {name}", network_class(name), options)
    without_weights = {k: v for k, v in options.items() if k != "encoder"}
    with torch.device("meta"):  # for the ranges of values
        network_class(name)(**without_weights)


def sizes_near(name: str, size: int) -> list[int]:
    """The sides of pictures, in pixels, nearest to this one that a network takes; empty: it takes
    this one.

    Raises:
        RecipeError: no network of that name.
    """
    multiple = network_class(name).multiple
    below = size // multiple * multiple
    return [side for side in (below, below + multiple) if side > 0] if below != size else []


def check_crop(name: str, size: int, crop: int) -> None:
    """Refuse crops of a side that a network does not take.

    Args:
        name: of the network.
        size, crop: of the recipe, in pixels.

    Raises:
        RecipeError: there is no such network, or it does not take such crops.
    """
    if near := sizes_near(name, crop):
        as_size = ", as size," if crop == size else ""
        multiple = network_class(name).multiple
        reason = f"is {crop}{as_size} and network {name} takes multiples of {multiple}"
        choices = [f"{side}" + f" with size: {side}" * (side > size) for side in near]
        raise RecipeError("crop", reason, f"use {' or '.join(choices)}")


def build_network(name: str, classes: int, **options: Any) -> Any:
    """Build a network from its recipe entry.

    Args:
        name: of the network.
        classes: of scenes in the data.
        options: of the network.

    Raises:
        RecipeError: no network of that name, or an option that it does not have.
    """
    check_network(name, **options)
    return network_class(name)(classes, **options)


def all_options(name: str, **options: Any) -> dict[str, Any]:
    """A recipe's entry with the defaults of the options that it does not give."""
    return {"name": name, **option_defaults(network_class(name)), **options}


def complete_options(name: str, weights: Mapping[str, Tensor], **options: Any) -> dict[str, Any]:
    """A recipe's entry, with the options that decide the layers taken from weights if not given.

    Args:
        name: of the network.
        weights: that it is to start from.
        options: that the recipe gives.
    """
    return {"name": name, **network_class(name).layer_options(weights), **options}
