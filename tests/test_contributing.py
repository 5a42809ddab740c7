"""CONTRIBUTING.md leads to the file and the name for each task."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TASKS = {
    task: where
    for task, where in re.findall(r"^\| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    if task != "task"
}


def test_there_are_tasks() -> None:
    assert len(TASKS) >= 10


@pytest.mark.parametrize("task", TASKS)
def test_one_or_two_files_have_what_is_named(task: str) -> None:
    files = [ROOT / link for link in re.findall(r"\]\(([^)#]+)\)", TASKS[task])]
    if any("benchmarks" in path.parts for path in files) and not (ROOT / "benchmarks").is_dir():
        pytest.skip("an sdist has no benchmarks")
    assert 1 <= len(files) <= 2
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for name in re.findall(r"`(\w+)`", TASKS[task]):
        assert re.search(rf"\b{name}\b", text), name
    for folder in re.findall(r"`([\w/]+/)`", TASKS[task]):
        assert (ROOT / "src/colornet" / folder).is_dir(), folder
