"""What the README says can be done is done here, in its order, on small pictures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *("docs/folders.md", "docs/founding-paper.md", "docs/guidance.md", "docs/privacy.md"),
    *("docs/releasing.md", "docs/serve.md"),
]

SHORT = "--epochs 1 -b 8 --recipe tiny.yaml"
SHORTER = {
    "bash run_script.sh": SHORT,
    "colornet train prepared": SHORT,
    "colornet train pictures": "--epochs 1 -b 4",
    "colornet serve": "--port 0",
}
"""What is added to a command that would take hours as it stands."""
STOPPED = {"colornet serve": "timeout --preserve-status --signal=INT 15"}
"""What stops a command that would go on until it is interrupted."""
TINY = """
network: {name: iizuka, width: 0.1, global_size: 32}
size: 32
crop: 32
workers: 1
"""


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    lines = (line for block in blocks("bash", text) for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


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


def run(command: list[str], folder: Path) -> None:
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("command", commands(THE_REST))
def test_commands_do_what_they_say(command: str, folder: Path) -> None:
    added = [words for start, words in SHORTER.items() if command.startswith(start)]
    before = [words for start, words in STOPPED.items() if command.startswith(start)]
    run(["bash", "-c", " ".join([*before, command, *added])], folder)

    if target := re.search(r"(?:-o|>) (?!- )(\S+)$", command):
        assert (folder / target[1]).exists()


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code: str, folder: Path) -> None:
    run([sys.executable, "-c", code], folder)


def test_founding_folders_are_those_of_the_readme(folder: Path) -> None:
    """Runs after `run_script.sh` above."""
    section = THE_REST.split("## Reproduce the founding results")[1].split("\n## ")[0]
    named = re.findall(r"`(work/[\w./]+)`", section)
    assert len(named) == 8
    for name in named:
        assert (folder / name).exists(), name


def test_quick_start_is_two_commands_that_make_knows() -> None:
    assert commands(QUICK_START) == ["make demo", "make test"]
    for command in commands(QUICK_START):
        subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("block", [*blocks("bash"), *blocks("sh"), *blocks("powershell")])
def test_blocks_can_be_pasted(block: str) -> None:
    """Into zsh, too, where a comment is a command that is not found."""
    assert "#" not in re.sub(r"'[^']*'", "", block)


@pytest.mark.parametrize("block", [*blocks("bash"), *blocks("sh")])
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
