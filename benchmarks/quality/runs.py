"""The tables of RUNS.md, made from what runs/ holds of each run.

    python benchmarks/quality/runs.py

A run is a file: `runs/017.yaml` for a run of the whole network, `runs/affinity-8.yaml` for one of
its affinity. `FIELDS` says what may stand in it; what was not recorded is left out, and a table
shows it as a dash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
PAGE = HERE / "RUNS.md"
RUNS = HERE / "runs"

FIELDS = {
    "what": "what was trained, and what differs from its parents",
    "parents": "the runs whose weights it began with",
    "start": "where its weights came from, if not from a run",
    "logged_in": "the commit that first told of it",
    "commit": "the commit that it ran on",
    "command": "the command",
    "recipe": "the recipe, and at which commit",
    "seed": "the seed of its random numbers",
    "data": "names of files or sets in words, with numbers of pictures where recorded",
    "data_sha256": "the hash of each file, by its name",
    "time": "how long it took, and on what",
    "measured": "the pictures and the program behind the figures",
    "gray": "the same figures of the pictures left gray",
    "figures": "a list: what it measured; the table shows the first",
    "compared": "a list: what others measured in the same way",
    "verdict": "what came of it, in a sentence",
    "fate": "what became of it: shipped, rejected, in 9 ..",
}
NEEDED = {"what", "parents", "logged_in", "measured", "figures", "verdict", "fate"}
START, END = "<!-- made by runs.py -->\n", "<!-- end -->"


@dataclass(frozen=True)
class Run:
    """What one file of runs/ says."""

    name: str  # "13", "affinity-5"
    values: dict[str, Any]

    @property
    def shown(self) -> dict[str, Any]:
        """The figures that the tables show."""
        first: dict[str, Any] = self.values["figures"][0]
        return first

    @property
    def parents(self) -> str:
        """Where its weights came from."""
        return ", ".join(map(str, self.values["parents"])) or str(self.values["start"])


def read(path: Path) -> Run:
    """A run from its file.

    Raises:
        ValueError: if a field is unknown or a needed one is missing.
    """
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    if unknown := values.keys() - FIELDS.keys():
        raise ValueError(f"{path.name}: {sorted(unknown)} are unknown; known are {sorted(FIELDS)}")
    if missing := NEEDED - values.keys():
        raise ValueError(f"{path.name}: {sorted(missing)} are missing")
    if not values["parents"] and "start" not in values:
        raise ValueError(f"{path.name}: has neither parents nor a start")
    return Run(path.stem.lstrip("0"), values)


def over_gray(run: Run) -> str:
    """PSNR over that of gray, in dB."""
    shown, gray = run.shown, run.values.get("gray", {})
    if "psnr_over_gray" in shown:
        return f"{shown['psnr_over_gray']:+.2f}"
    return f"{shown['psnr'] - gray['psnr']:+.2f}" if "psnr" in shown else "-"


def distance(run: Run) -> str:
    """The Frechet feature distance as a share of gray's."""
    shown, gray = run.shown, run.values.get("gray", {})
    if "distance_share" in shown:
        return f"{shown['distance_share']:.3f}"
    return f"{shown['distance'] / gray['distance']:.3f}" if "distance" in shown else "-"


def figure(name: str, form: str = "{}") -> Callable[[Run], str]:
    """A column that shows one figure as it is."""
    return lambda run: form.format(run.shown[name]) if name in run.shown else "-"


def listed(name: str) -> Callable[[Run], str]:
    """A column that shows several figures."""
    return lambda run: ", ".join(f"{one:.2f}" for one in run.shown.get(name, [])) or "-"


def text(name: str) -> Callable[[Run], str]:
    """A column that shows a field."""
    return lambda run: str(run.values[name])


Columns = dict[str, Callable[[Run], str]]
BEGIN: Columns = {
    "run": lambda run: run.name,
    "from": lambda run: run.parents,
    "what": text("what"),
}
LAST: Columns = {"verdict": text("verdict"), "fate": text("fate")}
NETWORK: Columns = {
    "PSNR over gray, dB": over_gray,
    "CF": figure("colorfulness", "{} %"),
    "delta-E": figure("delta_e"),
    "distance": distance,
}
AFFINITY: Columns = {"1 hint, 5 hints, dB": listed("natural_hints"), "edit": listed("edit")}


def table(runs: list[Run], columns: Columns) -> str:
    """A table in Markdown, with a row for each run."""
    columns = BEGIN | columns | LAST
    rows = [[column(run) for column in columns.values()] for run in runs]
    lines = [list(columns), ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def tables() -> str:
    """Both tables."""
    runs = [read(path) for path in sorted(RUNS.glob("*.yaml"))]
    affinities = [run for run in runs if run.name.startswith("affinity")]
    others = [run for run in runs if run not in affinities]
    return (
        f"\n### The network\n\n{table(others, NETWORK)}\n"
        f"### Its affinity\n\n{table(affinities, AFFINITY)}\n"
    )


def with_tables(page: str) -> str:
    """The page with its tables made anew."""
    before, _, rest = page.partition(START)
    after = rest.partition(END)[2]
    return f"{before}{START}{tables()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
