"""How all pictures of an archive are colored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from colornet.errors import OptionError
from colornet.guidance import Guidance
from colornet.guidance.schema import SCALARS
from colornet.model import find
from colornet.picture import Encoding
from colornet.provenance import guidance_options

Into = Literal["tree", "tar", "parquet"]
"""Results as files, or those of each unit in one tar or Parquet file."""


@dataclass(frozen=True)
class Order:
    """How all pictures are colored.

    Attributes:
        model: the name of a shipped model, or the path of a model folder in full.
        model_sha256: see `ModelCard.sha256`.
        guidance: without a reference and hints.
        encoding: of the results.
        partial: color what there is of pictures that end too early.
        into: what the results become.
    """

    model: str
    model_sha256: str
    guidance: Guidance
    encoding: Encoding
    partial: bool
    into: Into

    @classmethod
    def of(
        cls, model: str, guidance: Guidance, encoding: Encoding, partial: bool, into: Into
    ) -> Order:
        """With a model that is on this machine.

        Raises:
            ModelNotFound, ModelDamaged: see `colornet.model.find`.
            ModelLacks: the model has no such setting.
            OptionError: an unknown kind of destination.
        """
        if into not in get_args(Into):
            raise OptionError("--into", f"{into} is unknown", f"use {', '.join(get_args(Into))}")
        folder = find(model)
        folder.card.check(guidance)
        return cls(folder.name, folder.card.sha256, guidance, encoding, partial, into)

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "model": {"name": self.model, "sha256": self.model_sha256},
            "guidance": {name: getattr(self.guidance, name) for name in SCALARS},
            "encoding": asdict(self.encoding),
            "partial": self.partial,
            "into": self.into,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Order:
        """From JSON.

        Raises:
            KeyError, TypeError: it is none.
        """
        model = told["model"]
        known = {field.name for field in fields(Encoding) if field.init}
        encoding = Encoding(**{k: v for k, v in told["encoding"].items() if k in known})
        guidance = Guidance(**told["guidance"])
        return cls(
            model["name"], model["sha256"], guidance, encoding, told["partial"], told["into"]
        )

    def options(self) -> dict[str, Any]:
        """All options that shape the results, as a folder's report has them."""
        card = find(self.model).card
        told = guidance_options(card, self.guidance) | asdict(self.encoding)
        return {**told, "partial": self.partial}

    def identity(self) -> str:
        """The same for orders that give the same results.

        Only what is unusual counts, so that it stays what it is when a version adds an option.
        """
        told = _flat(self._told())
        usual = _flat(Order("", "", Guidance(), Encoding(), False, "tree")._told())
        unusual = {name: value for name, value in told.items() if value != usual[name]}
        return json.dumps({**unusual, "model": self.model_sha256}, sort_keys=True)

    def differences(self, other: Order) -> list[str]:
        """What another order has otherwise: "strength 0.7, now 1.0"."""
        was, now = _flat(self._told()), _flat(other._told())
        found = [f"{name} {was[name]}, now {now[name]}" for name in was if was[name] != now[name]]
        if self.model_sha256 != other.model_sha256:
            is_namesake = self.model == other.model  # of another version of colornet
            found.append(
                f"model {self.model}, now {'another of that name' if is_namesake else other.model}"
            )
        return found

    def _told(self) -> dict[str, Any]:
        return {name: value for name, value in self.to_json().items() if name != "model"}


def _flat(told: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in told.items():
        flat |= _flat(value) if isinstance(value, dict) else {name: value}
    return flat
