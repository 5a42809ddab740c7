from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from colornet import __version__
from colornet.model import find
from colornet.train import lineage
from colornet.train.config import Recipe
from colornet.train.data.cache import open_cache
from colornet.train.export.card import describe
from colornet.train.lineage import NOT_STATED, code_version, lineage_of
from colornet.train.run import train
from colornet.train.task import ColorizationTask
from tests.train.tasks import make_task

MakePictures = Callable[..., Path]
SMALL = {"name": "iizuka", "width": 0.1, "global_size": 32}


@pytest.fixture
def pictures(make_pictures: MakePictures) -> list[Path]:
    return [make_pictures("meadow", ["cat"], 6), make_pictures("street", ["dog"], 3)]


def test_a_model_passes_on_its_data_license_and_settings(
    pictures: list[Path], tmp_path: Path
) -> None:
    cache = open_cache(pictures, 32, tmp_path / "cache", workers=1)
    own = [
        {"name": "meadow", "pictures": 6, "license": NOT_STATED},
        {"name": "street", "pictures": 3, "license": NOT_STATED},
    ]
    assert lineage_of(cache) == {
        "start": [],
        "runs": [],
        "data": own,
        "license": NOT_STATED,
        "settings": {},
    }
    np.savez(tmp_path / "bare.npz", weight=np.zeros(3))
    card = find("general").card
    further = lineage_of(cache, [Path("general"), tmp_path / "bare.npz"])
    assert further["start"] == ["general"]
    assert further["runs"] == [{"model": "general", "recipe": card.recipe}]
    assert further["license"] == card.license
    assert [entry["name"] for entry in further["data"]] == [
        *(source.name for source in card.data),
        "meadow",
        "street",
    ]
    assert list(further["settings"]) == list(card.settings)
    torch.save(
        {"state_dict": {}, "recipe": {}, "classes": [], "lineage": further}, tmp_path / "a.ckpt"
    )
    assert lineage_of(cache, [tmp_path / "a.ckpt"]) == further
    both = lineage_of(cache, [Path("general"), tmp_path / "a.ckpt"])
    assert both["runs"] == further["runs"], "what both come from is told once"


def test_the_card_of_a_trained_model_is_filled(pictures: list[Path], tmp_path: Path) -> None:
    recipe = Recipe(network=SMALL, head={"name": "dual"}, size=32, epochs=1, batch=3, workers=1)
    second = recipe.changed(lr=0.002), tmp_path / "second", pictures
    first = train(pictures, recipe, tmp_path / "first", pictures)
    checkpoint = train(pictures, *second, start=[first])
    hashed = hashlib.sha256()
    for path in (path for folder in pictures for path in sorted(folder.rglob("*.*"))):
        hashed.update(f"{path.parent.name}/{path.name}\0".encode() + path.read_bytes())
    for seen in (9, 18):  # the second run is as it was, and then goes on for another epoch
        card = describe(ColorizationTask.from_checkpoint(checkpoint))
        sources = {(source.name, source.license) for source in card.data}
        assert sources == {("meadow", NOT_STATED), ("street", NOT_STATED)}
        (figures,) = card.figures.values()
        assert {"psnr", "psnr_gray", "cross_entropy", "smooth_l1"} == set(figures)
        assert figures["psnr_gray"] > 5
        runs = json.loads(card.recipe)
        assert [run["pictures"] for run in runs] == [9, seen]
        assert [run["recipe"]["lr"] for run in runs] == [recipe.lr, 0.002]
        assert {(run["device"], run["processes"]) for run in runs} == {("CPU", 1)}
        assert all(0 < run["seconds"] < 300 for run in runs)
        assert {run["data_sha256"] for run in runs} == {hashed.hexdigest()}
        assert {run["code"] for run in runs} == {code_version()}
        if seen == 9:
            train(pictures, second[0].changed(epochs=2), *second[1:], start=[first])


def test_the_version_names_the_commit_in_a_checkout_of_the_package_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "src" / "colornet"
    module = package / "train" / "lineage.py"
    module.parent.mkdir(parents=True)
    module.write_text("")
    monkeypatch.setattr(lineage, "__file__", str(module))
    assert code_version() == __version__

    def git(*arguments: str) -> str:
        named = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = ["git", "-C", str(tmp_path), *named, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "a checkout of something else")
    assert code_version() == __version__
    git("add", ".")
    git("commit", "-q", "-m", "the package")
    assert code_version() == f"{__version__}, commit {git('rev-parse', 'HEAD')[:12]}"
    module.write_text("changed")
    assert code_version().endswith(" and changes")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code_version() == __version__


def test_title_license_and_settings_tell_the_model_that_training_began_with() -> None:
    settings = {"quiet": {"vividness": 0.25, "saturation": 1.0, "description": ""}}
    lineage = {"start": ["mine"], "data": [], "license": "my own", "settings": settings}
    cards = {}
    for head in ("dual", "regression"):
        task = make_task(SMALL, head)
        task.lineage = lineage
        cards[head] = describe(task)
        assert cards[head].title.endswith(f"the {head} head, trained further from mine")
        assert cards[head].license == "my own"
    assert cards["dual"].setting("quiet").vividness == 0.25
    assert not cards["regression"].settings, "it decodes one ab, which no setting can blend"
    task = make_task(SMALL, "dual")
    task.lineage = lineage
    assert describe(task, fields={"license": "public domain"}).license == "public domain"
