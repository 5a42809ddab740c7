"""Paths at which the system finds an error of its own are one line, whatever they are for."""

from pathlib import Path

import pytest

from colornet.cli.app import main

LONG = "x" * 300
"""More than a name may have, so that each question about it is an error."""
COMMANDS = [
    "colorize {}",
    "colorize {} --in-place",
    "colorize {} -o out.png",
    "colorize {good} -o {}.png",
    "colorize {good} -o {}/",
    "colorize {good} {good} -o {}",
    "colorize {good} --model {}",
    "colorize {good} --reference {}",
    "colorize {good} --hints {}",
    "info {}",
    "models {}",
    "video {} -o out.mp4",
    "evaluate {} {good} -o out",
    "evaluate general {} -o out",
    "evaluate general {good} -o {}",
    "prepare {} -o out",
    "prepare {good} -o {}",
    "train {} -o out",
    "train {good} -o {}",
    "train {good} -o out --recipe {}",
    "train {good} -o out --start {}",
    "export {} -o out",
    "archive {} -o out",
    "archive {good} -o {}",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_one_line(
    command: str,
    photograph: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(photograph.parent)
    words = [
        word.replace("{}", LONG).replace("{good}", photograph.name) for word in command.split()
    ]
    assert main(words) in (1, 2)
    err = capsys.readouterr().err
    assert err.startswith("colornet: ")
    assert err.count("\n") == 1, err
    assert [path for path in photograph.parent.rglob("*") if path.is_file()] == [photograph]
