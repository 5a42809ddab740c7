from __future__ import annotations

from pathlib import Path

import pytest

from colornet.cli.app import USAGE, main


def test_epochs_and_minutes_contradict_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(tmp_path), "--epochs", "1", "--minutes", "2"]) == USAGE
    assert "--minutes: and --epochs contradict each other" in capsys.readouterr().err
