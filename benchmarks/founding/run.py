"""The founding document's conclusion, in figures.

    python benchmarks/founding/run.py FACES WORK ENCODER

Trains the baseline without global features, fusion with regression and fusion with classification
by recipes/faces.yaml, on a random split and on one by person, and the network at full width beside
the narrower one that is shipped; writes the tables to benchmarks/founding/RESULTS.md. ENCODER is
the .npz of MobileNetEdgeTPU weights that tells persons apart. Takes about two hours on one CPU
core; what is done already is not done again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from colornet.evaluation.evaluate import evaluate
from colornet.evaluation.metrics import Summary
from colornet.evaluation.report import Report
from colornet.train.config import Recipe
from colornet.train.export import export_checkpoint
from colornet.train.log import read_log
from colornet.train.prepare import prepare
from colornet.train.run import train

HERE = Path(__file__).parent
RECIPE = Recipe.from_file(HERE.parents[1] / "recipes" / "faces.yaml")
SPLITS = {"random": "Random split", "people": "By person"}
BASELINE = {"name": "iizuka", "width": 0.5, "global_features": False}
ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline": ("baseline without global features", {"network": BASELINE}),
    "regression": ("fusion, regression", {}),
    "classification": ("fusion, classification", {"head": {"name": "classification"}}),
}
SHORT = {"epochs": 4}
WIDTHS: dict[str, tuple[str, dict[str, Any]]] = {
    "half": ("half the channels, as shipped", SHORT),
    "full": ("all channels", {**SHORT, "network": {**RECIPE.network, "width": 1.0}}),
}
HEADER = """| | PSNR | SSIM | delta-E 2000 | CF | delta-CF | minutes |
|---|---|---|---|---|---|---|
"""


def run(work: Path, name: str, changes: dict[str, Any]) -> tuple[Report, float]:
    """Train, export and evaluate one network; its report and the minutes of training."""
    output = work / name
    checkpoint = train([work / "aug_images"], RECIPE.changed(**changes), output,
                       [work / "test_data"])  # fmt: skip
    model = export_checkpoint(checkpoint, output / "model")
    report = evaluate(model.path, work / "test_data", output / "report")
    return report, sum(epoch["seconds"] for epoch in read_log(output)) / 60


def line(title: str, figures: Summary, minutes: float | None = None) -> str:
    """One row of a table."""
    time = "" if minutes is None else f"{minutes:.0f}"
    return (
        f"| {title} | {figures.psnr:.2f} | {figures.ssim:.3f} | {figures.delta_e:.3f}"
        f" | {figures.colorfulness:.1f} | {figures.delta_colorfulness:.1f} | {time} |\n"
    )


def table(work: Path, rows: dict[str, tuple[str, dict[str, Any]]]) -> str:
    """Gray and every row, for one split."""
    lines = []
    gray = None
    for name, (title, changes) in rows.items():
        report, minutes = run(work, name, changes)
        gray = gray or line("gray", report.gray)
        lines.append(line(title, report.prediction, minutes))
    return HEADER + (gray or "") + "".join(lines)


def main(faces: Path, work: Path, encoder: Path) -> None:
    """Make everything that is not there, and write the tables."""
    text = "# Faces: results\n\nMade by `python benchmarks/founding/run.py FACES WORK ENCODER`.\n"
    for split, title in SPLITS.items():
        if not (work / split / "split.json").exists():
            by_person = split == "people"
            prepare(
                faces, work / split, by_person=by_person, encoder=encoder if by_person else None
            )
        text += f"\n## {title}\n\n{table(work / split, ROWS)}"
    text += f"\n## Width (random split, {SHORT['epochs']} epochs)\n\n"
    text += table(work / "random", WIDTHS)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
