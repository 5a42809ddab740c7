"""Pictures, 256 at a time, in a fixed order: the plan of an archive, which all processes share.

The plan lies in the destination: `plan.json` names its units, and `plan/*.jsonl.gz` have the
pictures of a hundred units each. `planning.py` makes it.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from colornet import __version__
from colornet.archive.order import Order
from colornet.archive.places import Place
from colornet.archive.sources import Picture
from colornet.errors import UnreadablePicture, how_to_read, why_unreadable

PICTURES = 256
"""In a unit."""
UNITS = 100
"""In a file of the plan."""
PLAN = "plan.json"
CHUNKS, SUFFIX = "plan", ".jsonl.gz"


@dataclass(frozen=True)
class Unit:
    """Some pictures that are colored together.

    Attributes:
        id: a hash of the pictures' names, the options and the model.
        number: in the plan.
        count: of its pictures.
        chunk: the file of the plan that has them.
        line: which line of it.
    """

    id: str
    number: int
    count: int
    chunk: str
    line: int


@dataclass(frozen=True)
class Plan:
    """What is to be colored.

    Attributes:
        place: the destination.
        order: how everything is colored.
        sources: as the user named them, in full.
        found: units of the pictures that were found, in order.
        faults: units of what could not be listed: damaged tar files, folders without permission,
            pictures whose result has the name of another's. Their numbers are the last, so that
            listing the sources again changes no other number.
        left_out: a sentence for each kind of file that is not colored.
    """

    place: Place
    order: Order
    sources: tuple[str, ...]
    found: tuple[Unit, ...]
    faults: tuple[Unit, ...] = ()
    left_out: tuple[str, ...] = field(default=())

    @functools.cached_property
    def units(self) -> tuple[Unit, ...]:
        """All of them, by their numbers."""
        return (*self.found, *self.faults)

    @property
    def count(self) -> int:
        """Of all pictures."""
        return sum(unit.count for unit in self.units)


def shard(units: Sequence[Unit], number: int, count: int) -> list[Unit]:
    """One of so many shares of the units, numbered from 0, or from 1: the last one is also 0."""
    return [unit for unit in units if unit.number % count == number % count]


def pictures(place: Place, unit: Unit) -> list[Picture]:
    """The pictures of a unit.

    Raises:
        UnreadablePicture: the plan is damaged.
    """
    return [Picture(*fields) for fields in json.loads(_chunk(place, unit.chunk)[unit.line])]


@functools.lru_cache(maxsize=2)
def _chunk(place: Place, name: str) -> list[bytes]:
    path = f"{CHUNKS}/{name}{SUFFIX}"
    try:
        return gzip.decompress(place.read(path)).splitlines()
    except (OSError, EOFError, zlib.error) as error:
        remedy = f"delete {PLAN} there, and plan again"
        raise UnreadablePicture(place / path, f"cannot be read ({error})", remedy) from None


def read_plan(place: Place) -> Plan | None:
    """The plan that lies at a place; None: there is none.

    Raises:
        UnreadablePicture: it is damaged, or by another version.
    """
    try:
        data = place.read(PLAN)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        remedy = how_to_read(error, "allow it")
        raise UnreadablePicture(place / PLAN, why_unreadable(error), remedy) from None
    try:
        told = json.loads(data)
        numbers = itertools.count()
        found, faults = (tuple(_units(told[kind], numbers)) for kind in ("found", "faults"))
        order = Order.from_json(told["order"])
        return Plan(place, order, tuple(told["sources"]), found, faults, tuple(told["left_out"]))
    except (ValueError, KeyError, TypeError) as error:
        reason = f"is not a plan of this version of colornet, or is damaged ({error!r})"
        remedy = "delete it, and plan again: what is done stays done"
        raise UnreadablePicture(place / PLAN, reason, remedy) from None


def _units(chunks: Sequence[Any], numbers: Iterator[int]) -> Iterator[Unit]:
    for chunk, listed in chunks:
        for line, (id, count) in enumerate(listed):
            yield Unit(id, next(numbers), count, chunk, line)


def write_plan(plan: Plan) -> None:
    """Write `plan.json`; the files that it names are there.

    Raises:
        UnwritablePicture: it cannot be written.
    """
    told = {
        "colornet": __version__,
        "sources": plan.sources,
        "order": plan.order.to_json(),
        "left_out": plan.left_out,
        "found": _chunks(plan.found),
        "faults": _chunks(plan.faults),
    }
    plan.place.write(PLAN, json.dumps(told).encode())


def _chunks(units: Sequence[Unit]) -> list[Any]:
    by_chunk = itertools.groupby(units, lambda unit: unit.chunk)
    return [[name, [(unit.id, unit.count) for unit in units]] for name, units in by_chunk]
