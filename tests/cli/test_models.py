import json
from pathlib import Path

import pytest
from PIL import Image

from colornet.cli.app import main
from colornet.model import CARD, DECODER
from colornet.model import folder as model_folder
from tests.conftest import write_model


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(model_folder, "SHIPPED", tmp_path)
    return tmp_path


def test_none(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    assert "no models are shipped" in capsys.readouterr().err


def test_table(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("faces", "general"):
        write_model(shipped / name)
    assert main(["models"]) == 0
    out, err = capsys.readouterr()
    assert out.index("general") < out.index("faces")
    for word in ("license", "MIT", "nothing: 0", "psnr 21.5", "32"):
        assert word in out
    assert not err


def test_words_are_not_taken_for_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_model(tmp_path / "mine")
    fields = json.loads((folder / CARD).read_text())
    words = {"title": "Mine [v2]", "license": "[/CC] BY", "description": "good :smile:"}
    (folder / CARD).write_text(json.dumps(fields | words))
    assert main(["models", str(folder)]) == 0
    out = capsys.readouterr().out
    assert all(text in out for text in words.values())


def test_json(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_model(shipped / "general")
    assert main(["models", "--json"]) == 0
    (card,) = json.loads(capsys.readouterr().out)
    assert card["name"] == "general"
    assert card["figures"] == {"nothing": {"psnr": 21.5}}


def test_one_in_full(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", str(tiny_model)]) == 0
    out = capsys.readouterr().out
    for word in ("A model for tests", "global prior", "It has learned nothing."):
        assert word in out


def test_settings_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["models", "general"], ["models"]):
        assert main(command) == 0
        out = " ".join(capsys.readouterr().out.split())
        for words in ("natural: the usual one", "vivid: as colorful as", "faithful: paler, and"):
            assert words in out


def test_one_that_is_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_model(tmp_path / "damaged")
    (folder / DECODER).write_bytes(b"")
    assert main(["models", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"colornet: {folder / DECODER}: has 0 bytes instead of")
    assert not out


def test_one_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "nobody"]) == 1
    assert "nobody: there is no model of that name" in capsys.readouterr().err


def test_a_folder_that_has_the_name_of_a_shipped_model_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(model_folder, "SHIPPED", tmp_path / "shipped")
    write_model(tmp_path / "shipped" / "general")
    monkeypatch.chdir(tmp_path)
    Image.new("L", (40, 30), 99).save("a.png")
    color = ["colorize", "a.png", "-o", "b.png", "--overwrite"]
    (tmp_path / "general").mkdir()  # of pictures
    assert main([*color, "--model", "general"]) == 0
    (tmp_path / "general").rmdir()
    write_model(tmp_path / "general")
    assert main(color) == 0  # no model is named
    assert main([*color, "--model", "./general"]) == 0
    assert "the shipped model" not in capsys.readouterr().err
    said = "general: the shipped model is used, not the folder of that name; ./general names"
    named = (
        [*color, "--model", "general"],
        ["models", "general"],
        ["evaluate", "general", "nowhere", "-o", "report"],
        ["archive", "nowhere", "-o", "out", "--model", "general"],
        ["serve", "--model", "general", "--host", "no such host"],
        ["train", "nowhere", "-o", "run", "--start", "general"],
    )
    for command in named:
        main(command)
        assert capsys.readouterr().err.count(said) == 1, command
