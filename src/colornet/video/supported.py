"""Which sound and subtitles containers take as they are."""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Set
from typing import Any

import av
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.container import InputContainer

from colornet.video.codecs import CONTAINERS, Coder
from colornet.video.names import codec_of


def kept(given: InputContainer, coder: Coder) -> list[Any]:
    """The streams of a film, but for its pictures, that a container takes as they are."""
    known = supported(coder.container)
    streams = (*given.streams.audio, *given.streams.subtitles)
    return [stream for stream in streams if codec_of(stream) in known]


def containers_of(codecs: Set[str]) -> dict[str, str]:
    """The containers that take all of these codecs, by their suffixes."""
    named = {one: CONTAINERS[one][0] for one in (".mkv", *CONTAINERS)}
    return {suffix: name for suffix, name in named.items() if codecs <= supported(name)}


@functools.cache
def supported(container: str) -> frozenset[str]:
    """The codecs that a container takes, by FFmpeg's names of them and of what codes them."""
    with av.open(io.BytesIO(), "w", format=container) as result:
        names = result.supported_codecs
    return frozenset(names) | {_canonical(name) for name in names}


def _canonical(name: str) -> str:
    """The name of what is coded, for that of an encoder or decoder: `dca` -> `dts`."""
    for mode in ("r", "w"):
        with contextlib.suppress(UnknownCodecError):
            return Codec(name, mode).canonical_name
    return name
