"""The commands of a document, run as a reader runs them: each once, after those before it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def blocks(language: str, text: str) -> list[str]:
    """What a document has in blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The commands in a document's bash blocks, in order."""
    lines = (line for block in blocks("bash", text) for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def run(command: list[str], folder: Path) -> None:
    """Run it in this folder, with the `colornet` of the tests' Python; it has to succeed."""
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


class Page:
    """A page in docs/."""

    def __init__(self, name: str) -> None:
        self.text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        self.commands = commands(self.text)
        self.each_command = pytest.mark.parametrize("command", self.commands)

    def walkthrough(self, folder: Path) -> Walkthrough:
        """Its commands, to be run as they are."""
        return Walkthrough(folder, {command: command for command in self.commands})


class Walkthrough:
    """Runs the commands of a document in a folder.

    Tests ask for any of them, in any order: what a document has before it is run first, because
    one command may need what another made.
    """

    def __init__(self, folder: Path, lines: dict[str, str]) -> None:
        """Take the commands as documented, each with what is run for it."""
        self.folder = folder
        self._left = list(lines.items())
        self._failed: dict[str, AssertionError] = {}

    def run(self, command: str) -> None:
        """Run it, unless that was done.

        Raises:
            AssertionError: if it fails, and not if one before it does.
        """
        while command in (name for name, _ in self._left):
            name, line = self._left.pop(0)
            try:
                run(["bash", "-c", line], self.folder)
            except AssertionError as error:
                self._failed[name] = error
        if command in self._failed:
            raise self._failed[command]

    def run_all(self) -> None:
        """Run what is left."""
        for name, _ in tuple(self._left):
            self.run(name)
