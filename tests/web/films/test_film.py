"""Work on films: one at a time, canceled, gone on with, ended from outside."""

import os
import signal
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from colornet.web.films.film import Film
from tests.video.films import gray_frames, write_film
from tests.web.conftest import Server
from tests.web.film_helpers import (
    colored,
    film_on,
    is_running,
    ready_film,
    settled,
    wait_for,
    workers,
)


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Five seconds, which are colored in two parts."""
    path = tmp_path_factory.mktemp("films") / "long.mp4"
    return write_film(path, gray_frames(125, cuts=[60])).read_bytes()


def test_canceled_work_goes_on(film_server: Server, long_film: bytes, films_folder: Path) -> None:
    with film_on(film_server, long_film) as path:
        film_server.post(f"{path}/color", json={})
        wait_for(
            lambda: list(films_folder.glob("*/*/whole-*.colornet/00000-000.npz")),
            lambda found: bool(found),
        )
        (worker,) = workers(film_server)
        for _ in range(2):
            assert film_server.delete(f"{path}/color").status_code == 204
        assert not is_running(worker)
        told = film_server.get(path).json()
        assert (told["state"], told["result"], told["done"]) == ("ready", None, None)
        kept = list(films_folder.glob("*/*/whole-*.colornet/00000-000.mp4"))
        assert len(kept) == 1
        written = kept[0].stat().st_mtime_ns
        film_server.post(f"{path}/color", json={})
        told = wait_for(
            lambda: film_server.get(path).json(), lambda told: told["done"] or told["result"]
        )
        assert not kept[0].exists() or kept[0].stat().st_mtime_ns == written
        assert not told["done"] or told["done"]["frames"] >= 60
        assert settled(film_server, path)["result"]["seconds"] == 5
        colored(film_server, path, to=0.2)
        colored(film_server, path, to=0.1)
        assert len(list(films_folder.glob("*/*/preview-*"))) == 1


def test_a_result_stays_until_another_one_is_done(
    film_server: Server, film: bytes, films_folder: Path
) -> None:
    with film_on(film_server, film) as path:
        told = colored(film_server, path)
        first = told["result"]
        assert told["order"] == first["order"]
        told = film_server.post(f"{path}/color", json={"strength": 0.5}).json()
        assert (told["state"], told["result"]) == ("waiting", first)
        assert told["order"] != first["order"]
        film_server.delete(f"{path}/color")
        assert film_server.get(path).json()["result"] == first
        assert len(film_server.get(f"{path}/result").content) == first["bytes"]
        told = colored(film_server, path, strength=0.5)
        assert told["result"]["order"] == told["order"]
        assert len(list(films_folder.glob("*/*/whole-*"))) == 1


def test_the_time_left_passes(tmp_path: Path) -> None:
    film = Film("id", "a.mp4", tmp_path, tmp_path / "source", False)
    assert film.done is None
    told = {"frames": 1, "of": 2, "shots": 0, "left_seconds": 9.0}
    for passed, left in ((0, 9), (5, 4), (20, 0)):
        film.told = told, time.monotonic() - passed
        assert film.done == told | {"left_seconds": pytest.approx(left, abs=1)}
    film.told = told | {"left_seconds": None}, 0.0
    assert film.done == told | {"left_seconds": None}


def test_films_wait_for_each_other(film_server: Server, long_film: bytes, film: bytes) -> None:
    with film_on(film_server, film) as second:
        first = ready_film(film_server, long_film)
        film_server.post(f"{first}/color", json={})
        wait_for(lambda: film_server.get(first).json()["state"], lambda state: state == "coloring")
        assert film_server.post(f"{second}/color", json={}).json()["state"] == "waiting"
        assert film_server.get("/healthz").status_code == 200
        assert film_server.delete(f"{second}/color").status_code == 204
        assert film_server.get(second).json()["state"] == "ready"
        film_server.post(f"{second}/color", json={})
        (worker,) = workers(film_server)
        stat = Path(f"/proc/{worker}/stat")
        wait_for(
            lambda: stat.read_text().rpartition(") ")[2].split()[16], lambda nice: nice == "19"
        )
        assert film_server.delete(first).status_code == 204
        assert not is_running(worker)
        assert settled(film_server, second)["result"]["seconds"] == 0.48


def test_a_process_that_ends(film_server: Server, long_film: bytes) -> None:
    with film_on(film_server, long_film, name="a.mp4") as path:
        film_server.post(f"{path}/color", json={})
        (worker,) = wait_for(lambda: workers(film_server), bool)
        os.kill(worker, signal.SIGKILL)
        told = settled(film_server, path)
        assert told["state"] == "failed"
        assert told["error"]["code"] == "film_crashed"
        assert told["error"]["subject"] == "a.mp4"
        assert colored(film_server, path, to=0.2)["error"] is None


def test_what_mp4_cannot_hold_goes_into_matroska(film_server: Server, tmp_path: Path) -> None:
    frames, times = gray_frames(6), list(range(6))
    made: dict[str, Any] = {
        "codec": "mpeg4",
        "pts": times,
        "base": Fraction(1, 25),
        "sound": "pcm_u8",
    }
    film = write_film(tmp_path / "a.avi", frames, **made)
    with film_on(film_server, film.read_bytes(), name="a.avi") as path:
        result = colored(film_server, path)["result"]
        assert (result["type"], result["notices"]) == ("video/x-matroska", [])
        saved = film_server.get(f"{path}/result?download=true")
        assert saved.headers["content-type"] == "video/x-matroska"
        assert saved.headers["content-disposition"] == 'attachment; filename="a-color.mkv"'


def test_notices_are_about_the_file_that_is_had(film_server: Server, tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mkv", gray_frames(6, 65, 49), codec="ffv1", subtitles=True)
    with film_on(film_server, film.read_bytes(), name="a.mkv") as path:
        notices = colored(film_server, path)["result"]["notices"]
    assert {(one["code"], one["subject"]) for one in notices} == {
        ("subtitles-left-out", "a.mkv"),
        ("few-play", "a.mkv"),
    }
