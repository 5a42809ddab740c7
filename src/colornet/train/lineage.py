"""What a network comes from, for the card of the model that it becomes."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from colornet import __version__
from colornet.model import find
from colornet.train.checkpoint import is_model, load_checkpoint
from colornet.train.data.cache import PictureCache

NOT_STATED = "not stated"
"""License of what says nothing of one."""

Lineage = dict[str, Any]
"""Fields of a card, in plain types, as a checkpoint holds them: `start`, the names of the models
that it began as; `runs`, how these and earlier runs went, in order; `data`, all that it learned
from; `license` and `settings`, inherited."""


def lineage_of(cache: PictureCache, start: Sequence[Path] = ()) -> Lineage:
    """The lineage of a new network.

    Args:
        cache: its training pictures.
        start: models, checkpoints and weights that it begins with; the last one's settings count.
    """
    found = [_inherited(path) for path in start]
    licenses = dict.fromkeys(f["license"] for f in found if "license" in f)
    licenses.pop(NOT_STATED, None)
    own = [
        {"name": name, "pictures": count, "license": NOT_STATED}
        for name, count in cache.source_counts().items()
    ]
    runs = [run for f in found for run in f.get("runs", [])]
    data = {entry["name"]: entry for f in [*found, {"data": own}] for entry in f.get("data", [])}
    return {
        "start": list(dict.fromkeys(name for f in found for name in f.get("start", []))),
        "runs": [run for i, run in enumerate(runs) if run not in runs[:i]],
        "data": list(data.values()),
        "license": " ".join(licenses) or NOT_STATED,
        "settings": next((f["settings"] for f in reversed(found) if f.get("settings")), {}),
    }


def _inherited(path: Path) -> Lineage:
    """What weights pass on; of bare weights nothing is known."""
    if is_model(path):
        card = find(path).card
        fields = asdict(card)
        return {
            "start": [card.name],
            "runs": [{"model": card.name, "recipe": card.recipe}],
            "data": list(fields["data"]),
            "license": card.license,
            "settings": dict(fields["settings"]),
        }
    if path.suffix == ".npz":
        return {}
    checkpoint = load_checkpoint(path)
    lineage = checkpoint.get("lineage", {})
    own = [checkpoint["run"]] if "run" in checkpoint else []
    return {**lineage, "runs": [*lineage.get("runs", []), *own]}


def code_version() -> str:
    """The version of this package and, in a git checkout of it, the commit that last changed it.

    Such as `0.1.0, commit f795856b143c`, with ` and changes` if files differ from the commit.
    """

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent.parent), *arguments, "--", "."]
        try:  # elsewhere there is no commit: no git, no checkout, or one of something else
            return subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""

    commit = git("log", "-1", "--format=%H")
    changes = " and changes" if commit and git("status", "--porcelain") else ""
    return __version__ + (f", commit {commit[:12]}{changes}" if commit else "")
