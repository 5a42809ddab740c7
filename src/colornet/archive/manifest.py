"""What became of each picture: a part for each unit.

`parts/UNIT.jsonl` has a row for each picture of a unit, and is there once all of them are done.
`begun/UNIT-..` says that a process began the unit, `failed/UNIT-N` that N of its pictures failed,
and `own/UNIT-N` that colornet had made N of them before; these are empty files, so that listing
names tells how an archive stands.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from colornet import __version__
from colornet.archive.places import Place
from colornet.archive.units import PLAN, Plan, Unit
from colornet.errors import ColornetError, UnwritablePicture
from colornet.notices import Notice

PARTS, BEGUN = "parts", "begun"
FAILED, OWN = "failed", "own"
"""Statuses of rows, and the folders that count them."""
WINDOW = 900.0
"""Seconds before the last part in which the rate is measured."""

Status = Literal["done", "failed", "own"]


@dataclass(frozen=True)
class Row:
    """What became of one picture.

    Attributes:
        input: path or URL; of a picture in a tar or Parquet file, FILE::NAME.
        output: of its result, from the destination on; in a tar or Parquet file, FILE::NAME; None:
            there is none.
        sha256: of the result.
        status: done; failed; own: the source is itself a result of colornet.
        error: why it failed.
        notices: what may not be as expected in the result.
        seconds: that it took.
    """

    input: str
    output: str | None
    status: Status
    sha256: str | None = None
    error: str | None = None
    notices: tuple[Notice, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Standing:
    """How far an archive has come.

    Attributes:
        pictures: in the plan.
        done: pictures that have a result.
        failed: pictures that failed.
        own: pictures that colornet had made, and that are left out.
        left: pictures that have no row yet.
        units_left: units that have no part.
        rate: pictures per second in the last quarter of an hour of work; None: not known yet.
    """

    pictures: int
    done: int
    failed: int
    own: int
    left: int
    units_left: int
    rate: float | None


def part_of(unit: Unit) -> str:
    """The name of a unit's part in the destination."""
    return f"{PARTS}/{unit.id}.jsonl"


def parts(place: Place) -> dict[str, float | None]:
    """The units that have a part, and when it was written, if that is known."""
    found = place.names(PARTS)
    return {name[:-6]: time for name, time in found if name.endswith(".jsonl") and name[0] != "."}


def failures(place: Place) -> dict[str, int]:
    """How many pictures failed, of each unit in which any did."""
    return _marked(place, FAILED)


def _marked(place: Place, folder: str) -> dict[str, int]:
    names = (name.partition("-") for name, _ in place.names(folder) if name[0] != ".")
    return {unit: int(count) for unit, _, count in names if count.isdecimal()}


def left(plan: Plan, retry: bool = False) -> list[Unit]:
    """The units that have no part; with `retry`, also those of which pictures failed."""
    done = set(parts(plan.place))
    if retry:
        done -= failures(plan.place).keys()
    return [unit for unit in plan.units if unit.id not in done]


def standing(plan: Plan) -> Standing:
    """How far an archive has come, by the names in it alone."""
    done, marked = parts(plan.place), (_marked(plan.place, folder) for folder in (FAILED, OWN))
    there = [unit for unit in plan.units if unit.id in done]
    failed, own = (sum(marks.get(unit.id, 0) for unit in there) for marks in marked)
    pictures = sum(unit.count for unit in there)
    times = sorted((t, unit.count) for unit in there if (t := done[unit.id]) is not None)
    recent = [(t, count) for t, count in times if t >= times[-1][0] - WINDOW]
    span = recent[-1][0] - recent[0][0] if recent else 0.0
    return Standing(
        pictures=plan.count,
        done=pictures - failed - own,
        failed=failed,
        own=own,
        left=plan.count - pictures,
        units_left=len(plan.units) - len(there),
        rate=sum(count for _, count in recent[1:]) / span if span > 0 else None,
    )


def mark_of(unit: Unit) -> str:
    """A new name for a mark that a unit was begun."""
    return f"{BEGUN}/{unit.id}-{uuid.uuid4().hex[:8]}"


def begin(place: Place, unit: Unit, mark: str) -> int:
    """Mark that a unit was begun; returns how many processes began it before without finishing.

    Raises:
        UnwritablePicture: the destination cannot be written, or is gone.
    """
    _check_there(place)
    before = len(_marks(place, unit, BEGUN))
    place.mark(mark)
    return before


def _check_there(place: Place) -> None:
    """Whether it is still the destination: of a disk that is not mounted any more, the folder in
    which it was would be filled in its stead.
    """
    if not place.exists(PLAN):
        remedy = "see that its disk is mounted, and run the same command again"
        raise UnwritablePicture(place.name, f"has no {PLAN} any more", remedy)


def take_back(place: Place, mark: str) -> None:
    """Remove a mark, as the unit is not to blame for the end of its process."""
    with contextlib.suppress(ColornetError, OSError):
        place.remove(mark)


def finish(plan: Plan, unit: Unit, rows: Sequence[Row], options: Mapping[str, Any]) -> None:
    """Write a unit's part, whole and last of all; then nothing is left to be done of it.

    Raises:
        UnwritablePicture: it cannot be written, or the destination is gone.
    """
    _check_there(plan.place)
    place, model = plan.place, {"name": plan.order.model, "sha256": plan.order.model_sha256}
    common = {"model": model, "options": options, "colornet": __version__, "unit": unit.id}
    lines = [json.dumps({**asdict(row), **common}).encode() + b"\n" for row in rows]
    counts: Counter[str] = Counter(row.status for row in rows)
    marks = {f"{kind}/{unit.id}-{counts[kind]}" for kind in (FAILED, OWN) if counts[kind]}
    part, old = part_of(unit), set(_marks(place, unit, BEGUN))
    if len(old) > 1 or place.exists(part):  # only then there are others, in folders of any length
        old |= {*_marks(place, unit, FAILED), *_marks(place, unit, OWN)}
    try:
        for mark in marks - old:
            place.mark(mark)
        place.write(part, b"".join(lines))
    except BaseException:
        for mark in marks - old:
            take_back(place, mark)
        raise
    for mark in old - marks:
        place.remove(mark)


def _marks(place: Place, unit: Unit, folder: str) -> list[str]:
    names = (name for name, _ in place.names(folder) if name.startswith(f"{unit.id}-"))
    return [f"{folder}/{name}" for name in names]
