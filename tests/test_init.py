import re
import subprocess
import sys
from dataclasses import fields, is_dataclass

import pytest

import colornet


def test_importing_it_loads_no_library() -> None:
    code = (
        "import sys, colornet; print({'numpy', 'onnxruntime', 'pyvips', 'torch'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("name", colornet.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(colornet, name) is not None
    assert name in dir(colornet)


@pytest.mark.parametrize(
    "public", [x for name in colornet.__all__ if is_dataclass(x := getattr(colornet, name))]
)
def test_help_tells_what_each_field_is(public: type) -> None:
    """What a notebook or `help` shows of a class is its docstring."""
    _, attributes = (public.__doc__ or "").split("Attributes:\n")
    told = {
        name
        for names in re.findall(r"^ {8}([a-z_0-9, ]+): ", attributes, re.MULTILINE)
        for name in names.split(", ")
    }
    assert {field.name for field in fields(public)} <= told


def test_public_names_are_sorted_and_have_homes() -> None:
    assert colornet.__all__ == sorted(colornet.__all__)
    assert colornet._HOMES.keys() < set(colornet.__all__)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'colourise'"):
        colornet.colourise  # noqa: B018
