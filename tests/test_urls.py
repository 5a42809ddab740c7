from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from colornet.archive.places import Place
from colornet.errors import OptionError
from colornet.urls import is_object_store, is_url, local, stripped


class Hosted(MemoryFileSystem):  # type: ignore[misc]
    """As FTP, SFTP or SMB are: its URLs name a server."""

    protocol = "hosted"
    store: ClassVar[dict[str, Any]] = {}

    def __init__(self, host: str, **options: Any) -> None:
        super().__init__(**options)
        self.host = host

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.partition("://")[2].partition("/")[2] if "://" in path else path

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, Any]:
        return {"host": path.partition("://")[2].partition("/")[0]}


@pytest.fixture
def hosted() -> Iterator[None]:
    fsspec.register_implementation("hosted", Hosted, clobber=True)
    yield
    Hosted.store.clear()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("scans/a.jpg", "scans/a.jpg"),
        ("a%20b.jpg", "a%20b.jpg"),
        ("file:///a%20b.jpg", "/a b.jpg"),
        ("FILE:///a.jpg", "/a.jpg"),
        ("local:///a.jpg", "/a.jpg"),
    ],
)
def test_a_path_is_told_from_a_url(name: str, path: str) -> None:
    assert not is_url(name)
    assert local(name) == path


def test_a_url_stays_as_it_is() -> None:
    assert is_url("s3://bucket/a%20b.jpg")
    assert local("s3://bucket/a%20b.jpg") == "s3://bucket/a%20b.jpg"


@pytest.mark.usefixtures("hosted")
def test_a_server_is_the_one_of_the_url() -> None:
    fs, path = stripped("hosted://archive.example.org/scans/a.jpg")
    assert (fs.host, path) == ("archive.example.org", "/scans/a.jpg")
    assert not is_object_store(fs)
    assert is_object_store(stripped("memory://scans")[0])


@pytest.mark.usefixtures("hosted")
def test_a_place_on_a_server_is_written_and_read() -> None:
    place = Place.of("hosted://archive.example.org/scans")
    place.write("plan.json", b"{}")
    assert place.read("plan.json") == b"{}"
    assert [name for name, _ in place.names()] == ["plan.json"]


def test_an_unknown_protocol_is_told() -> None:
    with pytest.raises(OptionError, match="Protocol not known: xyz"):
        stripped("xyz://scans")
