"""Networks by name. Each maps lightness to a feature map that any head turns into color.

The contract of a network (checked by one test for all of them):

    encode(lightness (B,1,H,W) 0..100) -> Encoded(features, prior (B,P) or None, class_logits)
    decode(features, prior) -> trunk (B, trunk_channels, h, w)
    relate(features, trunk) -> affinity (B,2+2D,h,w) by which hints spread, or None
    attributes: trunk_channels, stride (H/h), feature_maps (their number), prior_channels (0: no
        global prior)
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from torch import Tensor

from colornet.errors import RecipeError


class Encoded(NamedTuple):
    """What a network knows of a photograph before color is decoded."""

    features: list[Tensor]
    """Local feature maps, (B, C, H/n, W/n) each."""
    prior: Tensor | None
    """Global prior (B, P), of this photograph or of another one put in its place."""
    class_logits: Tensor | None
    """(B, classes) where the network has a classifier."""


class Network(Protocol):
    """What every network offers; see the module's docstring."""

    trunk_channels: int
    stride: int
    feature_maps: int
    prior_channels: int

    def encode(self, lightness: Tensor) -> Encoded: ...

    def decode(self, features: list[Tensor], prior: Tensor | None) -> Tensor: ...

    def relate(self, features: list[Tensor], trunk: Tensor) -> Tensor | None: ...


def build_network(name: str, *, classes: int, **options: Any) -> Any:
    """Build a network from its recipe entry.

    Raises:
        RecipeError: no network of that name, or an option that it does not have.
    """
    from colornet.train.networks.fusion import Fusion
    from colornet.train.networks.iizuka import Iizuka

    networks: dict[str, Any] = {"iizuka": Iizuka, "fusion": Fusion}
    if name not in networks:
        raise RecipeError(f"network {name}", "unknown", f"known: {', '.join(networks)}")
    try:
        return networks[name](classes=classes, **options)
    except TypeError as error:
        raise RecipeError(f"network {name}", str(error)) from error
