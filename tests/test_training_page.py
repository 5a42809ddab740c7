"""What docs/training.md says can be run here is run, on small pictures; the rest is checked."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colornet.cli.app import main
from colornet.train.log import read_log
from tests.train.conftest import patches
from tests.train.data.test_stream import pack
from tests.walkthrough import Page, Walkthrough, blocks

PAGE = Page("training.md")
RECIPE = """
network: {name: iizuka, width: 0.1, global_size: 32}
size: 32
epochs: 1
batch: 8
workers: 2
precision: 32-true
"""


@pytest.fixture(scope="module")
def walkthrough(tmp_path_factory: pytest.TempPathFactory) -> Walkthrough:
    folder = tmp_path_factory.mktemp("training")
    (folder / "recipe.yaml").write_text(RECIPE)
    (folder / "shards").mkdir()
    rng = np.random.default_rng(0)
    for i in range(16):
        path = folder / "pictures" / ("cat", "dog")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        patches(rng, 32).save(path)
    for i in range(4):
        pack(folder / "pictures", folder / "shards" / f"photos-{i}.tar")
    return PAGE.walkthrough(folder)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@PAGE.each_command
def test_commands_do_what_they_say(command: str, walkthrough: Walkthrough) -> None:
    walkthrough.run(command)
    run = walkthrough.folder / command.split(" -o ")[1].split()[0]
    (epoch,) = read_log(run)
    assert epoch["train"] > 0
    assert (run / "checkpoints" / "last.ckpt").is_file()
    assert (run / "cache").is_dir()


@pytest.mark.parametrize("script", [*blocks("sh", PAGE.text), *blocks("bash", PAGE.text)])
def test_scripts_are_sound(script: str, tmp_path: Path) -> None:
    path = tmp_path / "script.sh"
    path.write_text(script if script.startswith("#!") else f"#!/bin/bash\n{script}")
    shellcheck = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run([shellcheck, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_options_of_all_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--help"]) == 0
    known = capsys.readouterr().out
    for block in [*blocks("sh", PAGE.text), *blocks("bash", PAGE.text)]:
        for line in block.replace("\\\n", "").splitlines():
            asked = line.partition("colornet train")[2].split()
            assert all(word in known for word in asked if word.startswith("--")), line


@pytest.mark.slow
def test_an_error_of_several_processes_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "colornet", "train", "empty", "--devices", "2", "-b", "8"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"}
    )
    assert done.returncode == 1
    assert done.stderr.count("colornet: empty: holds no pictures") == 1
    assert done.stderr.count("\n") == 1
    assert not done.stdout
