"""Names that differ, and are one name to the file system of the results."""

import unicodedata
from pathlib import Path

import pytest

from colornet.batch import alike, plan
from colornet.colorizer import Colorizer
from tests.batch.conftest import Tree, counts

NAMES = ["A.JPG", "A.jpg", "Sub/x.jpg", "a.jpg", "b.jpg", "sub/x.jpg", "é.jpg", "e\u0301.jpg"]


def takes_for_one(place: Path) -> bool:
    """What file systems of Windows and macOS say of a name, where one of Linux keeps all apart."""

    def folded(path: Path) -> str:
        return unicodedata.normalize("NFD", str(path)).casefold()

    root = next(parent for parent in place.parents if parent.name.startswith(".colornet-"))
    return folded(place) in {folded(path) for path in root.rglob("*")}


def test_pictures_that_would_replace_one_another(
    tree: Tree, colorizer: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "_is_taken", takes_for_one)
    root, out = tree("in", *NAMES), tmp_path / "out"
    out.mkdir()
    kept = alike.kept_apart(plan([root], out))
    assert [job.source.relative_to(root).as_posix() for job in kept.jobs] == [
        *("A.JPG", "b.jpg", "e\u0301.jpg", "Sub/x.jpg")
    ]
    told = {refusal.source.name: str(refusal.error) for refusal in kept.refused}
    assert told.keys() == {"A.jpg", "a.jpg", "é.jpg", "x.jpg"}
    assert f"would replace that of {root / 'A.JPG'}" in told["a.jpg"]
    assert not list(out.iterdir())
    assert counts(colorizer, root, out, replace="all") == {"done": 4, "failed": 4}


def test_a_file_system_that_keeps_them_apart(
    tree: Tree, colorizer: Colorizer, tmp_path: Path
) -> None:
    root, out = tree("in", *NAMES), tmp_path / "out"
    there = sum(path.is_file() for path in root.rglob("*"))
    assert counts(colorizer, root, out) == {"done": there}
    assert sum(path.suffix.lower() == ".jpg" for path in out.rglob("*")) == there
