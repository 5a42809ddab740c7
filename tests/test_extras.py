"""What a user is told to install is there: never a name on the package index."""

import json
import re
import shlex
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from colornet import extras

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GENERATED = {".git", ".venv", ".pytest_cache", ".hypothesis", "demo", "work", "runs", "dist"}
READ_BY_USERS = {".md", ".py", ".service", ".sh", ".toml", ".yaml", ".yml", ".html", ".js", ""}
INDEX = re.compile(
    r"\b(?:install|inject|add|upgrade|download|uvx|pipx run)(?:\s+-\S+(?:\s+\S+\.txt)?)*\s+"
    r"['\"]?colornet(?:-photo)?(?![\w./-])"
    r"|(?<![\w/])colornet(?:-photo)?\[\w"
)
"""An installer with this program's bare name, or its name with an extra."""


def documents() -> list[Path]:
    """Whatever says something to users: documents, messages, scripts."""
    parts = [path for path in ROOT.iterdir() if path.name not in GENERATED]
    files = [file for part in parts if part.is_dir() for file in part.rglob("*")]
    return [f for f in parts + files if f.is_file() and f.suffix in READ_BY_USERS]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("pip install colornet", True),
        ("pip install 'colornet[web]'", True),
        ('python -m pip install -U -c constraints.txt "colornet-photo"', True),
        ("pipx install colornet", True),
        ("uv tool install colornet-photo", True),
        ("uvx colornet colorize a.jpg", True),
        ("pip install '.[web]'", False),
        ("pip install -e '/home/me/colornet[web]'", False),
        ("pipx install ./colornet", False),
        ("docker build -t colornet .", False),
    ],
)
def test_a_name_on_the_index_is_told_from_a_path(line: str, named: bool) -> None:
    assert bool(INDEX.search(line)) is named


def test_nothing_names_the_package_index() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in documents()
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8", errors="ignore").splitlines()
        if INDEX.search(line)
    }
    assert found == {'pyproject.toml: "colornet-photo[train,web,heif,video,archive,ray]",'}


def test_names_are_those_of_the_project() -> None:
    assert PROJECT["name"] == extras.DISTRIBUTION
    assert extras.EXTRAS.keys() <= PROJECT["optional-dependencies"].keys()
    assert all(find_spec(module) for modules in extras.EXTRAS.values() for module in modules)


def test_extra_of_a_module() -> None:
    assert extras.extra_of("torch.nn") == "train"
    assert extras.extra_of("fastapi") == "web"
    assert extras.extra_of("nothing") is None


def test_a_checkout_is_installed_from_its_folder() -> None:
    words = shlex.split(extras.install_hint("web"))
    assert words == [sys.executable, "-m", "pip", "install", "-e", f"{ROOT}[web]"]
    assert (ROOT / "pyproject.toml").exists()


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment into which a wheel was copied; its folder of packages."""
    packages = tmp_path / "env/lib/site-packages"
    (packages / f"{extras.DISTRIBUTION.replace('-', '_')}-1.dist-info").mkdir(parents=True)
    monkeypatch.setattr(extras, "__file__", str(packages / "colornet/extras.py"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    monkeypatch.syspath_prepend(packages)
    return packages


def came_from(packages: Path, url: str) -> None:
    """What an installer writes down (PEP 610)."""
    info = next(packages.glob("*.dist-info"))
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {extras.DISTRIBUTION}\n")
    (info / "direct_url.json").write_text(json.dumps({"url": url, "dir_info": {}}))


def test_an_installation_names_where_it_came_from(copied: Path, tmp_path: Path) -> None:
    source = tmp_path / "the source's"
    source.mkdir()
    came_from(copied, source.as_uri())
    assert shlex.split(extras.install_hint("web"))[-2:] == ["install", f"{source}[web]"]


@pytest.mark.parametrize("url", ["file:///gone", "https://example.org/colornet.git"])
def test_without_its_source_any_checkout_will_do(copied: Path, url: str) -> None:
    came_from(copied, url)
    hint = extras.install_hint("web")
    assert hint == f"in a checkout of colornet: {sys.executable} -m pip install '.[web]'"


@pytest.mark.parametrize(
    ("left", "installer"),
    [("uv-receipt.toml", "uv tool install"), ("pipx_metadata.json", "pipx install --force")],
)
def test_what_manages_the_environment_is_asked_for_all_that_it_had(
    copied: Path, left: str, installer: str
) -> None:
    (copied.parents[1] / left).touch()
    every = ",".join(sorted(extras.EXTRAS))
    assert extras.install_hint("web") == f"in a checkout of colornet: {installer} '.[{every}]'"
