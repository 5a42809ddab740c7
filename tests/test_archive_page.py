"""What docs/archive.md says can be done is done here; what needs a cluster is checked."""

import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from colornet.archive.manifest import Row
from tests.archive.conftest import write_album
from tests.walkthrough import Page, Walkthrough, blocks

PAGE = Page("archive.md")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page speaks of."""
    folder = tmp_path_factory.mktemp("archive")
    write_album(folder / "scans", 3)
    (folder / "shards").mkdir()
    for number in range(2):
        with tarfile.open(folder / f"shards/{number}.tar", "w") as tar:
            tar.add(folder / "scans/roll0/00.jpg", "class/a.jpg")
    (folder / "names.txt").write_text("scans/roll0/01.jpg\nscans/roll0/02.jpg\n")
    return folder


@pytest.fixture(scope="module")
def walkthrough(folder: Path) -> Walkthrough:
    return PAGE.walkthrough(folder)


@PAGE.each_command
def test_commands_do_what_they_say(command: str, walkthrough: Walkthrough) -> None:
    walkthrough.run(command)


def test_what_they_made_is_what_the_page_says(walkthrough: Walkthrough) -> None:
    walkthrough.run_all()
    folder = walkthrough.folder
    assert (folder / "scans-color/manifest.parquet").exists()
    assert (folder / "named-color/scans/roll0/01.jpg.png").exists()
    assert (folder / "shards-color/000000.tar").exists()
    for output in ("shared", "by-ray"):
        (part,) = (folder / output / "parts").glob("*.jsonl")
        (row, *_) = map(json.loads, part.read_text().splitlines())
        described = set(re.findall(r"`(\w+)`", PAGE.text.split("\nA row has ")[1].split("\n\n")[0]))
        assert row.keys() == described - {"done", "failed", "own"}
        assert set(Row.__dataclass_fields__) <= row.keys()


def test_slurm_script_has_no_fault(tmp_path: Path) -> None:
    (script,) = (block for block in blocks("sh", PAGE.text) if "#SBATCH" in block)
    (tmp_path / "archive.sbatch").write_text(script)
    checker = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    assert checker
    done = subprocess.run(
        [checker, "--shell=bash", "archive.sbatch"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_kubernetes_job_fits_its_schema() -> None:
    (manifest,) = blocks("yaml", PAGE.text)
    kubernetes_validate.validate(yaml.safe_load(manifest), "1.30", strict=True)
