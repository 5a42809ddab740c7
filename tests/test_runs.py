"""benchmarks/quality/RUNS.md and the files that it is made from."""

import re
from pathlib import Path
from typing import Any

import pytest

from colornet.model import find

runs: Any = pytest.importorskip("benchmarks.quality.runs", reason="an sdist has no benchmarks")
QUALITY = runs.PAGE.parent
FILES = sorted(runs.RUNS.glob("*.yaml"))


def test_the_tables_are_those_of_the_files() -> None:
    page = runs.PAGE.read_text(encoding="utf-8")
    assert page == runs.with_tables(page), "run benchmarks/quality/runs.py"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_parents_are_runs(path: Path) -> None:
    names = {file.stem.lstrip("0") for file in FILES}
    assert {str(parent) for parent in runs.read(path).values["parents"]} <= names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pictures_are_told_in_words(path: Path) -> None:
    """In a list in YAML, the comma of 46,359 would begin another item."""
    assert isinstance(runs.read(path).values.get("data", ""), str)


def test_a_run_is_shown_as_recorded(tmp_path: Path) -> None:
    path = tmp_path / "017.yaml"
    recorded = "\n".join(
        [
            "what: twice the pictures",
            "parents: [13]",
            "logged_in: ae2aa43",
            "gray: {psnr: 21.5}",
            "measured: kodak.tar",
            "figures: [{psnr: 22.0, colorfulness: 85}]",
            "verdict: better",
            "fate: shipped",
        ]
    )
    path.write_text(recorded)
    rows = runs.table([runs.read(path)], runs.NETWORK).splitlines()
    assert rows[-1] == "| 17 | 13 | twice the pictures | +0.50 | 85 % | - | - | better | shipped |"
    path.write_text(f"{recorded}\nlearning: fast")
    with pytest.raises(ValueError, match=r"017.yaml: \['learning'\] are unknown; known are"):
        runs.read(path)
    path.write_text(recorded.replace("verdict", "data"))
    with pytest.raises(ValueError, match=r"\['verdict'\] are missing"):
        runs.read(path)


@pytest.mark.parametrize("page", ["RUNS.md", "general.md", "notes.md", "README.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (QUALITY / page).read_text("utf-8")):
        assert (QUALITY / target).exists(), target


def test_the_shipped_card_tells_of_its_runs() -> None:
    told = find("general").card.recipe
    made_of = {
        "019": "399,872 pictures in 5 minutes",
        "020": "73,088 in 78 seconds",
        "021": "22,000 in 34 minutes",
        "022": "1,415,424 in 510 seconds",
        "affinity-10": "14,592 in 60 seconds",
        "affinity-11": "12,050 in 30 minutes",
    }
    for name, text in made_of.items():
        values = runs.read(runs.RUNS / f"{name}.yaml").values
        pictures, time = text.split(" in ")
        recorded = f"{values['what']} {values['data']} {values['time']}"
        assert pictures.removesuffix(" pictures") in recorded, name
        assert time in recorded, name
        assert text in told, name
        assert values["commit"] in told, name
    for file, sha256 in runs.read(runs.RUNS / "022.yaml").values["data_sha256"].items():
        assert f"{file} {sha256[:16]}" in told
