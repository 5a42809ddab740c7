from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from colornet.train.data.cache import open_cache
from colornet.train.validation_preview import COLUMNS, ValidationPreview
from tests.train.tasks import make_task

MakePictures = Callable[..., Path]


def test_pictures_are_shown_and_measured_as_the_network_stands(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    cache = open_cache([make_pictures("held", ["cat"], 3)], 32, tmp_path / "c", workers=1)
    task = make_task({"name": "iizuka", "width": 0.1, "global_size": 32}, "regression").eval()
    preview = ValidationPreview(cache, tmp_path, every=5)
    for step in (5, 10, 10):  # the last again, as after a kill
        preview.look(task, step)
    with (tmp_path / "figures.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["step"] for line in lines] == ["5", "10"]
    assert list(lines[0]) == list(COLUMNS)
    assert lines[0]["psnr"] == lines[1]["psnr"]
    assert float(lines[0]["colorfulness_true"]) > float(lines[0]["colorfulness"]) > 0
    with Image.open(tmp_path / "sheets" / "0000010.png") as sheet:
        assert sheet.height > 3 * 128
    assert (tmp_path / "figures.png").exists()
