"""What FTP's errors mean."""

import tarfile
from collections.abc import Iterator
from ftplib import error_perm
from pathlib import Path

import pyarrow.parquet
import pytest

from colornet import stores
from colornet.archive.inside import find
from colornet.archive.listing import Faults, files
from colornet.archive.places import Place
from colornet.urls import stripped
from tests.ftp_server import Server, serving


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(stores, "FIRST", 0.0)
    for name in ("scans/a/1.jpg", "scans/b/2.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"picture")
    with serving(tmp_path) as server:
        yield server


def found(server: Server) -> tuple[list[str], Faults]:
    fs, path = stripped(f"{server.url}/scans")
    faults = Faults()
    return list(files(fs, {"name": path, "type": "directory"}, faults)), faults


@pytest.mark.parametrize("command", ["MLSD /scans", "MLSD /scans/b", "MLSD /"])
def test_a_folder_that_is_not_listed_for_now_is_not_empty(server: Server, command: str) -> None:
    server.refused[command] = ["426 Connection closed."]
    assert found(server) == (["/scans/a/1.jpg", "/scans/b/2.jpg"], {})


def test_a_folder_that_is_never_listed_is_told(server: Server) -> None:
    server.refused = {f"{each} /scans/a": ["550 Denied."] * 9 for each in ("MLSD", "LIST")}
    names, faults = found(server)
    assert names == ["/scans/b/2.jpg"]
    assert faults["/scans/a"].startswith("ftp://127.0.0.1/scans/a: cannot be read (550 Denied.)")


@pytest.mark.parametrize("kind", ["tar", "parquet"])
def test_a_file_whose_transfer_is_refused_for_now_is_listed(
    kind: str, server: Server, tmp_path: Path
) -> None:
    path = tmp_path / f"scans.{kind}"
    if kind == "tar":
        with tarfile.open(path, "w") as tar:
            tar.add(tmp_path / "scans/a/1.jpg", "1.jpg")
    else:
        pyarrow.parquet.write_table(pyarrow.table({"name": ["1.jpg"], "bytes": [b"picture"]}), path)
    server.refused[f"RETR /{path.name}"] = ["426 Connection closed.", "421 Too many."]
    assert [picture.name for picture in find(f"{server.url}/{path.name}")] == ["1.jpg"]
    assert server.refused == {f"RETR /{path.name}": []}


def test_what_another_process_did_already_is_done(server: Server, tmp_path: Path) -> None:
    one, other = (stripped(f"{server.url}/new/folder") for _ in range(2))
    for fs, path in (one, other):
        fs.mkdir(path)
    with pytest.raises(error_perm):
        one[0].mkdir("/scans/a/1.jpg")
    place = Place.of(f"{server.url}/new")
    place.remove("gone")
    server.loses.append("RNTO")
    place.write("plan.json", b"{}")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"folder", "plan.json"}
    server.refused["DELE /new/plan.json"] = ["550 Denied."]
    with pytest.raises(Exception, match="Denied"):
        place.remove("plan.json")
