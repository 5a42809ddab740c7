"""The general model is made by one script, from the encoder's weights to the model's folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image

import colornet
from colornet.extras import EXTRAS
from tests.train.losses.pictures import save_encoder

ROOT = Path(__file__).parents[2]
ENOUGH = ("torch", "lightning", "torchmetrics", "fsspec", "yaml")
"""What training needs of the extras; torch and lightning bring all of it."""
NOT_TO_HIDE = ("matplotlib",)
"""torchmetrics imports it if its files are there."""


def make_sets(folder: Path) -> Path:
    """20 pictures that are told by their names to be of nine sets."""
    folder.mkdir()
    photograph = Image.fromarray(skimage.data.coffee()).resize((120, 100))
    for i in range(20):
        name = hashlib.sha1(str(i).encode()).hexdigest()[:10]
        photograph.rotate(9 * i).save(folder / f"set{i % 9}-{name}.png")
    return folder


def hide_from_training(folder: Path) -> Path:
    """A folder for PYTHONPATH, with which `colornet train` finds nothing but what is enough."""
    folder.mkdir()
    modules = {name for extra in EXTRAS.values() for name in extra} | {"pyvips", "onnxruntime"}
    hidden = sorted(modules.difference(ENOUGH, NOT_TO_HIDE))
    code = f"import sys\nif 'train' in sys.orig_argv:\n    sys.modules |= dict.fromkeys({hidden})\n"
    (folder / "sitecustomize.py").write_text(code)
    return folder


def small_recipes(folder: Path) -> Path:
    """The script, with its recipes for small pictures."""
    shutil.copytree(ROOT / "recipes", folder)
    for path in folder.glob("*.yaml"):
        recipe = path.read_text("utf-8")
        for name, side in (("size", 96), ("crop", 64)):
            recipe = re.sub(rf"^{name}: \d+$", f"{name}: {side}", recipe, flags=re.MULTILINE)
        path.write_text(recipe, "utf-8")
    return folder / "general.sh"


@pytest.mark.slow
@pytest.mark.timeout(900)  # three runs: a busy machine takes its time
def test_the_script_makes_a_model_from_the_encoders_weights(tmp_path: Path) -> None:
    encoder = save_encoder(tmp_path / "encoder.npz")
    pictures = make_sets(tmp_path / "pictures")
    result = subprocess.run(
        ["bash", small_recipes(tmp_path / "recipes"), encoder, tmp_path / "work", pictures],
        env=os.environ
        | {
            "TRUNK": "--epochs 1 -b 8",
            "ADVERSARIAL": "--epochs 1 -b 8",
            "AFFINITY": "--epochs 1 -b 8",
            "PYTHONPATH": os.pathsep.join(
                [
                    str(hide_from_training(tmp_path / "hidden")),
                    *filter(None, [os.getenv("PYTHONPATH")]),
                ]
            ),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    model = tmp_path / "work" / "general"
    colored = colornet.colorize(skimage.data.camera(), model=model)
    assert np.asarray(colored).shape == (512, 512, 3)
    card = json.loads((model / "card.json").read_text())
    assert list(card["settings"]) == ["natural", "vivid", "faithful"]
    assert card["weaknesses"] == []
    assert [run["pictures"] for run in json.loads(card["recipe"])] == [16, 16, 16]
    assert "set0" in [source["name"] for source in card["data"]]
    decoded = [json.loads(p.read_text()) for p in tmp_path.glob("work/cache/*/summary.json")]
    assert len(decoded) == 2, "more than once for training and once for validation"
    assert sum(each["pictures"] for each in decoded) == 20
