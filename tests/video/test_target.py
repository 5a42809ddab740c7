"""How frames are encoded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from colornet.errors import OptionError
from colornet.video.codecs import coder
from tests.video.films import gray_frames, write_film

ENCODE = """
import hashlib, json, sys
from pathlib import Path

import av

from colornet.video.codecs import CONTAINERS, coder
from colornet.video.source import Source
from colornet.video.target import Writer, chroma_size, converted, out_coding

source, folder, told = Source(Path(sys.argv[1])), Path(sys.argv[2]), {}
survey, size = source.survey(False), (source.width, source.height)
for codec, suffix in {codec: s for s, (_, taken) in CONTAINERS.items() for codec in taken}.items():
    one, path = coder(folder / f"film{suffix}", size, 8, codec), folder / codec
    writer, (height, width) = Writer(path, one, source, size), chroma_size(one, *size)
    for pts, luma in zip(survey.pts, source.frames(survey, 0, False)):
        planes = (luma, luma[-height:, -width:], luma[:height, :width])
        target = out_coding(source, one)
        writer.write(pts, [converted(plane, source.coding, target) for plane in planes])
    writer.close()
    with av.open(str(path)) as film:
        packets = b"".join(bytes(packet) for packet in film.demux(video=0))
    told[codec] = hashlib.sha256(packets).hexdigest()
print(json.dumps(told))
"""
"""Tells the hash of a film's packets in each codec."""


def test_no_codec_depends_on_what_was_in_memory(tmp_path: Path) -> None:
    """Of 432 x 320: in some sizes, x264 does by itself where the CPU has AVX-512."""
    film = write_film(tmp_path / "gray.mkv", gray_frames(12, 432, 320), codec="ffv1")
    told = []
    for fill in ("85", "170"):  # by which glibc fills memory that a program asks for
        folder = tmp_path / fill
        folder.mkdir()
        line = [sys.executable, "-c", ENCODE, str(film), str(folder)]
        run = subprocess.run(
            line, env=os.environ | {"MALLOC_PERTURB_": fill}, stdout=subprocess.PIPE, check=True
        )
        told.append(json.loads(run.stdout))
    assert told[0] == told[1]
    assert set(told[0]) == {"h264", "hevc", "av1", "vp9", "prores", "ffv1", "mpeg4"}


def test_strips_that_an_encoder_never_ends_with_are_refused() -> None:
    with pytest.raises(OptionError, match="av1 takes frames of at least 32 pixels a side"):
        coder(Path("a.mp4"), (24, 700), 8, "av1")
    assert coder(Path("a.mp4"), (24, 700), 8).codec == "h264"
