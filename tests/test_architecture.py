"""The layout in ARCHITECTURE.md, held to: who may import whom, and what an install brings."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterable
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

ORDER = [
    "privacy",
    "extras",
    "errors",
    "stopping",
    "paths",
    "color",
    "grid",
    "picture",
    "modelfile",
    "checks",
    "colornames",
    "reference",
    "guidance",
    "provenance",
    "blotches",
    "strokes",
    "propagation",
    "alternatives",
    "fullsize",
    "network",
    "decoding",
    "brush",
    "placement",
    "colorizer",
    "notices",
    "batch",
    "train",
    "web",
    "cli",
]
"""A part may import those before it. The package itself is the public face, over all of them."""

ONLY_IN = {
    "torch": {"train"},
    "lightning": {"train"},
    "kornia": {"train"},
    "torchmetrics": {"train"},
    "pyvips": {"picture"},
    "onnxruntime": {"privacy"},
    "typer": {"cli"},
    "fastapi": {"web"},
    "uvicorn": {"web"},
}
PYPROJECT = SOURCE.parent / "pyproject.toml"


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


def imports_when_run(module: str) -> set[str]:
    return imports(ast.walk(WithoutTypeChecking().visit(parse(module))))


def part(module: str) -> str:
    """`colornet.train.data` -> `train`."""
    return module.split(".")[1]


def is_in(module: str, places: set[str]) -> bool:
    return any(f"{module}.".startswith(f"colornet.{place}.") for place in places)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_point_downward(module: str) -> None:
    if module.count(".") == 0 or module == "colornet.__main__":
        return
    above = [
        name
        for name in imports(ast.walk(parse(module)))
        if name.startswith("colornet.") and ORDER.index(part(name)) > ORDER.index(part(module))
    ]
    assert not above, f"{module} may not import {above}"


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
import colornet.batch, colornet.cli.app, colornet.colorizer, colornet.train.sheets
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
