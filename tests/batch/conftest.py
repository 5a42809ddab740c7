"""Folders of small photographs."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from colornet.batch import REPORT, plan, run
from colornet.colorizer import Colorizer

Tree = Callable[..., Path]


@pytest.fixture(scope="session")
def colorizer(tiny_model: Path) -> Colorizer:
    return Colorizer(tiny_model, threads=1)


@pytest.fixture
def tree(tmp_path: Path, photograph: Path) -> Tree:
    """Writes a folder of small photographs: `tree("in", "a.jpg", "sub/b.png")`."""

    def make(name: str, *files: str) -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for file in files:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            with Image.open(photograph) as picture:
                if Path(file).suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"):
                    picture.save(root / file)
                else:
                    (root / file).write_text("no picture")
        return root

    return make


def counts(
    colorizer: Colorizer, source: Path, output: Path, *arguments: Any, **how: Any
) -> Counter[str]:
    """How many pictures of a folder had each status."""
    planned = {name: how.pop(name) for name in ("format", "variants", "in_place") if name in how}
    results = run(colorizer, plan([source], output, **planned), *arguments, **how)
    return Counter(result.status for result in results)


def run_until_killed(
    model: Path, source: Path, output: Path, change: str, planned: str = "", how: str = ""
) -> None:
    """Color a folder in a process that is killed by this change of the code, which has `kill`.

    Args:
        model, source, output: of the run.
        change: made before it.
        planned, how: further arguments of `plan` and of `run`.
    """
    code = f"""
import os, signal
from pathlib import Path
from colornet import inplace, upsample
from colornet.batch import plan, run
from colornet.batch.rows import Row
from colornet.colorizer import Colorizer
from colornet.guidance import Guidance
def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
ended = Row.ended
def killed_unless_begun(row, status, **changes):
    return ended(row, status, **changes) if status == "begun" else kill()
{change}
todo = plan([Path({str(source)!r})], Path({str(output)!r}), {planned})
list(run(Colorizer({str(model)!r}), todo, {how}))
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL


def names(folder: Path) -> list[str]:
    """All files in a folder's tree but the report, sorted."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != REPORT)
    return sorted(path.relative_to(folder).as_posix() for path in files)
