from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from colornet.cli.app import main
from colornet.cli.exit_codes import FAILED, USAGE
from colornet.extras import install_hint
from colornet.privacy import CACHES
from tests.full_disk import full_disk


def test_epochs_and_minutes_contradict_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(tmp_path), "--epochs", "1", "--minutes", "2"]) == USAGE
    assert "--minutes: and --epochs contradict each other" in capsys.readouterr().err


def test_nowhere_to_write_temporary_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)  # it is looked for again
    for name in CACHES:
        monkeypatch.delenv(name, raising=False)
    with full_disk(0):
        assert main(["train", str(tmp_path)]) == FAILED
    said = capsys.readouterr().err
    assert said.startswith("colornet: TMPDIR: cannot be written (no usable temporary directory")
    assert said.endswith("; make room there, or set TMPDIR to another folder\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--batch", "16", "--accumulate", "3"], "batch: of 16 pictures cannot be split into 3"),
        (["--devices", "3", "--batch", "32"], "batch: of 32 pictures cannot be split into 3"),
        (["--devices", "2", "--batch", "2"], "batch: of 2 pictures has one in each of 2 parts"),
        (["--batch", "0"], "--batch: is 0"),
        (["--epochs", "0"], "--epochs: is 0"),
        (["--minutes", "-1"], "--minutes: is -1.0"),
        (["--lr", "-1"], "--lr: is -1.0"),
        (["-j", "0"], "--workers: is 0"),
    ],
)
def test_mistakes_in_options_are_told_as_such_before_anything_is_done(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(tmp_path), "-o", str(tmp_path / "run"), *options]) == USAGE
    assert capsys.readouterr().err.startswith(f"colornet: {said}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("head: {name: gan}", "head gan: unknown"),
        ("head: {name: dual, bins: 3}", "head dual: unknown option bins"),
        ("head: {name: dual, blend: 2.0}", "head dual: blend is 2.0"),
        ("head: {name: classification, temperature: 0.0}", "head classification: temperature is"),
        ("head: {name: dual, temperature: 0.0}", "head dual: temperature is 0.0"),
        ("head: {name: dual, rebalancing: -1.0}", "head dual: rebalancing is -1.0; use a number f"),
        ("head: {name: dual, regression_weight: -1.0}", "head dual: regression_weight is -1.0"),
        ("head: {name: dual, regression_weight: .nan}", "head dual: regression_weight is nan"),
        ("network: {name: iizuka, width: .nan}", "network iizuka: width is nan; use a number"),
        ("network: {name: iizuka, width: .inf}", "network iizuka: width is inf; use a number"),
        ("network: {name: vgg}", "network vgg: unknown"),
        ("network: {name: iizuka, width: -1.0}", "network iizuka: width is -1.0"),
        (
            "network: {name: fusion, frozen_stride: 3}",
            "network fusion: frozen_stride is 3; use one",
        ),
        ("epochs: 0", "epochs: is 0"),
    ],
)
def test_mistakes_in_a_recipe_name_its_file(
    entry: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(entry)
    assert main(["train", str(tmp_path), "-o", str(tmp_path), "--recipe", str(recipe)]) == FAILED
    assert capsys.readouterr().err.startswith(f"colornet: {recipe}: {said}")
    assert list(tmp_path.iterdir()) == [recipe]


@pytest.mark.parametrize(
    "command", ["export last.ckpt -o m --input-size 8192", "evaluate general p -o r --size 100000"]
)
def test_sides_that_no_memory_holds_are_refused(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.split()) == USAGE
    assert "is not in the range" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("onnxscript", "is not installed, and 'colornet export' will need it"),
        ("matplotlib", "is not installed, so no curves are drawn"),
    ],
)
def test_what_is_not_installed_is_told_before_the_training(
    module: str,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main(["train", str(tmp_path / "nowhere"), "-o", str(tmp_path / "run")]) == FAILED
    first, last = capsys.readouterr().err.splitlines()
    assert first == f"colornet: {module}: {told}; {install_hint('train')}"
    assert "nowhere" in last
