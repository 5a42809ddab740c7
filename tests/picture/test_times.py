"""Times of files go over to the results if that is asked for."""

import os

import pytest

from colornet import Colorizer, Encoding, colorize
from colornet.cli.app import main
from tests.picture.making import GRAY, stored

TAKEN = (1_000_000_000_123_456_789, 900_000_000_987_654_321)
"""Read, changed; in nanoseconds."""


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "album" / "scan.png"
    path.parent.mkdir()
    path.write_bytes(stored(GRAY))
    os.utime(path, ns=TAKEN)
    return path


def times(path):
    return path.stat().st_atime_ns, path.stat().st_mtime_ns


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_times_are_kept_when_asked_for(tiny_model, scan, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    colorize(scan, target, model=tiny_model, keep_times=True)
    assert times(target) == TAKEN
    colorize(scan, target, model=tiny_model, overwrite=True)
    assert times(target)[1] > TAKEN[1]


def test_times_of_variants(guided_model, scan, tmp_path):
    canvas = Colorizer(guided_model).open(scan)
    for path in canvas.save_variants(2, tmp_path / "a.png", encoding=Encoding(keep_times=True)):
        assert times(path) == TAKEN


def test_what_is_no_file_has_no_times(tiny_model, tmp_path):
    target = colorize(GRAY, tmp_path / "out.png", model=tiny_model, keep_times=True)
    assert times(target)[1] > TAKEN[1]


def test_times_in_a_folder(tiny_model, scan, tmp_path, capsys):
    command = ["colorize", str(scan.parent), "-o", str(tmp_path / "out")]
    command += ["--model", str(tiny_model), "--keep-times"]
    assert main(command) == 0
    assert times(tmp_path / "out" / scan.name) == TAKEN
    assert main(command) == 0
    assert "1 skipped" in capsys.readouterr().err


def test_times_need_files(tiny_model, scan, capsys):
    assert main(["colorize", str(scan), "-o", "-", "--keep-times", "--model", str(tiny_model)]) != 0
    assert "--keep-times: needs files" in capsys.readouterr().err
