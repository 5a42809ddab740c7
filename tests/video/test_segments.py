"""What is kept of a film in work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from colornet.errors import UnwritableFilm
from colornet.video.segments import Segments


@pytest.mark.parametrize("damage", ["empty", "cut", "changed"])
def test_a_damaged_state_says_so(damage: str, tmp_path: Path) -> None:
    """As after a power failure."""
    segments = Segments(tmp_path, "mp4")
    segments.new_path(0).write_bytes(b"frames")
    segments.keep(0, {"film.next": np.array(7), "known": np.arange(500)})
    assert segments.next_frame() == 7
    [state] = tmp_path.glob("*.npz")
    whole = state.read_bytes()
    state.write_bytes(
        {
            "empty": b"",
            "cut": whole[: len(whole) // 2],
            "changed": whole[:1000] + b"?" + whole[1001:],
        }[damage]
    )
    with pytest.raises(UnwritableFilm, match=r"00000-000\.npz: is damaged .*remove its folder"):
        segments.next_frame()
