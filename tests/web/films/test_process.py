"""Processes that work on films: started, and told that there is no space."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from colornet.web.errors import ApiError
from colornet.web.films.film import Film
from colornet.web.films.process import WORKER
from tests.full_disk import full_disk


def test_one_that_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    film = Film("id", "a.mp4", tmp_path, tmp_path / "source.mp4", False)
    with pytest.raises(ApiError, match="the server: failed"):
        asyncio.run(film.read(60, 1_000_000))
    assert film.state == "failed"


def test_one_that_has_no_space_for_what_it_found(tmp_path: Path, film: bytes) -> None:
    """The size of files is limited to 100 bytes."""
    source = tmp_path / "source.mp4"
    source.write_bytes(film)
    order = {
        "do": "look",
        "source": str(source),
        "overview": str(tmp_path / "overview.json"),
        "partial": False,
        "max_seconds": 60,
        "max_pixels": 1_000_000,
    }
    with full_disk(100):
        process = subprocess.Popen(
            [sys.executable, "-m", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    with process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        messages = [json.loads(line) for line in process.stdout]
        assert process.wait() == 0  # before its input is closed, by which it would be ended
    assert list(messages[0]) == ["opened"]
    error = messages[1]["error"]
    assert (error["type"], error["subject"]) == ("UnwritableFilm", str(source))
    assert "needs more space for what was found in it (file too large)" in error["reason"]
