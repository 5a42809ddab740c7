from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from colornet import stores
from colornet.archive.order import Order
from colornet.archive.places import Place, absolute
from colornet.archive.planning import plan
from colornet.archive.sources import Finder
from colornet.errors import OptionError
from colornet.guidance import Guidance
from colornet.picture import Encoding
from colornet.train.data.shards import expand
from colornet.urls import is_object_store, is_url, local, stripped


class Hosted(MemoryFileSystem):  # type: ignore[misc]
    """As FTP, SFTP or SMB are: its URLs name a server."""

    protocol = "hosted"
    store: ClassVar[dict[str, Any]] = {}

    def __init__(self, host: str) -> None:  # SFTP's knows no option for listings either
        super().__init__()
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


@pytest.mark.usefixtures("hosted")
def test_a_folder_of_the_same_name_on_another_server_is_not_the_destination() -> None:
    Place.of("hosted://one/scans").write("a.jpg", b"")
    for server, found in (("two", 1), ("one", 0)):
        pictures = Finder(f"hosted://{server}/scans", None).find(["hosted://one/scans"])
        assert len(list(pictures)) == found


PASSWORDS = [
    ("ftp://anna:geheim@host/scans", "ftp://anna@host/scans", "set FSSPEC_FTP_PASSWORD"),
    ("SFTP://anna:g@heim@host:22", "SFTP://anna@host:22", "set FSSPEC_SFTP_PASSWORD"),
    ("https://anna:geheim@host/a.tar", "https://anna@host/a.tar", "~/.netrc"),
    ("s3://anna:geheim@bucket/a.tar", "s3://anna@bucket/a.tar", "AWS_SECRET_ACCESS_KEY"),
]


@pytest.mark.parametrize(("url", "shown", "remedy"), PASSWORDS)
def test_a_password_is_refused_and_not_shown(url: str, shown: str, remedy: str) -> None:
    for take in (absolute, lambda name: expand([name])):
        with pytest.raises(OptionError, match="holds a password") as caught:
            take(url)
        assert str(caught.value).startswith(f"{shown}: ")
        assert remedy in str(caught.value)
        assert "heim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://anna@host:21/a:b@c.jpg",
        "abfs://scans@account.dfs.core.windows.net/a.jpg",
        "github://org:repository@main/a.jpg",
    ],
)
def test_what_is_no_password_is_not_taken_for_one(url: str) -> None:
    assert absolute(url) == url


def test_a_password_in_a_list_gets_into_no_plan(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "names.txt").write_text("ftp://anna:geheim@host/a.jpg\n", encoding="utf-8")
    order = Order.of(str(tiny_model), Guidance(), Encoding(), False, "tree")
    with pytest.raises(OptionError, match=r"^ftp://anna@host/a\.jpg: holds a password"):
        plan([str(tmp_path / "names.txt")], Place.of(str(tmp_path / "out")), order)
    assert not (tmp_path / "out").exists()


def test_an_unknown_protocol_is_told() -> None:
    with pytest.raises(OptionError, match="Protocol not known: xyz"):
        stripped("xyz://scans")


@pytest.mark.parametrize("protocol", ["ftp", "sftp"])
def test_a_server_that_cannot_be_connected_to_for_now_is_tried_again(
    protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "FIRST", 0.0)
    faults = [ConnectionResetError("reset"), TimeoutError("slow")]

    class Slow(Hosted):
        def __init__(self, host: str, **options: Any) -> None:
            if faults:
                raise faults.pop()
            super().__init__(host)

    monkeypatch.setattr("colornet.ftp.Ftp", Slow)
    monkeypatch.setattr(fsspec, "get_filesystem_class", lambda _: Slow)
    assert stripped(f"{protocol}://host/scans")[1] == "/scans"
    assert not faults


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paramiko", None)
    monkeypatch.delitem(sys.modules, "fsspec.implementations.sftp", raising=False)
    with pytest.raises(OptionError, match="needs paramiko; pip install paramiko"):
        stripped("sftp://host/scans")
