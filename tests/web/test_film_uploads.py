"""Films in forms, and a disk that is full."""

from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Server
from tests.web.film_helpers import FILMS
from tests.web.helpers import problem


def test_a_film_in_a_form(film_server: Server, film: bytes) -> None:
    files = {"film": ("grandma's reel.mp4", film)}
    told = film_server.post(FILMS, files=files).json()
    assert told["name"] == "grandma's reel.mp4"
    film_server.delete(f"{FILMS}/{told['id']}")
    told = film_server.post(FILMS, files=files, data={"name": "other"}).json()
    assert told["name"] == "other"
    film_server.delete(f"{FILMS}/{told['id']}")


@pytest.mark.parametrize(
    ("form", "subject"),
    [
        ({"data": {"name": "a"}, "files": {}}, "film"),
        ({"files": {"picture": b""}}, "picture"),
        ({"files": {"film": ("a.mp4", b""), "name": ("b", b"c")}}, "name"),
        ({"files": {"film": (None, "text")}}, "film"),
        ({"files": {"film": b""}, "data": {"partial": "perhaps"}}, "partial"),
        ({"files": {"film": b""}, "params": {"name": "a"}, "data": {"name": "b"}}, "name"),
        ({"files": [("film", b"1"), ("film", b"2")]}, "film"),
        ({"files": {"film": b""}}, "upload"),
    ],
)
def test_forms_of_any_kind(
    film_server: Server, films_folder: Path, form: dict[str, Any], subject: str
) -> None:
    if not form.get("files"):
        boundary = "b"
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--b--\r\n'
        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        form = {"content": body.encode(), "headers": headers}
    assert problem(film_server.post(FILMS, **form)) == (422, subject)
    assert [folder.name for folder in films_folder.glob("*/*") if folder.is_dir()] == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=b", b"--x\r\n\r\n--x--"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="film"'),
        ("multipart/mixed; boundary=b", b"--b--"),
    ],
)
def test_damaged_forms(film_server: Server, kind: str, body: bytes) -> None:
    answer = film_server.post(FILMS, content=body, headers={"content-type": kind})
    assert problem(answer) == (422, "the form")
