"""What docs/folders.md says can be done is done here."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from skimage import data

from colornet.batch import REPORT, Existing
from tests.walkthrough import Page, Walkthrough

PAGE = Page("folders.md")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page speaks of."""
    folder = tmp_path_factory.mktemp("folders")
    names = ("photo.jpg", "album/a.jpg", "album/sub/b.jpg", "keepsakes/a.jpg")
    for shift, name in enumerate((*names, "roll1/scan001.jpg", "roll2/scan001.jpg")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.camera()[shift:][:100, :100]).save(folder / name)
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
    made = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert made >= {
        *("album-color/a.jpg", "album-color/sub/b.jpg", "new-folder/photo.jpg"),
        *("rolls/roll1/scan001.jpg", "rolls/roll2/scan001.jpg"),
        *("keepsakes/a.jpg", "keepsakes/a.orig.jpg"),
    }
    rows = rows_of(folder / "album-color")
    assert [row["options"]["setting"] for row in rows] == ["vivid", "vivid"]


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / REPORT).read_text("utf-8").splitlines()]


def test_every_field_of_the_report_is_described(walkthrough: Walkthrough) -> None:
    walkthrough.run_all()
    table = PAGE.text.split("## The report")[1].split("\n## ")[0]
    described = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    (row,) = rows_of(walkthrough.folder / "keepsakes")
    assert described == row.keys() | {"more_results"}


def test_everything_that_may_be_there_is_described() -> None:
    for existing in Existing:
        if existing not in (Existing.NONE, Existing.SAME):
            assert existing.value in PAGE.text, existing
