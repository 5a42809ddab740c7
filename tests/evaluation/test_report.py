from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet.evaluation.metrics import Scores
from colornet.evaluation.report import PictureScores, Report, class_table, write


@pytest.fixture
def report() -> Report:
    """Two pictures of people and one of a street."""
    pictures = [
        PictureScores(
            key=f"{name}/{i}.jpg",
            class_name=name,
            file=f"{name}/{i}.png",
            prediction=Scores(20.0 + i, 0.9, 10.0 - i, 30.0 + i),
            gray=Scores(19.0, 0.8, 12.0, 0.0),
            true_colorfulness=40.0,
        )
        for i, name in enumerate(["people", "people", "street <wet>"])
    ]
    return Report("mine", "set.tar", None, tuple(pictures), (), ())


@pytest.fixture
def written(report: Report, tmp_path: Path) -> Path:
    """The report's folder."""
    for kind in ("black_white", "color", "true"):
        for picture in report.pictures:
            path = tmp_path / kind / picture.file
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((20, 30, 3), 90, np.uint8)).save(path)
    write(report, tmp_path, tmp_path / "true")
    return tmp_path


def test_each_class_has_its_means(report: Report) -> None:
    assert {name: len(part.pictures) for name, part in report.classes.items()} == {
        "people": 2,
        "street <wet>": 1,
    }
    assert report.classes["people"].prediction.psnr == pytest.approx(20.5)
    table = class_table(report)
    assert table is not None
    assert table.rows["people"] == ("2", "20.50", "0.9000", "9.50", "30.50", "9.50", "19.00")
    assert len(table.columns) == len(table.rows["people"])
    assert class_table(report.classes["people"]) is None


def test_figures_of_classes_and_pictures_are_in_the_json(written: Path) -> None:
    figures = json.loads((written / "report.json").read_text())
    assert figures["count"] == 3
    assert figures["classes"]["people"]["count"] == 2
    assert figures["classes"]["people"]["prediction"]["delta_colorfulness"] == pytest.approx(9.5)
    assert figures["classes"]["street <wet>"]["gray"]["psnr"] == 19
    last = figures["pictures"][2]
    assert last["class_name"] == "street <wet>"
    assert last["prediction"] == {
        "psnr": 22.0,
        "ssim": 0.9,
        "delta_e": 8.0,
        "colorfulness": 32.0,
        "delta_colorfulness": 8.0,
    }
    assert last["gray"]["delta_colorfulness"] == 40


def test_the_page_tells_what_its_columns_are(written: Path) -> None:
    page = " ".join((written / "report.html").read_text().split())
    assert "CF is the colorfulness" in page
    assert "ΔCF is how far" in page
    assert "<th class=text>people<td>2" in page
    assert "street &lt;wet&gt;" in page
    assert "street <wet>" not in page


def test_names_of_any_bytes(report: Report, written: Path) -> None:
    name = os.fsdecode(b"people/\xff<i>.jpg")
    write(
        replace(report, pictures=(replace(report.pictures[0], key=name),)),
        written,
        written / "true",
    )
    assert r"people/\udcff&lt;i&gt;.jpg" in (written / "report.html").read_text("utf-8")
    assert json.loads((written / "report.json").read_text())["pictures"][0]["key"] == name
