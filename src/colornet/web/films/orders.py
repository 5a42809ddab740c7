"""What is known of a film, what is asked for, and what comes out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from colornet.notices import Notice

Kind = Literal["whole", "preview"]
"""All of a film, or a part of it."""


TYPES = {".mp4": "video/mp4", ".mkv": "video/x-matroska"}
"""Of results, by the suffix."""


@dataclass(frozen=True)
class Header:
    """What a film says of itself.

    Attributes:
        width, height: of the upright frames, in the film's own pixels.
        fps: frames a second, about.
        pixel_aspect: width of a pixel to its height, when upright.
        suffix: of a container that holds its sound; ".mp4" wherever that does.
    """

    width: int
    height: int
    fps: float
    pixel_aspect: float
    suffix: str


@dataclass(frozen=True)
class Order:
    """How a film is to be colored.

    Attributes:
        model: name or folder.
        whole: fields of the guidance of all of it.
        guidance: of shots, as JSON.
        options: fields of `FilmOptions`.
        suffix: of the result, which names its container.
    """

    model: str
    whole: dict[str, Any]
    guidance: dict[str, Any]
    options: dict[str, Any]
    suffix: str

    @property
    def start(self) -> float:
        """Seconds of the film at which it begins."""
        return float(self.options["start"])

    @property
    def end(self) -> float | None:
        """Seconds at which it ends; None: with the film."""
        return self.options["end"]

    @property
    def kind(self) -> Kind:
        """Of each kind, the colored film that was asked for last is kept."""
        return "whole" if self.start == 0 and self.end is None else "preview"

    @cached_property
    def id(self) -> str:
        """Another order has another one."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Of the colored film's file."""
        return f"{self.kind}-{self.id}{self.suffix}"


@dataclass(frozen=True)
class Result:
    """A colored film.

    Attributes:
        path: of the file.
        bytes: its size.
        seconds: that it lasts.
        order: by which it was made.
        notices: what may not be as expected.
    """

    path: Path
    bytes: int
    seconds: float
    order: Order
    notices: tuple[Notice, ...]

    @property
    def type(self) -> str:
        """Of the file, as HTTP has it."""
        return TYPES[self.path.suffix]
