"""Figures in documents are those that the benchmarks wrote down."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from colornet.model import DEFAULT_MODEL, find

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("an sdist has no benchmarks", allow_module_level=True)

README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows(section: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_speed_in_the_readme_is_what_was_measured() -> None:
    results: dict[str, Any] = json.loads((BENCHMARKS / "speed/results.json").read_text("utf-8"))
    large, sizes, peers = results["large"], results["sizes"], results["peers"]
    shortest, longest = sizes["seconds_1"], sizes["seconds_100"]
    most = max(value for name, value in sizes.items() if name.startswith("megabytes"))
    shown = rows(README.split("## Speed")[1].split("\n## ")[0])
    assert [row[2:] for row in shown] == [
        [f"{large['ratio']:.1f}", f"{large['megabytes']:.0f} MB"],
        ["", f"{most:.0f} MB"],
        [f"{results['start']['ratio']:.1f}", ""],
        [f"{peers['picture_ratio']:.1f}", f"{peers['picture_peer_megabytes']:.0f} MB"],
        [f"{peers['model_ratio']:.1f}", f"{peers['model_peer_megabytes']:.0f} MB"],
    ]
    assert f"{shortest:.2f} to {longest:.1f} s" in shown[1][1]


def test_settings_are_as_good_as_the_card_says() -> None:
    page = (BENCHMARKS / "quality/README.md").read_text(encoding="utf-8")
    shown = {row[0]: row[1:] for row in rows(page.split("## The settings")[1].split("\n## ")[0])}
    card = find(DEFAULT_MODEL).card
    assert list(shown) == list(card.settings)
    for name, setting in card.settings.items():
        figures = card.figures[f"{name}, both"]
        *told, over_gray, _, _, colorfulness, delta_e, distance, _ = shown[name]
        parameters = [setting.vividness, setting.saturation, setting.shadow]
        assert [float(one) for one in told] == parameters
        assert over_gray == f"{figures['psnr'] - figures['psnr_gray']:+.2f}"
        share = figures["colorfulness"] / figures["colorfulness_true"]
        assert colorfulness == f"{100 * share:.0f} %"
        assert delta_e == f"{figures['delta_e']:.2f}"
        gray = figures["frechet_feature_distance_gray"]
        assert float(distance) == pytest.approx(
            figures["frechet_feature_distance"] / gray, abs=6e-4
        )


def test_each_benchmark_is_in_the_index() -> None:
    index = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    folders = {path.name for path in BENCHMARKS.iterdir() if (path / "README.md").exists()}
    assert folders <= set(re.findall(r"\]\((\w+)/README\.md\)", index))
