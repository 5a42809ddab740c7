"""docs/founding-paper.md: its figure is drawn from the network, and its commands are there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from colornet.cli.app import main
from colornet.model import DEFAULT_MODEL, find

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/founding-paper.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"`(colornet [^`]+)`", PAGE)
PUBLISHED: dict[str, list[object]] = {
    "low-level features": [64, 128, 128, 256, 256, 512],
    "mid-level features": [512, 256],
    "global features": [512, 512, 512, 512, 1024, 512, 256],
    "classifier": [256, "classes"],
    "fusion": [256],
    "colorization": [128, 128, 64, 64, 64, 32],
    "regression": [2],
}
"""Output channels of each part, in the publication's table; enlarging keeps them."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> str:
    figure = tmp_path_factory.mktemp("figure") / "network.svg"
    command = [sys.executable, "scripts/founding_network.py", str(figure)]
    subprocess.run(command, cwd=ROOT, check=True)
    return figure.read_text(encoding="utf-8")


def test_figure_is_of_the_network_as_it_is(drawn: str) -> None:
    assert drawn == (ROOT / "docs/founding-network.svg").read_text(encoding="utf-8")


def test_figure_shows_the_published_layers(drawn: str) -> None:
    for title, channels in PUBLISHED.items():
        part = re.search(rf">{title}</text>(.*?)(?:rx=|marker-end)", drawn, re.S)
        assert part, title
        beneath = re.findall(r'y="(?:218|478)"[^>]*>(\w+)<', part[1])
        assert beneath == [str(channel) for channel in channels], title


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All that they lack is the pictures."""
    (tmp_path / "recipes").symlink_to(ROOT / "recipes")
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)[1:]) == 1
    assert re.search("no such file|no such folder|there is no", capsys.readouterr().err.lower())


def test_settings_mix_the_heads_as_told() -> None:
    settings = find(DEFAULT_MODEL).card.settings
    assert {name: setting.vividness > 0.5 for name, setting in settings.items()} == {
        "faithful": False,
        "natural": True,
        "vivid": True,
    }


def test_what_is_named_is_there() -> None:
    assert len(COMMANDS) >= 8
    for name in re.findall(r"`((?:recipes|scripts|run_script)[\w./]*)", PAGE):
        assert (ROOT / name).exists(), name
