"""What became of each picture: a part for each unit, and all parts as one table.

`parts/UNIT.jsonl` has a row for each picture of a unit, and is there once all of them are done.
`begun/UNIT-..` says that a process began the unit, `failed/UNIT-N` that N of its pictures failed,
and `own/UNIT-N` that colornet had made N of them before; these are empty files, so that listing
names tells how an archive stands.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from colornet import __version__
from colornet.archive.places import Place, buffered, writing
from colornet.archive.scratch import scratch
from colornet.archive.units import PLAN, Plan, Unit
from colornet.errors import ColornetError, OptionError, UnreadablePicture, UnwritablePicture
from colornet.notices import Notice

PARTS, BEGUN = "parts", "begun"
FAILED, OWN = "failed", "own"
"""Statuses of rows, and the folders that count them."""
TABLE = "manifest.parquet"
COLUMNS = {"input", "output", "status", "sha256", "unit"}
"""Some of the table's, by which it is known."""
LONGEST = 1 << 20
"""Bytes of its first line, at most."""
READERS = 16
"""Parts that are read at once."""
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


def rows(plan: Plan) -> Iterator[dict[str, Any]]:
    """All rows that there are, in the order of the plan.

    Raises:
        UnreadablePicture: a part is damaged.
    """
    there = parts(plan.place).keys()
    units = [unit for unit in plan.units if unit.id in there]
    with ThreadPoolExecutor(READERS) as readers:
        for first in range(0, len(units), READERS):
            yield from _in_order(readers, plan.place, units[first : first + READERS])


def _in_order(
    readers: ThreadPoolExecutor, place: Place, units: list[Unit]
) -> Iterator[dict[str, Any]]:
    for part in readers.map(lambda unit: _read_part(place, unit), units):
        yield from part


def _read_part(place: Place, unit: Unit) -> list[dict[str, Any]]:
    name = part_of(unit)
    remedy = "delete it, and run the archive again"
    try:
        told = [json.loads(line) for line in place.read(name).splitlines()]
    except (OSError, ValueError) as error:
        raise UnreadablePicture(place / name, f"cannot be read ({error})", remedy) from None
    if len(told) != unit.count:
        reason = f"has {len(told)} of {unit.count} rows"
        raise UnreadablePicture(place / name, reason, remedy)
    return told


def merge(plan: Plan, target: Path | None = None) -> int:
    """Write all rows as one table.

    Args:
        plan: the archive's.
        target: a file on disk that ends in .jsonl, .json or .parquet; None: `manifest.parquet` in
            the destination.

    Returns:
        How many rows it has.

    Raises:
        OptionError: the target is another file.
        UnreadablePicture: a part is damaged.
        UnwritablePicture: the table cannot be written; one that was there before is kept.
    """
    if target is None and plan.place.path is not None:
        target = plan.place.path / TABLE
    elif target is not None and os.path.lexists(target) and not _is_table(target):
        remedy = "choose another name, or move it elsewhere"
        raise OptionError(target, "is not of an archive, whose table would replace it", remedy)
    if target is not None:
        with writing(str(target)), buffered(target) as file:
            return _write_table(rows(plan), file, target.suffix.lower() == ".parquet")
    with scratch() as folder:
        table = folder / TABLE
        with table.open("wb") as file:
            count = _write_table(rows(plan), file, True)
        plan.place.put(table, TABLE)
        return count


def _is_table(path: Path) -> bool:
    """Whether a file is a table that `merge` wrote, which may be without rows."""
    try:
        if path.suffix.lower() == ".parquet":
            from pyarrow.parquet import read_schema

            names = read_schema(path).names
        else:
            with path.open("rb") as file:
                line = file.readline(LONGEST)
            row = json.loads(line) if line else dict.fromkeys(COLUMNS)  # no rows
            names = list(row) if isinstance(row, dict) else []
    except (OSError, ValueError):  # pyarrow's are both
        return False
    return {*names} >= COLUMNS


def _write_table(told: Iterable[dict[str, Any]], file: Any, as_parquet: bool) -> int:
    if as_parquet:
        from colornet.archive.table import write_parquet

        return write_parquet(told, file)
    count = 0
    for row in told:
        file.write(json.dumps(row).encode() + b"\n")
        count += 1
    return count
