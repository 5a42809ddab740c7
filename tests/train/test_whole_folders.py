import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from colornet import whole_files
from colornet.errors import UnwritablePicture
from colornet.train.whole_folders import OLD, alone, building

KILLED = """
import os, signal, sys
from pathlib import Path
from colornet.train.whole_folders import building
with building(Path(sys.argv[1])) as folder:
    (folder / "half").mkdir()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    place = tmp_path / ("ä b" * 60)
    done = subprocess.run([sys.executable, "-c", KILLED, os.fspath(place)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.rglob("half"))) == 1
    with building(place) as folder:
        assert not list(folder.iterdir())
        (folder / "new").touch()
        folder.rename(place)
    assert list(tmp_path.iterdir()) == [place]
    assert [path.name for path in place.iterdir()] == ["new"]


REPLACING = """
import os, signal, sys
from pathlib import Path
from colornet.train.whole_folders import OLD, building
place = Path(sys.argv[1])
with building(place) as folder:
    place.rename(folder.with_name(OLD))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_was_replacing_is_there_again_even_if_the_next_one_fails(
    tmp_path: Path,
) -> None:
    place = tmp_path / "model"
    place.mkdir()
    (place / "only").touch()
    done = subprocess.run([sys.executable, "-c", REPLACING, os.fspath(place)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not place.exists()
    with building(place):  # as one does that fails then
        assert (place / "only").exists()
    assert (place / "only").exists()
    with building(place) as folder:
        place.rename(folder.with_name(OLD))
    assert (place / "only").exists()
    assert list(tmp_path.iterdir()) == [place]


def test_one_at_a_time_writes_at_a_place(tmp_path: Path) -> None:
    place = tmp_path / "new" / "place"
    with (
        building(place),
        pytest.raises(UnwritablePicture, match="by another process"),
        alone(place),
    ):
        pass
    with alone(place):
        pass
    assert not list(place.parent.iterdir())


def test_without_locks_nobody_puts_in_place_what_another_process_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_files, "flock", None)
    place = tmp_path / "model"
    with building(place) as one, building(place) as other:
        (other / "half").touch()
        with pytest.raises(FileNotFoundError):
            one.rename(place)
        other.rename(place)
    assert [path.name for path in place.iterdir()] == ["half"]
    assert list(tmp_path.iterdir()) == [place]
