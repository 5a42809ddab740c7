"""Archives of small pictures, in units of four."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet.archive import manifest, merging, planning, running, units
from colornet.archive.order import Order
from colornet.archive.places import Place
from colornet.archive.units import Plan
from colornet.guidance import Guidance
from colornet.picture import Encoding

UNIT = 4


@pytest.fixture(autouse=True)
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "PICTURES", UNIT)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Ten gray pictures in two folders."""
    return write_album(tmp_path / "album", 10)


def write_album(folder: Path, count: int) -> Path:
    camera = data.camera()
    for i in range(count):
        path = folder / f"roll{i // 6}" / f"{i:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ascontiguousarray(camera[5 * i :][:40, 200:248])).save(path)
    return folder


@pytest.fixture
def planned(tiny_model: Path) -> Callable[..., Plan]:
    """Plans sources for a destination."""

    def planned(sources: Path | list[Path], output: Path | str, **how: Any) -> Plan:
        order = Order.of(str(tiny_model), Guidance(), Encoding(), False, how.pop("into", "tree"))
        several = sources if isinstance(sources, list) else [sources]
        return planning.plan(list(map(str, several)), Place.of(str(output)), order, **how)

    return planned


def color(plan: Plan, retry: bool = False) -> dict[str, str | None]:
    """Color what is left; the errors of all pictures, None for those that have a result."""
    for _ in running.run(plan, manifest.left(plan, retry), jobs=1, threads=1, again=retry):
        pass
    rows = [(row["input"], row["error"]) for row in merging.rows(plan)]
    assert len(rows) == len(dict(rows))
    return dict(rows)


def files(folder: Path) -> dict[str, bytes]:
    """The pictures in a folder of results."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.*"))
        if path.suffix in (".jpg", ".png", ".tif")
    }
