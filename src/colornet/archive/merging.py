"""What became of all pictures, as one table: the parts of the manifest, merged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from colornet.archive.manifest import part_of, parts
from colornet.archive.places import Place, buffered, writing
from colornet.archive.scratch import scratch
from colornet.archive.units import Plan, Unit
from colornet.errors import OptionError, UnreadablePicture

TABLE = "manifest.parquet"
COLUMNS = {"input", "output", "status", "sha256", "unit"}
"""Some of the table's, by which it is known."""
LONGEST = 1 << 20
"""Bytes of its first line, at most."""
READERS = 16
"""Parts that are read at once."""


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
        target: a file on disk: Parquet if its name ends in .parquet, or else JSON Lines; None:
            `manifest.parquet` in the destination.

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
