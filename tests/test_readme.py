"""What the README says can be done is done here, in its order, on small pictures."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from tests.walkthrough import ROOT, Walkthrough, blocks, commands, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
]

SHORT = "--epochs 1 -b 8 --recipe tiny.yaml"
SHORTER = {
    "bash run_script.sh": SHORT,
    "colornet train prepared": SHORT,
    "colornet train pictures": "--epochs 1 -b 4",
    "colornet serve": "--port 0",
}
"""What is added to a command that would take hours as it stands."""
STOPPED = {"colornet serve": f"{sys.executable} {ROOT}/tests/interrupted.py"}
"""What stops a command that would go on until it is interrupted."""
TINY = """
network: {name: iizuka, width: 0.1, global_size: 32}
size: 32
crop: 32
workers: 1
"""


QUICK_START, THE_REST = README.split("## Quick start")[1].split("\n## ", maxsplit=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the README's commands speak of."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("recipes", "run_script.sh"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "tiny.yaml").write_text(TINY)
    camera, astronaut, coffee = data.camera(), data.astronaut(), data.coffee()
    pictures = {
        "photo.jpg": camera[100:300, 100:300],
        "reference.jpg": coffee[:200, :200],
        "album/camera.png": camera[:64, 100:200],
        "album/older/page.jpg": data.page()[:100, :100],
    }
    for i in range(6):
        face = astronaut[20 * i :][:128, 150:278]
        pictures |= {f"face_images/{i}.jpg": face, f"pictures/people/{i}.jpg": face}
        pictures[f"pictures/things/{i}.jpg"] = coffee[20 * i :][:128, 100:228]
    for name, pixels in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
    return folder


@pytest.fixture(scope="module")
def walkthrough(folder: Path) -> Walkthrough:
    lines = {}
    for command in commands(THE_REST):
        before = [words for start, words in STOPPED.items() if command.startswith(start)]
        added = [words for start, words in SHORTER.items() if command.startswith(start)]
        lines[command] = " ".join([*before, command, *added])
    return Walkthrough(folder, lines)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("command", commands(THE_REST))
def test_commands_do_what_they_say(command: str, walkthrough: Walkthrough) -> None:
    walkthrough.run(command)
    if target := re.search(r"(?:-o|>) (?!- )(\S+)$", command):
        assert (walkthrough.folder / target[1]).exists()


@pytest.mark.parametrize("code", blocks("python", README))
def test_python_runs(code: str, folder: Path) -> None:
    run([sys.executable, "-c", code], folder)


@pytest.mark.timeout(1200)
def test_founding_folders_are_those_of_the_readme(walkthrough: Walkthrough) -> None:
    walkthrough.run("bash run_script.sh face_images work")
    section = THE_REST.split("## Reproduce the founding results")[1].split("\n## ")[0]
    named = re.findall(r"`(work/[\w./]+)`", section)
    assert len(named) == 8
    for name in named:
        assert (walkthrough.folder / name).exists(), name


def test_quick_start_is_two_commands_that_make_knows() -> None:
    assert commands(QUICK_START) == ["make demo", "make test"]
    for command in commands(QUICK_START):
        subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


SHELL = [*blocks("bash", README), *blocks("sh", README)]


@pytest.mark.parametrize("block", [*SHELL, *blocks("powershell", README)])
def test_blocks_can_be_pasted(block: str) -> None:
    """Into zsh, too, where a comment is a command that is not found."""
    assert "#" not in re.sub(r"'[^']*'", "", block)


@pytest.mark.parametrize("block", SHELL)
def test_blocks_are_shell(block: str) -> None:
    subprocess.run(["sh", "-n"], input=block, text=True, check=True)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    if not (ROOT / "benchmarks").exists():  # a source distribution has none
        links = [link for link in links if "benchmarks/" not in link]
    here = (ROOT / document).parent
    assert [link for link in links if not (here / link).exists()] == []
