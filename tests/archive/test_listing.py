"""What cannot be listed is a row with an error, and never left out in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from colornet import stores
from colornet.archive.listing import Faults, files
from colornet.archive.places import Place
from colornet.archive.units import Plan
from tests.archive.conftest import color

Planned = Callable[..., Plan]
POWERS = "-dac_override,-dac_read_search"
"""By which root reads everything."""


class Handler(SimpleHTTPRequestHandler):
    """Folders whose names are codes answer by these: "503-once" only at first."""

    asked: Counter[str]

    def list_directory(self, path):
        name = Path(path).name
        code, _, more = name.partition("-")
        self.asked[name] += 1
        if code.isdecimal() and not (more and self.asked[name] > 1):
            return self.send_error(int(code))
        return super().list_directory(path)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path, album: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a copy of the album, with folders that cannot be listed."""
    monkeypatch.setattr(stores, "FIRST", 0.01)
    for name in ("roll2/403", "roll2/404", "roll2/503-once"):
        shutil.copytree(album / "roll1", tmp_path / "web" / name)
    shutil.copytree(album / "roll0", tmp_path / "web/roll0")
    Handler.asked = Counter()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=str(tmp_path / "web"))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("pattern", ["", "/**/*.jpg"])
def test_a_folder_of_the_web_that_cannot_be_listed_is_a_row(
    pattern: str, tmp_path: Path, web: str, planned: Planned
) -> None:
    told = color(planned(f"{web}{pattern}", tmp_path / "color"))
    failed = {source[len(web) :]: error for source, error in told.items() if error}
    assert set(failed) == {"/roll2/403", "/roll2/404"}
    assert all("cannot be read (" in error for error in failed.values())
    assert len(told) - len(failed) == 6 + 4
    assert Handler.asked["403"] <= 2
    assert Handler.asked["503-once"] >= 2


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_pattern_of_the_web_finds_what_it_names(
    tmp_path: Path, web: str, planned: Planned
) -> None:
    plan = planned(f"{web}/roll2/5*/*.jpg", tmp_path / "color")
    assert len(color(plan)) == 4


def without_powers(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as one who may not read everything."""
    take = ["setpriv", "--bounding-set", POWERS, "--inh-caps", POWERS]
    if os.geteuid() or not shutil.which("setpriv"):
        take = []
    return subprocess.run(
        [*take, sys.executable, "-m", "colornet", *command], capture_output=True, text=True
    )


@pytest.mark.skipif(
    not os.geteuid() and not shutil.which("setpriv"), reason="root may read everything"
)
@pytest.mark.parametrize("source", ["album", "album/**/*.jpg", "album/*/*.jpg", "/"])
def test_a_folder_without_permission_is_a_row(
    source: str, tmp_path: Path, album: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if source == "/":  # a pattern that begins at the root
        source = f"/?{str(album)[2:]}/*/*.jpg"
    (album / "roll1").chmod(0)
    done = without_powers("archive", source, "-o", "color", "--model", str(tiny_model))
    (album / "roll1").chmod(0o700)
    assert done.returncode == 1
    assert done.stderr == (
        f"colornet: {album}/roll1: cannot be read (permission denied); allow reading the folder "
        "(chmod +rx)\ncolornet: 6 done, 1 failed of 7 planned\n"
    )


@pytest.mark.skipif(
    not os.geteuid() and not shutil.which("setpriv"), reason="root may read everything"
)
def test_a_destination_that_cannot_be_read_is_told(
    tmp_path: Path, album: Path, planned: Planned
) -> None:
    color(planned(album, tmp_path / "color"))
    parts = tmp_path / "color/parts"
    parts.chmod(0)
    ends = [without_powers("archive", how, str(parts.parent)) for how in ("--status", "--merge")]
    parts.chmod(0o700)
    for end in ends:
        assert end.returncode == 1
        assert end.stderr.startswith(f"colornet: {parts}: cannot be read (permission denied); ")
        assert end.stderr.count("\n") == 1


def test_a_file_that_vanishes_while_names_are_listed_hides_no_other(tmp_path: Path) -> None:
    """As temporary files do, while other processes write parts."""
    for number in range(100):
        (tmp_path / f"{number}.part").touch()
    names = Place(str(tmp_path)).names()
    found = [next(names)[0]]
    for path in tmp_path.iterdir():
        if int(path.stem) % 2:
            path.unlink()
    found += [name for name, _ in names]
    assert {f"{number}.part" for number in range(0, 100, 2)} <= set(found)


def test_a_pattern_leads_into_folders_that_a_server_lists_as_links(album: Path) -> None:
    class Links(LocalFileSystem):  # type: ignore[misc]
        """As SFTP lists them."""

        def ls(self, path: str, detail: bool = False, **options: Any) -> list[Any]:
            found = super().ls(path, detail, **options)
            return [one | {"type": "link"} if one["islink"] else one for one in found]

    (album / "linked").symlink_to("roll1")
    (album / "nowhere").symlink_to("roll9")
    fs, faults = Links(), Faults()
    top = fs.info(str(album))
    found = list(files(fs, top, faults, ["*", "0[67].jpg"]))
    assert found == [
        f"{album}/{name}"
        for name in ("linked/06.jpg", "linked/07.jpg", "roll1/06.jpg", "roll1/07.jpg")
    ]
    assert not faults
