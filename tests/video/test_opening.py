"""Films that cannot be opened, or not all of whose streams are known."""

import os
from pathlib import Path

import pytest

from colornet.errors import UnreadableFilm
from colornet.video.about import about
from colornet.video.source import Source
from tests.video.films import gray_frames, write_film


def with_unknown(path: Path, codec: bytes) -> Path:
    """A film in which the name of a codec is one that nobody knows."""
    content = write_film(path, gray_frames(3), sound="aac").read_bytes()
    assert codec in content
    path.write_bytes(content.replace(codec, codec[:2] + b"?" * (len(codec) - 2)))
    return path


def test_pictures_of_an_unknown_kind(tmp_path: Path) -> None:
    path = with_unknown(tmp_path / "a.mkv", b"V_MPEG4/ISO/AVC")
    for look in (about, Source):
        with pytest.raises(UnreadableFilm, match="is coded in a way that is not known"):
            look(path)


def test_sound_of_an_unknown_kind(tmp_path: Path) -> None:
    path = with_unknown(tmp_path / "a.mkv", b"A_AAC")
    assert about(path).sound == ("unknown",)
    assert Source(path).width == 64


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_told_from_what_is_not_there(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")
    with pytest.raises(UnreadableFilm, match="is a pipe or device"):
        about(tmp_path / "a.mp4")
    with pytest.raises(UnreadableFilm, match="there is no such file"):
        about(tmp_path / "b.mp4")
