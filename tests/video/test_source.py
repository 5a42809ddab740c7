"""Any frame of a film, found without reading all that comes before."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from colornet.errors import UnreadableFilm
from colornet.video.overview import look
from colornet.video.source import Source
from tests.video.films import gray_frames, write_film

COUNT = 80
X264 = "keyint=12:min-keyint=12:scenecut=0:bframes=3"
TIMES: dict[str, Any] = {"base": Fraction(1, 90000), "pts": [3600 * k for k in range(COUNT)]}
KINDS: dict[str, dict[str, Any]] = {
    "a.mkv": {"options": {"x264-params": f"{X264}:open-gop=1"}},
    "a.mp4": {"options": {"x264-params": f"{X264}:open-gop=1"}},
    "a.ts": {"options": {"x264-params": X264}, "container": "mpegts", **TIMES},
    "refreshed.mkv": {"options": {"x264-params": "intra-refresh=1:bframes=3", "g": "30"}},
    "a.mpg": {
        **{"codec": "mpeg2video", "container": "mpeg", "options": {"bf": "2"}, "sound": "mp2"},
        **{"base": Fraction(1, 25), "pts": list(range(COUNT))},
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_a_frame_is_the_same_from_wherever_it_is_read(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = (data.camera(), data.astronaut()[..., 1])
    frames = [pictures[k >= 55][100 + k : 164 + k, 100 + k : 260 + k] for k in range(COUNT)]
    source = Source(write_film(tmp_path / name, frames, **KINDS[name]))
    survey = look(source).survey
    whole = list(source.frames(survey, 0, deinterlace=False))
    begun: list[int | None] = []
    decoded = source._decoded

    def counted(seek: int | None) -> Any:
        begun.append(seek)
        return decoded(seek)

    monkeypatch.setattr(source, "_decoded", counted)
    for number in range(1, COUNT):
        assert np.array_equal(next(source.frames(survey, number, False)), whole[number]), number
    from_the_beginning = begun.count(None)
    assert from_the_beginning < COUNT / 2 or name in ("a.mpg", "refreshed.mkv")


def test_where_a_recording_changes_its_size_is_told_as_players_show_it(tmp_path: Path) -> None:
    """The clock of the file shows more."""
    base = Fraction(1, 90000)
    late = 45_000 * 90_000
    wide = [late + 3600 * number for number in range(20)]
    small = [late + 3600 * number for number in range(20, 40)]
    joined = b"".join(
        write_film(
            tmp_path / f"{width}.ts",
            gray_frames(20, width=width),
            container="mpegts",
            base=base,
            pts=pts,
        ).read_bytes()
        for width, pts in ((64, wide), (96, small))
    )
    path = tmp_path / "joined.ts"
    path.write_bytes(joined)
    with pytest.raises(UnreadableFilm, match=r"changes its size or format, at 0\.\d\d s"):
        Source(path).survey(False, see=lambda luma: None)
