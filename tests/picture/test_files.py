"""Files are written whole or not at all, by one process at a time."""

import os
from pathlib import Path

import pytest

from colornet.errors import UnreadablePicture, UnwritablePicture
from colornet.picture import read, remove_leftover, whole_file
from colornet.picture.files import peek


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fail(*arguments: object) -> None:
    raise OSError("no hard links here")


@pytest.mark.parametrize("links", [True, False])
def test_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", fail)
    target = tmp_path / "a.jpg"
    with whole_file(target, overwrite=False) as file:
        file.write(b"first")
        assert not target.exists()
    assert target.read_bytes() == b"first"
    assert names(tmp_path) == ["a.jpg"]
    with pytest.raises(FileExistsError), whole_file(target, overwrite=False) as file:
        file.write(b"second")
    assert target.read_bytes() == b"first"
    with whole_file(target) as file:
        file.write(b"third")
    assert target.read_bytes() == b"third"
    assert names(tmp_path) == ["a.jpg"]


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "a.jpg") as file:
        file.write(bytes([1 // 0]))
    assert names(tmp_path) == []


def test_another_process_is_writing(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    with whole_file(target) as file:
        file.write(b"first")
        with (
            pytest.raises(UnwritablePicture, match="being written by another process"),
            whole_file(target),
        ):
            pass
        remove_leftover(target)
    assert target.read_bytes() == b"first"


def test_leftover_of_a_killed_process(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    with whole_file(target):
        (leftover,) = names(tmp_path)
    target.unlink()
    (tmp_path / leftover).write_bytes(b"half of a longer file")
    remove_leftover(target)
    remove_leftover(target)
    assert names(tmp_path) == []
    (tmp_path / leftover).write_bytes(b"half of a longer file")
    with whole_file(target) as file:
        file.write(b"whole")
    assert target.read_bytes() == b"whole"


def test_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadablePicture, match="is a pipe or device"):
        read(tmp_path / "pipe.jpg")


def test_peek_at_a_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"content")

    def refuse(*arguments: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    with peek(tmp_path / "a.jpg") as file:
        assert file.read() == b"content"
