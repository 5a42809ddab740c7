"""Which codecs films are written in, what each container takes, and how the encoders are set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from colornet.errors import OptionError

Codec = Literal["h264", "hevc", "av1", "vp9", "ffv1", "prores", "mpeg4"]
"""That a film can be written in."""


@dataclass(frozen=True)
class Encoder:
    """How a codec is written.

    Attributes:
        name: FFmpeg's name of the encoder.
        formats: pixel formats by bits of a sample; it takes the next one of more bits, or the last.
        odd: the same for frames of odd width or height, which 4:2:0 does not always allow.
        crf: the usual quality: smaller is better; None: it takes none.
        options: all others.
        preset: what the speed is called; None: it takes none.
        presets: the speeds that there are.
        most: the largest crf.
        segment: the container of its segments.
        least: pixels of width and of height, at least.
    """

    name: str
    formats: dict[int, str]
    odd: dict[int, str]
    crf: int | None
    options: dict[str, str]
    preset: str | None = "preset"
    segment: str = "mp4"
    presets: tuple[str, ...] = ()
    most: int = 51
    least: int = 1


X26X = (
    *("ultrafast", "superfast", "veryfast", "faster", "fast"),
    *("medium", "slow", "slower", "veryslow", "placebo"),
)
"""Presets of x264 and x265."""
EIGHT = {8: "yuv420p"}
PLANAR = {**EIGHT, 10: "yuv420p10le"}
FULL_CHROMA = {8: "yuv444p", 10: "yuv444p10le"}
ENCODERS: dict[str, Encoder] = {
    "h264": Encoder(
        "libx264",
        PLANAR,
        FULL_CHROMA,
        18,
        # as small and as good as with the preset medium, within a few percent, at two thirds of its
        # time; without cpu-independent, on CPUs with AVX-512, frames depend on what was in memory
        {"preset": "fast", "refs": "1", "x264-params": "cpu-independent=1"},
        presets=X26X,
    ),
    "hevc": Encoder(
        "libx265",
        PLANAR,
        FULL_CHROMA,
        20,
        {"preset": "medium", "x265-params": "log-level=none"},
        presets=X26X,
    ),
    "av1": Encoder(
        "libsvtav1",
        PLANAR,
        PLANAR,
        26,
        {"preset": "8"},
        presets=tuple(map(str, range(14))),
        most=63,
        least=32,  # of long strips that are narrower, SVT-AV1 4.1 never gives a frame back
    ),
    "vp9": Encoder(
        "libvpx-vp9",  # that of PyAV's wheels is built without more bits
        EIGHT,
        EIGHT,
        24,
        {"deadline": "good", "cpu-used": "4", "b": "0", "row-mt": "1"},
        preset="cpu-used",
        presets=tuple(map(str, range(9))),
        most=63,
    ),
    "ffv1": Encoder(
        "ffv1",
        {8: "yuv420p", 10: "yuv420p10le", 12: "yuv420p12le", 16: "yuv420p16le"},
        {8: "yuv420p", 10: "yuv420p10le", 12: "yuv420p12le", 16: "yuv420p16le"},
        None,
        {"level": "3", "slicecrc": "1"},
        preset=None,
        segment="nut",
    ),
    "prores": Encoder(
        "prores_ks",
        {10: "yuv422p10le"},
        {10: "yuv422p10le"},
        None,
        {"profile": "3", "vendor": "apl0"},
        preset=None,
        segment="mov",
    ),
    "mpeg4": Encoder(
        "mpeg4",
        EIGHT,
        EIGHT,
        None,
        {"flags": "+qscale", "global_quality": str(2 * 118)},  # a quantizer of 2
        preset=None,
        segment="nut",
    ),
}
CONTAINERS: dict[str, tuple[str, tuple[Codec, ...]]] = {
    ".mp4": ("mp4", ("h264", "hevc", "av1", "vp9")),
    ".m4v": ("mp4", ("h264", "hevc")),
    ".mov": ("mov", ("h264", "hevc", "prores")),
    ".mkv": ("matroska", ("h264", "hevc", "av1", "vp9", "ffv1", "prores")),
    ".webm": ("webm", ("vp9", "av1")),
    ".avi": ("avi", ("mpeg4", "ffv1")),
}
"""FFmpeg's name of the container, and the codecs that go into it, the usual one first."""
FOREIGN = ".mpg .mpeg .ts .m2ts .mts .vob .flv .wmv .asf .3gp .ogv .mxf .dv .nut"
READ_SUFFIXES = frozenset((*CONTAINERS, *FOREIGN.split()))
"""Names that are taken for films."""
COUNTING = frozenset({"avi"})
"""Containers that hold no times: frames are shown one by one, at a rate. H.264 in them is read one
frame late by FFmpeg."""
WITHOUT_ASPECT = frozenset({"ffv1", "vp9", "av1", "prores"})
"""Codecs that do not hold the aspect of pixels by themselves."""
WITHOUT_RANGE = frozenset({("mov", "prores"), ("avi", "ffv1"), ("avi", "mpeg4")})
"""Containers and codecs that cannot tell full range: what they hold is taken for limited."""
THREADS = 4
"""Of encoders: x264 gives the same bytes only for the same number."""


