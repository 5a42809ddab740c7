"""What docs/video.md says can be done is done here."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from colornet.video.codecs import CONTAINERS
from tests.video.films import decoded, gray_frames, write_film
from tests.walkthrough import ROOT, blocks, commands, run

PAGE = (ROOT / "docs" / "video.md").read_text(encoding="utf-8")
NAMES = {
    "h264": "H.264",
    "hevc": "HEVC",
    "av1": "AV1",
    "vp9": "VP9",
    "ffv1": "FFV1",
    "prores": "ProRes",
    "mpeg4": "MPEG-4",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page speaks of."""
    folder = tmp_path_factory.mktemp("video")
    frames = gray_frames(10)
    write_film(folder / "film.mp4", frames)
    (folder / "frames.gray").write_bytes(np.stack(frames).tobytes())
    (told,) = blocks("json", PAGE)
    (folder / "shots.json").write_text(told)
    return folder


@pytest.mark.parametrize("command", commands(PAGE))
def test_commands_do_what_they_say(command: str, folder: Path) -> None:
    run(["bash", "-c", command], folder)
    target = re.search(r"-o ([\w.-]+\.\w+)", command)
    if target is None:
        assert (folder / "frames.rgb").stat().st_size == 10 * 64 * 48 * 3
    else:
        assert len(decoded(folder / target[1])) == (5 if "--from" in command else 10)


def test_python_runs(folder: Path) -> None:
    (code,) = blocks("python", PAGE)
    run([sys.executable, "-c", code], folder)
    assert len(decoded(folder / "by-python.mp4")) == 10


def test_containers_are_all_there() -> None:
    rows = re.findall(r"^\| `(\.\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
    codecs = {
        suffix: tuple(NAMES[codec] for codec in taken) for suffix, (_, taken) in CONTAINERS.items()
    }
    assert {suffix: tuple(told.split(", ")) for suffix, told in rows} == codecs
