"""What a release consists of: wheel, source distribution, and what they say of themselves."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import colornet
from colornet.web.settings import MEBIBYTE, Settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "colornet"
MODELS = sorted(path.parent for path in PACKAGE.glob("models/*/card.json"))
PYTHONS = {"3.11", "3.12", "3.13", "3.14"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fresh wheel and source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> list[str]:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def sdist(built: Path) -> list[str]:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


@pytest.fixture(scope="module")
def said(built: Path) -> Message:
    """The wheel's metadata."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_wheel_is_the_package_without_what_training_needs(wheel: list[str]) -> None:
    source = {
        f"colornet/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "training.npz"
    }
    packed = {name for name in wheel if ".dist-info/" not in name}
    assert packed == source
    assert {"colornet/py.typed", "colornet/web/static/index.html"} < packed
    assert {f"colornet/models/{model.name}/encoder.onnx" for model in MODELS} < packed


def test_wheel_carries_both_licenses(wheel: list[str]) -> None:
    licenses = {name.rpartition("/")[2] for name in wheel if "/licenses/" in name}
    assert licenses == {"LICENSE", "LICENSE-WEIGHTS"}


def test_source_distribution_has_what_builds_tests_and_explains_it(sdist: list[str]) -> None:
    assert {name.partition("/")[0] for name in sdist} == {
        *("src", "tests", "recipes", "scripts", "docs"),
        *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"),
        *("LICENSE", "LICENSE-WEIGHTS", "CITATION.cff", "PKG-INFO", "pyproject.toml"),
        *("Makefile", "Dockerfile", "constraints.txt", "run_script.sh"),
        *(".dockerignore", ".gitignore"),
    }
    assert "src/colornet/models/general/training.npz" in sdist
    assert not [name for name in sdist if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.parametrize(
    "path", ["README.md", "Dockerfile", "docs/serve.md", "docs/colornet.service"]
)
def test_whoever_installs_the_server_gets_films(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    extras = re.findall(r"\binstall\b.*'\.\[(\S+)\]'", text)
    assert "web,video" in extras
    assert "web" not in extras


def test_a_container_has_room_for_films_where_all_else_is_read_only() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "VOLUME /tmp\n" in text
    assert "--read-only" in text


def test_a_proxy_lets_films_through_as_large_as_the_server_takes() -> None:
    text = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
    (mebibytes,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(mebibytes) * MEBIBYTE == Settings().max_film_bytes


def test_a_film_that_takes_too_much_memory_does_not_end_the_service() -> None:
    """As systemd's default would, although the kernel kills the film's process alone."""
    text = (ROOT / "docs/colornet.service").read_text(encoding="utf-8")
    assert "\nMemoryMax=" in text
    assert "\nOOMPolicy=continue\n" in text


def test_metadata(said: Message) -> None:
    assert said["Name"] == "colornet-photo"
    assert said["Version"] == colornet.__version__
    assert said["Author"] == "colornet contributors"
    assert said["License-Expression"] == "MIT AND LicenseRef-colornet-weights"
    admitted = SpecifierSet(said["Requires-Python"])
    assert {python for n in range(30) if (python := f"3.{n}") in admitted} == PYTHONS
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(said.get_all("Classifier", [])), re.M)
    assert set(named) == PYTHONS


def test_runtime_dependencies_are_few(said: Message) -> None:
    always = {line for line in said.get_all("Requires-Dist") if "extra ==" not in line}
    names = {re.match(r"[\w-]+", line)[0] for line in always}  # type: ignore[index]
    assert names == {"numpy", "onnxruntime", "pillow", "pyvips", "rich", "typer"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_weights_have_the_license_of_their_card(model: Path) -> None:
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    text = (ROOT / "LICENSE-WEIGHTS").read_text(encoding="utf-8")
    assert f"\n{model.name} " in text
    assert card["license"] in " ".join(text.split())


def test_constraints_have_a_version_of_each_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [Requirement(line) for line in sum(extras, project["dependencies"])]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.lower().replace("_", "-").split("==") for line in lines if "==" in line)
    for one in wanted:
        name = one.name.lower()
        assert name == "colornet-photo" or pinned[name] in one.specifier, one


def test_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == colornet.__version__


@pytest.mark.skipif(not (ROOT / ".github").exists(), reason="not part of a source distribution")
def test_checks_elsewhere_use_the_same_versions() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    for job in ("test", "install"):
        assert set(workflow["jobs"][job]["strategy"]["matrix"]["python"]) == PYTHONS
    ran = [step.get("run") for step in workflow["jobs"]["install"]["steps"]]
    assert "python -m pip install '.[web,video]' scikit-image" in ran  # as in README.md
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"python(3\.\d+)", makefile)) == PYTHONS
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    ruff = re.search(r"^ruff==.+$", constraints, re.M)
    assert ruff
    assert set(re.findall(r'"(ruff==[^"]+)"', hooks)) == {ruff[0]}
