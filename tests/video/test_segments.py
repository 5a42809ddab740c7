"""What is kept of a film in work."""

from __future__ import annotations

import shutil
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


@pytest.mark.parametrize("plan", ["{", "5", "null", '"x"'])
def test_a_damaged_plan_says_so(plan: str, tmp_path: Path) -> None:
    folder = tmp_path / "b.mp4.colornet"
    folder.mkdir()
    (folder / "00000-000.npz").touch()
    (folder / "plan.json").write_text(plan)
    with (
        pytest.raises(UnwritableFilm, match=r"has a damaged plan\.json"),
        Segments.begun(tmp_path / "b.mp4", "mp4", {"options": {}}),
    ):
        pass


def test_what_differs_is_named_once(tmp_path: Path) -> None:
    with Segments.begun(tmp_path / "b.mp4", "mp4", {"options": 1, "sheet": True, "model": 1}) as it:
        (it.folder / "00000-000.npz").touch()
    with (
        pytest.raises(UnwritableFilm, match="was begun with another model and other options;"),
        Segments.begun(tmp_path / "b.mp4", "mp4", {"options": 2, "sheet": False, "model": 2}),
    ):
        pass


@pytest.mark.parametrize("again", [False, True])
def test_a_lock_of_a_folder_that_was_removed_counts_for_nothing(
    again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process finishes the film just before this one takes the lock; a third may begin."""
    fcntl = pytest.importorskip("fcntl")

    def late(lock: object, how: int) -> None:
        shutil.rmtree(tmp_path / "b.mp4.colornet")
        if again:
            (tmp_path / "b.mp4.colornet").mkdir()
            (tmp_path / "b.mp4.colornet/lock").touch()
        fcntl.flock(lock, how)

    monkeypatch.setattr("colornet.video.segments.flock", late)
    with (
        pytest.raises(UnwritableFilm, match=r"b\.mp4: is being written by another process"),
        Segments.begun(tmp_path / "b.mp4", "mp4", {}),
    ):
        pass


def test_without_locks_no_file_is_held_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows, the folder could not be removed with it in the end."""
    monkeypatch.setattr("colornet.video.segments.flock", None)
    with Segments.begun(tmp_path / "b.mp4", "mp4", {}) as segments:
        assert [path.name for path in segments.folder.iterdir()] == ["plan.json"]


def test_a_folder_that_its_open_lock_kept_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Network file systems keep the names of removed files until they are closed."""

    def remove(folder: Path, ignore_errors: bool) -> None:
        assert ignore_errors
        for path in folder.iterdir():
            path.unlink()

    monkeypatch.setattr(shutil, "rmtree", remove)
    with Segments.begun(tmp_path / "b.mp4", "mp4", {}) as segments:
        segments.remove()
        assert segments.folder.exists()
    assert not segments.folder.exists()
