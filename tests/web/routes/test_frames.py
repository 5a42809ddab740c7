"""Frames of films: as stills, and as photographs to be corrected."""

import asyncio
import io
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colornet.stopping import checkpoint
from colornet.video.placing import CELL
from colornet.web.errors import ApiError
from colornet.web.jobs import Jobs
from colornet.web.routes import frames
from tests.video.films import STEP, gray_frames, write_film
from tests.video.test_scenes import film
from tests.web.conftest import Server, decoded
from tests.web.film_helpers import film_on
from tests.web.helpers import code, problem

TIMES = np.cumsum([STEP * (1 + k % 5) for k in range(20)]).tolist()
FRAMES = gray_frames(20, cuts=[11])


@pytest.fixture(scope="module")
def path(film_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A film on its side, whose frames come at times that vary and depend on each other."""
    made = write_film(
        tmp_path_factory.mktemp("films") / "a.mp4",
        [(16 + frame.astype(int) * 219 // 255).astype(np.uint8) for frame in FRAMES],
        pts=TIMES,
        options={"crf": "0", "g": "8", "bf": "3"},
        rotation=90,
    )
    with film_on(film_server, made.read_bytes(), name="a.mp4") as path:
        yield path


@pytest.mark.parametrize("number", [0, 1, 10, 11, 19])
def test_a_still_is_that_very_frame(film_server: Server, path: str, number: int) -> None:
    answer = film_server.get(f"{path}/frames/{number}")
    assert answer.headers["content-type"] == "image/jpeg"
    shown = decoded(answer.content).astype(int)
    wanted = [np.abs(shown - np.rot90(frame)).mean() for frame in FRAMES]
    assert int(np.argmin(wanted)) == number
    assert wanted[number] < 4


def test_shots_are_told_as_their_frames_are_numbered(film_server: Server, path: str) -> None:
    told = film_server.get(path).json()
    assert (told["width"], told["height"]) == (48, 64)
    assert [shot["frame"] for shot in told["shots"]] == [0, 11]
    begins = (TIMES[11] - TIMES[0]) / 12800
    assert told["shots"][1]["at"] == f"00:00:{begins:06.3f}"
    color = {"guidance": {"version": 1, "shots": [{"at": told["shots"][1]["at"]}]}}
    assert film_server.post(f"{path}/color", json=color).status_code == 202
    assert film_server.delete(f"{path}/color").status_code == 204


def test_stills_that_are_small_or_in_color(film_server: Server, path: str) -> None:
    small = Image.open(io.BytesIO(film_server.get(f"{path}/frames/3?width=24").content))
    assert (small.size, small.mode) == ((24, 32), "L")
    colored = Image.open(io.BytesIO(film_server.get(f"{path}/frames/3?color=true").content))
    assert (colored.size, colored.mode) == ((48, 64), "RGB")


def test_a_frame_as_a_photograph(film_server: Server, path: str) -> None:
    answer = film_server.post(f"{path}/frames/12/canvas")
    assert answer.status_code == 201
    told, canvas = answer.json(), answer.headers["location"]
    assert (told["width"], told["height"], told["format"]) == (48, 64, "png")
    assert film_server.get(canvas).json() == told
    gray = film_server.post(
        f"{canvas}/colorize", json={"guidance": {"version": 1, "strength": 0}}
    ).content
    assert np.abs(decoded(gray)[..., 0].astype(int) - np.rot90(FRAMES[12])).max() <= 2
    assert film_server.post(f"{canvas}/colorize", json={"side": 32}).status_code == 200
    assert film_server.delete(canvas).status_code == 204


def test_hints_are_where_their_things_are_in_another_frame(film_server: Server, path: str) -> None:
    def shot(at: int, *points: tuple[float, float]) -> dict[str, object]:
        spots = [{"points": [point], "unit": "fractions", "color": "teal"} for point in points]
        return {"at": at, "hints": spots}

    def places(frame: int) -> dict[str, list[list[float]]]:
        answer = film_server.post(f"{path}/frames/{frame}/hints", json=asked)
        assert answer.status_code == 200, answer.text
        return {one["hint"]: one["points"] for one in answer.json()}

    shots = [shot(3, (0.5, 0.4), (0.2, 0.97)), shot(15, (0.5, 0.5)), shot(9, (0.75, 0.5))]
    asked = {"guidance": {"version": 1, "shots": shots}}
    assert places(3)["shots[0].hints[0]"] == [pytest.approx((0.5, 0.4))]
    found = places(8)  # the camera has moved on by 5 of 64 pixels, and the other shot is no matter
    assert found == {
        "shots[0].hints[0]": [pytest.approx((0.5, 0.4 + 5 / 64), abs=0.01)],
        "shots[2].hints[0]": [pytest.approx((0.75, 0.5 - 1 / 64), abs=0.01)],
    }
    assert places(15) == {"shots[1].hints[0]": [pytest.approx((0.5, 0.5))]}

    asked = {"guidance": {"version": 1, "shots": [shot(20, (0.5, 0.5))]}}
    assert problem(film_server.post(f"{path}/frames/3/hints", json=asked)) == (422, "shots[0].at")
    asked = {"guidance": {"version": 1, "shots": [shot(3, (1.5, 0.5))]}}
    answer = film_server.post(f"{path}/frames/3/hints", json=asked)
    assert problem(answer) == (422, "shots[0].hints[0]")


def test_hints_hold_where_the_film_cuts_back(film_server: Server, tmp_path: Path) -> None:
    made = write_film(tmp_path / "b.mkv", film("aba", 8), codec="ffv1")
    hint = {"points": [(0.7, 0.2)], "unit": "fractions", "color": "teal"}
    asked = {"guidance": {"version": 1, "shots": [{"at": 2, "hints": [hint]}]}}
    with film_on(film_server, made.read_bytes(), name="b.mkv") as path:
        told = film_server.get(path).json()["shots"]
        assert [shot["again"] for shot in told] == [None, None, 1]
        here, away, again = (
            film_server.post(f"{path}/frames/{frame}/hints", json=asked).json()
            for frame in (4, 12, 20)
        )
    assert [one["hint"] for one in here] == [one["hint"] for one in again] == ["shots[0].hints[0]"]
    assert again[0]["points"][0] == pytest.approx((0.7, 0.2), abs=0.03)
    assert not away


def test_following_hints_for_too_long_tells_what_can_be_done_about_a_film(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(*_: object) -> Any:
        return SimpleNamespace(guidance={})

    def found(*_: object) -> Any:
        while True:
            checkpoint()
            time.sleep(0.01)

    async def receive() -> Any:
        await asyncio.sleep(60)

    monkeypatch.setattr(frames, "_checked", lambda film, _: film)
    monkeypatch.setattr(frames, "read_json", body)
    monkeypatch.setattr(frames, "_found", found)
    jobs = Jobs(threads=1, max_waiting=1, timeout=0.1)
    film = SimpleNamespace(renamed=lambda error: error)
    state: Any = SimpleNamespace(jobs=jobs, films=SimpleNamespace(get=lambda _: film))
    request: Any = SimpleNamespace(receive=receive)
    with pytest.raises(ApiError) as error:
        asyncio.run(frames.find_hints("id", 9, request, state))
    jobs.close()
    told = error.value.detail
    assert told.code == "too_long"
    assert told.remedy.startswith("choose a frame nearer")


def test_a_spot_is_as_large_on_a_frame_as_in_the_film(film_server: Server, path: str) -> None:
    """A point that is colored is the cells around it in films, which changes how far it spreads."""
    canvas = film_server.post(f"{path}/frames/12/canvas").headers["location"]
    width, height = 48, 64

    def colored(point: list[float], radius: float, unit: str) -> Any:
        hint = {"points": [point], "radius": radius, "unit": unit, "color": "teal"}
        asked = {"guidance": {"version": 1, "hints": [hint]}, "format": "png"}
        return decoded(film_server.post(f"{canvas}/colorize", json=asked).content).astype(int)

    least = colored([0.5, 0.5], CELL, "fractions")
    assert np.array_equal(colored([0.5, 0.5], 0, "fractions"), least)
    assert np.array_equal(colored([width / 2, height / 2], 0, "pixels"), least)
    assert not np.array_equal(colored([0.5, 0.5], 0.2, "fractions"), least)
    assert film_server.delete(canvas).status_code == 204


@pytest.mark.parametrize(
    ("frame", "expected"),
    [("20", (404, "frame")), ("-1", (422, "frame")), ("first", (422, "frame"))],
)
def test_frames_that_are_not_there(
    film_server: Server, path: str, frame: str, expected: tuple[int, str]
) -> None:
    assert problem(film_server.get(f"{path}/frames/{frame}")) == expected
    assert problem(film_server.post(f"{path}/frames/{frame}/canvas")) == expected
    assert problem(film_server.post(f"{path}/frames/{frame}/hints")) == expected
    other = path.rpartition("/")[0] + "/other"
    assert code(film_server.get(f"{other}/frames/{frame}"))[0] in (404, 422)


def test_options_that_make_no_sense(film_server: Server, path: str) -> None:
    assert problem(film_server.get(f"{path}/frames/0?width=0")) == (422, "width")
    assert problem(film_server.get(f"{path}/frames/0?height=9")) == (422, "height")
    assert problem(film_server.post(f"{path}/frames/0/canvas?model=x")) == (404, "model")


def test_a_film_that_is_gone_on_disk(film_server: Server, film: bytes, films_folder: Path) -> None:
    with film_on(film_server, film, name="b.mp4") as path:
        (source,) = films_folder.glob(f"*/{path.rpartition('/')[2]}/source.mp4")
        source.unlink()
        answer = film_server.get(f"{path}/frames/0")
        assert problem(answer) == (422, "b.mp4")
        assert str(films_folder) not in answer.text
        hint = {"points": [[1, 1]], "color": "teal"}
        asked = {"guidance": {"version": 1, "shots": [{"at": 0, "hints": [hint]}]}}
        answer = film_server.post(f"{path}/frames/1/hints", json=asked)
        assert problem(answer) == (422, "b.mp4")
        assert str(films_folder) not in answer.text
