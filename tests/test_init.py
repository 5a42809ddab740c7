import subprocess
import sys

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


def test_public_names_are_sorted_and_have_homes() -> None:
    assert colornet.__all__ == sorted(colornet.__all__)
    assert colornet._HOMES.keys() < set(colornet.__all__)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'colourise'"):
        colornet.colourise  # noqa: B018
