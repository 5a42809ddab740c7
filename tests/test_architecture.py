"""The layout in ARCHITECTURE.md, held to: who may import whom, and what an install brings."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

SOURCE = Path(__file__).parents[1] / "src"
PACKAGE = SOURCE / "colornet"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}

ARCHITECTURE = SOURCE.parent / "ARCHITECTURE.md"
ENTRY = re.compile(r"(?P<indent>(?:  )+)(?P<names>[\w.]+(?:\.py|/)(?:, [\w.]+(?:\.py|/))*)(?:  |$)")


def read_layout(document: str) -> dict[str, int]:
    """Each module and package that the layout lists, with its line there: `train.data` -> 40.

    A package's own files stand below it, indented further.
    """
    block = document.split("```\nsrc/colornet/\n")[1].split("\nrecipes/")[0]
    listed: dict[str, int] = {}
    packages: list[str] = []
    for number, line in enumerate(block.splitlines()):
        if entry := ENTRY.match(line):
            depth = len(entry["indent"]) // 2 - 1
            for name in entry["names"].split(", "):
                module = ".".join([*packages[:depth], name.rstrip("/").removesuffix(".py")])
                assert module not in listed, f"{module} is listed twice"
                listed[module] = number
                if name.endswith("/"):
                    packages[depth:] = [name.rstrip("/")]
    return listed


LAYOUT = read_layout(ARCHITECTURE.read_text(encoding="utf-8"))

ONLY_IN = {
    "torch": {"train", "evaluation"},
    "lightning": {"train"},
    "kornia": {"train"},
    "webdataset": {"train"},
    "torchmetrics": {"evaluation"},
    "pyvips": {"picture"},
    "onnxruntime": {"privacy"},
    "typer": {"cli"},
    "fastapi": {"web"},
    "fsspec": {"archive", "ftp", "urls"},
    "pyarrow": {"archive"},
    "ray": {"archive.cluster"},
    "uvicorn": {"web"},
    "av": {"video"},
    "cv2": {"video.motion"},
}
PYPROJECT = SOURCE.parent / "pyproject.toml"


@cache
def parse(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


class WithoutTypeChecking(ast.NodeTransformer):
    """Drops `if TYPE_CHECKING:`, which never runs."""

    def visit_If(self, node: ast.If) -> ast.If | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else node


def imports(nodes: Iterable[ast.AST]) -> set[str]:
    """Every module that these statements import."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return found


@cache
def imports_when_run(module: str) -> set[str]:
    return imports(ast.walk(WithoutTypeChecking().visit(deepcopy(parse(module)))))


def parents(module: str) -> list[str]:
    """`colornet.train.data` -> `train.data`, `train`: itself and the packages that it is in."""
    parts = module.split(".")[1:]
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def line_in_layout(module: str) -> int:
    """Where the document lists it, or the innermost package of it that is listed."""
    return next((LAYOUT[name] for name in parents(module) if name in LAYOUT), 0)


def is_in(module: str, places: set[str]) -> bool:
    return any(f"{module}.".startswith(f"colornet.{place}.") for place in places)


PARTS = sorted(set(MODULES) - {"colornet", "colornet.__main__"})
"""All modules but the public face and the command, which may import everything."""


@pytest.mark.parametrize("module", PARTS)
def test_each_module_is_listed(module: str) -> None:
    assert any(name in LAYOUT for name in parents(module)), f"ARCHITECTURE.md lists no {module}"


@pytest.mark.parametrize("package", sorted({name.rpartition(".")[0] for name in LAYOUT} - {""}))
def test_a_package_lists_all_of_its_modules_or_none(package: str) -> None:
    listed = {name for name in LAYOUT if name.rpartition(".")[0] == package}
    inside = {name.removeprefix("colornet.") for name in PARTS}
    there = {name for name in inside if name.rpartition(".")[0] == package}
    assert not listed & there or there <= listed, f"{there - listed} missing in ARCHITECTURE.md"


@pytest.mark.parametrize("name", LAYOUT)
def test_what_is_listed_exists(name: str) -> None:
    path = PACKAGE / name.replace(".", "/")
    assert path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("module", PARTS)
def test_imports_point_downward(module: str) -> None:
    """A module imports what the document lists above it, or beside it in its own line."""
    above = [
        name
        for name in imports(ast.walk(parse(module)))
        if name.startswith("colornet.")
        and not name.startswith(f"{module}.")
        and line_in_layout(name) > line_in_layout(module)
    ]
    assert not above, f"{module} may not import {above}: ARCHITECTURE.md lists them below it"


def test_files_are_short_but_for_those_with_a_reason() -> None:
    document = ARCHITECTURE.read_text(encoding="utf-8")
    reasons = document.split("No file is longer than 300 lines")[1].split("\n## ")[0]
    excepted = set(re.findall(r"^- `([\w./]+)`: \w+", reasons, re.MULTILINE))
    assert [name for name in excepted if not (PACKAGE / name).is_file()] == []
    sources = [
        path for suffix in ("py", "js", "css", "html") for path in PACKAGE.rglob(f"*.{suffix}")
    ]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    long = {path.relative_to(PACKAGE).as_posix() for path, lines in lengths.items() if lines > 300}
    assert long <= excepted, "split them by job, or say in ARCHITECTURE.md why not"


def test_no_import_goes_round_in_a_circle() -> None:
    TopologicalSorter(
        {module: imports(parse(module).body) & MODULES.keys() - {"colornet"} for module in MODULES}
    ).prepare()


@pytest.mark.parametrize(("library", "places"), ONLY_IN.items())
def test_each_heavy_library_has_its_place(library: str, places: set[str]) -> None:
    elsewhere = [
        module
        for module in MODULES
        if not is_in(module, places)
        and library in {name.split(".")[0] for name in imports_when_run(module)}
    ]
    assert not elsewhere


def test_runtime_unpickles_nothing() -> None:
    runtime = [module for module in MODULES if not is_in(module, {"train"})]
    unsafe = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    for module in runtime:
        assert unsafe.isdisjoint(imports_when_run(module)), module
        assert "allow_pickle" not in MODULES[module].read_text(encoding="utf-8"), module


def test_light_install_has_no_torch() -> None:
    """What `make demo` installs: the runtime and scikit-image."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    installed: set[str] = set()
    waiting = ["scikit-image", *(Requirement(line).name for line in project["dependencies"])]
    while waiting:
        name = waiting.pop()
        if name in installed:
            continue
        installed.add(name)
        wanted = map(Requirement, requires(name) or [])
        waiting += [r.name.lower() for r in wanted if not r.marker or r.marker.evaluate()]
    assert {"onnxruntime", "pyvips", "pillow"} <= installed
    assert installed.isdisjoint({"torch", "torchvision", "lightning", "kornia", "onnx"})


def test_runtime_works_without_the_training_packages() -> None:
    """The runtime and the demo's sheet import where torch and its company are missing."""
    absent = ["torch", "lightning", "kornia", "torchmetrics", "onnx", "yaml", "matplotlib"]
    code = f"""
import sys
sys.modules.update(dict.fromkeys({absent}))
import colornet.batch, colornet.cli.app, colornet.colorizer, colornet.sheets
"""
    subprocess.run([sys.executable, "-c", code], check=True)
