"""What a film is, and what it says about how it was colored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from colornet import __version__
from colornet.model import ModelCard
from colornet.picture import Provenance
from colornet.provenance import guidance_options
from colornet.video.codecs import Coder
from colornet.video.hints import FilmGuidance
from colornet.video.names import codec_of
from colornet.video.opening import open_film, pictures, rate_of

PREFIX = "Colors computed by "
"""What a film's comment begins with; a `Provenance` as text follows."""


@dataclass(frozen=True)
class About:
    """A film.

    Attributes:
        container, codec: FFmpeg's names.
        width, height: of its frames as they are coded, in pixels.
        pixel_aspect: width of a pixel to its height; None: it does not say.
        rate: frames a second, about; None: it does not say.
        seconds: that it lasts; None: it does not say.
        sound, subtitles: the codec of each stream.
        chapters: how many.
        provenance: how it was colored; None: it does not say.
    """

    container: str
    codec: str
    width: int
    height: int
    pixel_aspect: Fraction | None
    rate: Fraction | None
    seconds: float | None
    sound: tuple[str, ...]
    subtitles: tuple[str, ...]
    chapters: int
    provenance: Provenance | None


def about(path: Path) -> About:
    """Read what a film says of itself, and no frame of it.

    Raises:
        UnreadableFilm: it is missing, damaged or no film.
    """
    with open_film(path) as film:
        stream = pictures(film, path)
        told = {name.lower(): text for name, text in film.metadata.items()}
        return About(
            container=film.format.name,
            codec=codec_of(stream),
            width=stream.width,
            height=stream.height,
            pixel_aspect=stream.sample_aspect_ratio,
            rate=rate_of(stream),
            seconds=None if film.duration is None else film.duration / av.time_base,
            sound=tuple(codec_of(one) for one in film.streams.audio),
            subtitles=tuple(codec_of(one) for one in film.streams.subtitles),
            chapters=len(film.chapters()),
            provenance=_provenance(told.get("comment", "")),
        )


def comment(
    card: ModelCard, guidance: FilmGuidance, coder: Coder, options: Mapping[str, Any], before: str
) -> str:
    """What a colored film's comment says.

    Args:
        card: of the model.
        guidance: that it was colored by.
        coder: that it is written by.
        options: that shaped its frames.
        before: the comment of the film itself; may be empty.
    """
    told = guidance_options(card, guidance.all) | dict(options)
    told |= {"codec": coder.codec, "encoder": coder.options}
    if guidance.shots:
        text = json.dumps(guidance.to_json()["shots"], sort_keys=True)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        told["shots"] = {"number": len(guidance.shots), "sha256": sha256}
    made = Provenance(__version__, card.name, card.sha256, told, before)
    return PREFIX + made.text


def _provenance(text: str) -> Provenance | None:
    return Provenance.from_text(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else None
