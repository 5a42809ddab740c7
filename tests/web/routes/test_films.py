"""Films: uploaded, looked at, colored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.video.films import chroma_of, decoded, gray_frames, write_film
from tests.web.conftest import Server
from tests.web.film_helpers import FILMS, colored, film_on, settled
from tests.web.helpers import code, exchange, problem


@pytest.fixture(scope="module")
def path(film_server: Server, film: bytes) -> Iterator[str]:
    """A film that is ready."""
    with film_on(film_server, film, name="holiday.mp4") as path:
        yield path


def test_a_film_is_looked_at(film_server: Server, film: bytes, films_folder: Path) -> None:
    answer = film_server.post(FILMS, content=film, params={"name": "../../holiday.mp4"})
    assert answer.status_code == 201
    path = answer.headers["location"]
    told = settled(film_server, path)
    assert path == f"{FILMS}/{told['id']}"
    assert told["name"] == "../../holiday.mp4"
    assert (told["width"], told["height"], told["pixel_aspect"]) == (64, 48, 1)
    assert (told["fps"], told["frames"], told["seconds"]) == (25, 12, 0.48)
    assert told["shots"] == [
        {"number": 1, "frame": 0, "at": "00:00:00.000", "seconds": 0.24, "again": None},
        {"number": 2, "frame": 6, "at": "00:00:00.240", "seconds": 0.24, "again": None},
    ]
    nothing = ("done", "part", "result", "preview", "error")
    assert all(told[name] is None for name in nothing)
    (folder,) = films_folder.glob(f"*/{told['id']}")
    assert film_server.delete(path).status_code == 204
    assert not folder.exists()
    assert code(film_server.get(path)) == (404, "no_such_film")
    assert code(film_server.delete(path)) == (404, "no_such_film")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"junk" * 100, "cannot be read as a film"),
        (b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrl", "cannot be read|no video"),
    ],
)
def test_what_is_no_film(
    film_server: Server, films_folder: Path, content: bytes, reason: str
) -> None:
    answer = film_server.post(FILMS, content=content, params={"name": "a.avi"})
    assert code(answer) == (422, "unreadable_film")
    told = answer.json()["error"]
    assert told["subject"] == "a.avi"
    assert any(words in told["reason"] for words in reason.split("|"))
    assert str(films_folder) not in answer.text
    assert [folder.name for folder in films_folder.glob("*/*") if folder.is_dir()] == []


def test_a_film_that_ends_too_early(film_server: Server, tmp_path: Path) -> None:
    made = write_film(tmp_path / "a.mkv", gray_frames(60), codec="mpeg4", options={"b": "2M"})
    content = made.read_bytes()
    half = content[: len(content) // 2]
    path = film_server.post(FILMS, content=half, params={"name": "a.mkv"}).headers["location"]
    told = settled(film_server, path)
    assert (told["error"]["code"], told["error"]["subject"]) == ("unreadable_film", "a.mkv")
    assert "partial=true" in told["error"]["remedy"]
    assert (told["frames"], told["shots"]) == (None, [])
    assert code(film_server.post(f"{path}/color")) == (409, "film_not_ready")
    assert code(film_server.get(f"{path}/frames/0")) == (409, "film_not_ready")
    film_server.delete(path)
    with film_on(film_server, half, name="a.mkv", partial=True) as path:
        told = film_server.get(path).json()
        assert 0 < told["frames"] < 60
        assert [one["code"] for one in told["notices"]] == ["film-damaged"]
        assert told["notices"][0]["subject"] == "a.mkv"


def test_no_more_films_than_may_be(film_server: Server, film: bytes) -> None:
    with film_on(film_server, film), film_on(film_server, film):
        assert code(film_server.post(FILMS, content=film)) == (503, "too_many_films")


def test_limits(film_server: Server, tmp_path: Path, films_folder: Path) -> None:
    slow = write_film(tmp_path / "a.mkv", gray_frames(5), pts=[0, 512, 1024, 1536, 12800 * 9])
    answer = film_server.post(FILMS, content=slow.read_bytes())
    assert code(answer) == (413, "film_too_large")
    assert "lasts longer than 8 seconds" in answer.json()["error"]["reason"]
    wide = write_film(tmp_path / "b.mkv", [np.zeros((900, 1200), np.uint8)])
    answer = film_server.post(FILMS, content=wide.read_bytes())
    assert code(answer) == (413, "film_too_large")
    assert "1200 x 900" in answer.json()["error"]["reason"]
    for content in (b"0" * (1 << 21), iter([b"0" * (1 << 20)] * 3)):
        assert code(film_server.post(FILMS, content=content)) == (413, "upload_too_large")
    head = f"POST {FILMS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {1 << 50}\r\n\r\n"
    assert exchange(film_server, head.encode()).startswith(b"HTTP/1.1 413 ")
    assert [folder.name for folder in films_folder.glob("*/*") if folder.is_dir()] == []
    limits = film_server.get("/api/v1/models").json()["films"]
    assert limits == {"max_bytes": 1 << 20, "max_seconds": 8, "max_open": 2}


def test_a_preview_and_the_whole_film(film_server: Server, path: str, tmp_path: Path) -> None:
    for kind in ("result", "preview"):
        assert code(film_server.get(f"{path}/{kind}")) == (404, "no_result")
    told = colored(film_server, path, **{"from": 0.2, "to": 0.4})
    assert told["part"] == {"from": 0.2, "to": 0.4}
    assert told["result"] is None
    preview = told["preview"]
    assert (preview["from"], preview["to"], preview["type"]) == (0.2, 0.4, "video/mp4")
    assert preview["seconds"] == pytest.approx(0.2)
    told = colored(film_server, path, strength=0.8)
    assert told["part"] is None
    assert told["done"] is None
    assert told["preview"] == preview
    for kind, frames in (("result", 12), ("preview", 5)):
        content = film_server.get(f"{path}/{kind}").content
        assert len(content) == told[kind]["bytes"]
        (tmp_path / "a.mp4").write_bytes(content)
        assert len(decoded(tmp_path / "a.mp4")) == frames
    again = film_server.post(f"{path}/color", json={"strength": 0.8}).json()
    assert (again["state"], again["result"]) == ("ready", told["result"])
    begun = film_server.post(f"{path}/color", json={"crf": 20}).json()
    assert begun["state"] in ("waiting", "coloring")
    assert (begun["result"], begun["preview"]) == (told["result"], preview)
    assert begun["order"] != begun["result"]["order"]
    assert code(film_server.post(f"{path}/color", json={})) == (409, "coloring")
    assert film_server.delete(f"{path}/color").status_code == 204


HINT = {"points": [[0.5, 0.5]], "color": "red", "unit": "fractions"}


def shots(**shot: Any) -> dict[str, Any]:
    return {"guidance": {"version": 1, "shots": [{"at": 0, "hints": [HINT]}, shot]}}


@pytest.mark.parametrize(
    ("asked", "subject"),
    [
        ({"from": 0.48}, "from"),
        ({"from": -1}, "from"),
        ({"from": "0"}, "from"),
        ({"from": 0.3, "to": 0.2}, "to"),
        ({"from": 0.201, "to": 0.202}, "to"),
        ({"to": 0}, "to"),
        ({"start": 0}, "start"),
        ({"codec": "ffv1"}, "codec"),
        ({"crf": 52}, "crf"),
        ({"crf": 64}, "crf"),
        ({"strength": 2}, "strength"),
        ({"model": "other"}, "model"),
        ({"model": ""}, "model"),
        ({"setting": "loud"}, "setting"),
        ({"guidance": []}, "guidance"),
        ({"guidance": {"version": 2}}, "version"),
        ({"guidance": {"version": 1, "shot": []}}, "shot"),
        (shots(), "shots[1].at"),
        (shots(at=12), "shots[1].at"),
        (shots(at=-1), "shots[1].at"),
        (shots(at="0:00:00.5"), "shots[1].at"),
        (shots(at="soon"), "shots[1].at"),
        (shots(at=1.5), "shots[1].at"),
        (shots(at=1, hints=[{**HINT, "color": "reddish"}]), "shots[1].hints[0].color"),
        (shots(at=1, hints=[HINT, {**HINT, "points": [[2, 0]]}]), "shots[1].hints[1]"),
        (shots(at=1, hints=[{"color": "red"}]), "shots[1].hints[0].points"),
        (shots(at=1, setting="loud"), "shots[1].setting"),
        (shots(at=1, strength=-1), "shots[1].strength"),
        (shots(at=1, levels="auto"), "shots[1].levels"),
        (shots(at=1, reference="/etc/passwd"), "shots[1].reference"),
    ],
)
def test_wrong_orders(film_server: Server, path: str, asked: dict[str, Any], subject: str) -> None:
    before = film_server.get(path).json()
    status, told = problem(film_server.post(f"{path}/color", json=asked))
    assert (status, told) == (404 if "model" in asked else 422, subject)
    assert film_server.get(path).json() == before


def test_corrections_change_their_shot(film_server: Server, path: str, tmp_path: Path) -> None:
    def chroma(**how: Any) -> list[bytes]:
        colored(film_server, path, **how)
        (tmp_path / "a.mp4").write_bytes(film_server.get(f"{path}/result").content)
        return [chroma_of(frame).tobytes() for frame in decoded(tmp_path / "a.mp4")]

    guidance = {"version": 1, "shots": [{"at": "00:00:00.240", "hints": [HINT]}]}
    plain, corrected = chroma(strength=0.8), chroma(strength=0.8, guidance=guidance)
    changed = [one != other for one, other in zip(plain, corrected, strict=True)]
    assert changed == [False] * 6 + [True] * 6


def test_the_description_has_what_only_films_answer(film_server: Server) -> None:
    paths = film_server.get("/openapi.json").json()["paths"]
    described = paths[FILMS]["post"]["responses"]["503"]["description"]
    assert "as many films as it takes" in described
    for kind in ("result", "preview"):
        described = paths[f"{FILMS}/{{film_id}}/{kind}"]["get"]["responses"]["404"]["description"]
        assert "no result yet" in described
    assert "film" not in paths["/api/v1/models"]["get"]["responses"]["503"]["description"]
