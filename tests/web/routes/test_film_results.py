"""Colored films, as players and browsers ask for them."""

from collections.abc import Iterator

import pytest

from tests.web.conftest import Server
from tests.web.film_helpers import colored, film_on
from tests.web.helpers import code


@pytest.fixture(scope="module")
def path(film_server: Server, film: bytes) -> Iterator[str]:
    """A film that is colored."""
    with film_on(film_server, film, name='the "best" días.m4v') as path:
        colored(film_server, path)
        yield path


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-", 206, 0, None),
        ("bytes=100-199", 206, 100, 200),
        ("bytes=100-999999999", 206, 100, None),
        ("bytes=-100", 206, -100, None),
        ("bytes=200-100", 200, 0, None),
        ("bytes=0-1,5-9", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("lines=0-9", 200, 0, None),
        ("bytes=٣-٤", 200, 0, None),
    ],
)
def test_parts_of_the_file(
    film_server: Server, path: str, asked: str, status: int, start: int, end: int | None
) -> None:
    whole = film_server.get(f"{path}/result").content
    for method in ("GET", "HEAD"):
        answer = film_server.request(method, f"{path}/result", headers={b"range": asked.encode()})
        wanted = whole[start:end]
        assert answer.status_code == status
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-length"] == str(len(wanted))
        assert answer.content == (wanted if method == "GET" else b"")


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=-0"])
def test_a_part_beyond_the_end(film_server: Server, path: str, asked: str) -> None:
    answer = film_server.get(f"{path}/result", headers={"range": asked})
    assert code(answer) == (416, "no_such_range")
    size = film_server.get(path).json()["result"]["bytes"]
    assert answer.headers["content-range"] == f"bytes */{size}"


def test_a_part_of_what_was_colored_before(film_server: Server, path: str) -> None:
    """As who goes on with a download asks for it: what is there now comes from its beginning."""
    whole = film_server.get(f"{path}/result")
    for asked in ("bytes=9-", "bytes=999999999-"):
        headers = {"range": asked, "if-range": '"before"'}
        answer = film_server.get(f"{path}/result", headers=headers)
        assert (answer.status_code, answer.content) == (200, whole.content)
    headers = {"range": "bytes=9-", "if-range": whole.headers["etag"]}
    assert film_server.get(f"{path}/result", headers=headers).status_code == 206


def test_a_film_to_be_saved(film_server: Server, path: str) -> None:
    assert "content-disposition" not in film_server.head(f"{path}/result").headers
    saved = film_server.get(f"{path}/result?download=true").headers["content-disposition"]
    assert saved == "attachment; filename*=utf-8''the%20%22best%22%20d%C3%ADas-color.mp4"
    assert code(film_server.get(f"{path}/preview?download=true")) == (404, "no_result")
    assert film_server.head(f"{path}/preview").status_code == 404
