"""What docs/guidance.md says can be done is done here."""

import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from colornet.guidance import Hint
from colornet.guidance.schema import SCALARS
from tests.walkthrough import ROOT, blocks, commands, run

PAGE = (ROOT / "docs" / "guidance.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page speaks of."""
    folder = tmp_path_factory.mktemp("guidance")
    (folder / "album").mkdir()
    gray = Image.fromarray(data.camera()[100:300, 100:300])
    for name in ("photo.jpg", "album/one.jpg", "album/two.jpg"):
        gray.save(folder / name)
    Image.fromarray(data.coffee()[:200, :200]).save(folder / "reference.jpg")
    (told,) = blocks("json", PAGE)
    for name in ("told.json", "album/one.hints.json"):
        (folder / name).write_text(told)
    return folder


def test_every_field_is_in_the_table() -> None:
    names = ("version", *SCALARS, "hints", *(f"hints[].{one.name}" for one in fields(Hint)))
    assert [name for name in names if f"\n| `{name}` |" not in PAGE] == []


@pytest.mark.parametrize("command", commands(PAGE))
def test_commands_do_what_they_say(command: str, folder: Path) -> None:
    run(["bash", "-c", command], folder)
    target = re.search(r"-o (\S+)", command)
    assert target
    name = target[1].replace(".jpg", "-3.jpg") if "--variants 3" in command else target[1]
    assert (folder / name).exists()


@pytest.mark.parametrize("code", blocks("python", PAGE))
def test_python_runs(code: str, folder: Path) -> None:
    run([sys.executable, "-c", code], folder)
    assert (folder / "python-variant-2.jpg").exists()