@dataclass(frozen=True)
class Coder:
    """How one film is written.

    Attributes:
        codec: its name.
        container: FFmpeg's name of the container.
        encoder: FFmpeg's name of the encoder.
        pixel_format: of the frames that it takes.
        bits: of their samples.
        options: of the encoder.
        segment: FFmpeg's name of the segments' container.
    """

    codec: Codec
    container: str
    encoder: str
    pixel_format: str
    bits: int
    options: dict[str, str]
    segment: str

    @property
    def tells_range(self) -> bool:
        """Whether what is written can tell that its numbers use the full range."""
        return (self.container, self.codec) not in WITHOUT_RANGE


def container_of(path: Path) -> str:
    """FFmpeg's name of the container for a file name.

    Raises:
        OptionError: there is none.
    """
    suffix = path.suffix.lower()
    if suffix not in CONTAINERS:
        known = ", ".join(CONTAINERS)
        reason = f"films cannot be written as {suffix}" if suffix else "has no suffix"
        raise OptionError(path, reason, f"use {known}")
    return CONTAINERS[suffix][0]


def coder(
    path: Path,
    size: tuple[int, int],
    bits: int,
    codec: Codec | None = None,
    crf: int | None = None,
    preset: str | None = None,
) -> Coder:
    """How to write a film.

    Args:
        path: of the result, whose suffix names the container.
        size: width and height.
        bits: of a sample of the source.
        codec: None: the container's usual one; for more than 8 bits, HEVC where it is H.264.
        crf: quality, smaller is better; None: the codec's usual one.
        preset: speed, as the encoder names it; None: the codec's usual one.

    Raises:
        OptionError: they do not go together.
    """
    container, taken = container_of(path), CONTAINERS[path.suffix.lower()][1]
    if codec is None:
        codec = "hevc" if taken[0] == "h264" and bits > 8 else taken[0]
    if codec not in get_args(Codec):
        raise OptionError("codec", f"{codec} is unknown", f"use {', '.join(get_args(Codec))}")
    if codec not in taken:
        raise OptionError("codec", f"{path.suffix} cannot hold {codec}", f"use {', '.join(taken)}")
    encoder = ENCODERS[codec]
    if min(size) < encoder.least:
        reason = f"{codec} takes frames of at least {encoder.least} pixels a side"
        raise OptionError("codec", reason, "use another one")
    options = dict(encoder.options)
    if encoder.crf is not None:
        options["crf"] = str(_crf(codec, encoder, crf))
    elif crf is not None:
        raise OptionError("crf", f"{codec} has no such setting", "leave it out")
    if preset is not None:
        options[_preset(codec, encoder, preset)] = preset
        options.pop("refs", None)  # the preset has its own
    formats = encoder.odd if size[0] % 2 or size[1] % 2 else encoder.formats
    depth = min((b for b in formats if b >= bits), default=max(formats))
    return Coder(codec, container, encoder.name, formats[depth], depth, options, encoder.segment)


def _crf(codec: str, encoder: Encoder, crf: int | None) -> int | None:
    """The crf; raises `OptionError` where the encoder has none such."""
    if crf is not None and not 0 <= crf <= encoder.most:
        raise OptionError("crf", f"{crf} is out of range for {codec}", f"use 0 to {encoder.most}")
    return encoder.crf if crf is None else crf


def _preset(codec: str, encoder: Encoder, preset: str) -> str:
    """What the encoder calls its speed; raises `OptionError` where it has none such."""
    if encoder.preset is None:
        raise OptionError("preset", f"{codec} has no such setting", "leave it out")
    if preset not in encoder.presets:
        remedy = f"use {', '.join(encoder.presets)}"
        raise OptionError("preset", f"{codec} has no preset {preset!r}", remedy)
    return encoder.preset
