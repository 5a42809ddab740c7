"""Pictures, 256 at a time, in a fixed order: the plan of an archive, which all processes share.

The plan is made once and lies in the destination: `plan.json` names its units, and
`plan/*.jsonl.gz` have the pictures of a hundred units each. `plan.json` is written last. Two
processes that plan the same sources at the same time write the same.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet import __version__
from colornet.archive.order import Order
from colornet.archive.places import Place, absolute
from colornet.archive.sources import Finder, Picture
from colornet.errors import OptionError, UnreadablePicture, UnwritablePicture

PICTURES = 256
"""In a unit."""
UNITS = 100
"""In a file of the plan."""
PLAN = "plan.json"
CHUNKS = "plan"


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
        units: in order.
        left_out: a sentence for each kind of file that is not colored.
    """

    place: Place
    order: Order
    sources: tuple[str, ...]
    units: tuple[Unit, ...]
    left_out: tuple[str, ...] = field(default=())

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
    path = f"{CHUNKS}/{name}.jsonl.gz"
    try:
        return gzip.decompress(place.read(path)).splitlines()
    except (OSError, EOFError) as error:
        remedy = f"delete {PLAN} there, and plan anew"
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
        raise UnreadablePicture(place / PLAN, f"cannot be read ({error})", "allow it") from None
    try:
        told = json.loads(data)
        numbers = itertools.count()
        units = tuple(
            Unit(id, next(numbers), count, chunk, line)
            for chunk, listed in told["chunks"]
            for line, (id, count) in enumerate(listed)
        )
        order = Order.from_json(told["order"])
        return Plan(place, order, tuple(told["sources"]), units, tuple(told["left_out"]))
    except (ValueError, KeyError, TypeError) as error:
        reason = f"is no plan of this version of colornet, or damaged ({error!r})"
        remedy = "delete it, and plan anew: what is done stays done"
        raise UnreadablePicture(place / PLAN, reason, remedy) from None


def plan(sources: Sequence[str], place: Place, order: Order, grow: bool = False) -> Plan:
    """The plan that lies at a place, or a new one.

    Args:
        sources: what to color.
        place: the destination.
        order: how to color it.
        grow: list the sources again; what is new in them becomes new units of the plan.

    Raises:
        OptionError: the place belongs to something else: to other sources, another model or other
            options, or it holds files that are not of colornet.
        UnreadablePicture: there is nothing to color.
    """
    before = read_plan(place)
    wanted = tuple(map(absolute, sources))
    if before:
        _check_same(before, wanted, order)
        if not grow:
            return before
    else:
        _check_empty(place)
    made = _make(wanted, place, order, before)
    if not made.units:
        reason = "; ".join(["holds no pictures", *made.left_out])
        raise UnreadablePicture(", ".join(sources), reason, "name others")
    _commit(made)
    return made


def _check_same(before: Plan, sources: tuple[str, ...], order: Order) -> None:
    place = before.place.name
    if before.sources != sources:
        reason = f"has the results of {', '.join(before.sources)}"
        raise OptionError(place, reason, "name these, or choose another destination")
    if differences := before.order.differences(order):
        reason = f"was begun in another way ({'; '.join(differences)})"
        raise OptionError(place, reason, "choose another destination")


def _check_empty(place: Place) -> None:
    if place.path is not None and place.path.exists() and not place.path.is_dir():
        raise OptionError(place.name, "is a file", "name a folder")
    names = (name for name, _ in place.names() if not name.startswith(".") and name != CHUNKS)
    if name := next(names, None):
        reason = f"holds other files already, such as {name}"
        raise OptionError(place.name, reason, "choose another destination, or empty it")


def _make(sources: tuple[str, ...], place: Place, order: Order, before: Plan | None) -> Plan:
    """List the sources. Names that would fall on one another are seldom: only where there are some,
    the sources are listed a second time, to see which they are.
    """
    units, left_out, twice = _listed(sources, place, order, before, frozenset())
    if twice:
        units, left_out, _ = _listed(sources, place, order, before, twice)
    old = before.units if before else ()
    return Plan(place, order, sources, (*old, *units), left_out)


def _listed(
    sources: tuple[str, ...],
    place: Place,
    order: Order,
    before: Plan | None,
    twice: frozenset[int],
) -> tuple[list[Unit], tuple[str, ...], frozenset[int]]:
    finder = Finder(place.name, order.encoding.format)
    outputs, known, first = array("q"), array("q"), dict[str, Picture]()
    old = before.units if before else ()
    for picture in itertools.chain.from_iterable(pictures(place, unit) for unit in old):
        known.append(hash(picture[:3]))
        outputs.append(hash(picture.output))
        if outputs[-1] in twice:
            first[picture.output] = picture
    found = _told_apart(_new(finder.find(sources), _sorted(known), outputs), twice, first)
    units = list(_written(found, place, order, len(old)))
    ordered = _sorted(outputs)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return units, tuple(finder.left_out.lines()), frozenset(again.tolist())


def _sorted(hashes: array[int]) -> NDArray[np.int64]:
    return np.sort(np.array(hashes, np.int64))


def _new(
    found: Iterable[Picture], known: NDArray[np.int64], outputs: array[int]
) -> Iterator[Picture]:
    """Those that are not known; their outputs are noted. A hash has 64 bits, in this process."""
    for picture in found:
        if len(known):
            key = hash(picture[:3])
            place = np.searchsorted(known, key)
            if place < len(known) and known[place] == key:
                continue
        if picture.output:
            outputs.append(hash(picture.output))
        yield picture


def _told_apart(
    found: Iterable[Picture], twice: frozenset[int], first: dict[str, Picture]
) -> Iterator[Picture]:
    """Of pictures with one name for their results the first; each other one is an error."""
    for picture in found:
        if twice and hash(picture.output) in twice:
            other = first.setdefault(picture.output, picture)
            if other is not picture:
                if other.input == picture.input:
                    continue
                reason = f"its result would replace that of {other.input}"
                error = UnwritablePicture(picture.input, reason, "color it by itself")
                picture = picture._replace(output="", error=str(error))
        yield picture


def _written(found: Iterable[Picture], place: Place, order: Order, first: int) -> Iterator[Unit]:
    """Write the files of the plan, and yield their units."""
    salt = order.identity().encode()
    waiting = iter(found)
    number = first
    while True:
        lines: list[bytes] = []
        ids: list[tuple[str, int]] = []
        while len(lines) < UNITS and (unit := list(itertools.islice(waiting, PICTURES))):
            lines.append(json.dumps(list(map(_trimmed, unit)), separators=(",", ":")).encode())
            ids.append((blake2b(salt + lines[-1], digest_size=16).hexdigest(), len(unit)))
        if not lines:
            return
        name = blake2b("".join(id for id, _ in ids).encode(), digest_size=16).hexdigest()
        place.write(f"{CHUNKS}/{name}.jsonl.gz", gzip.compress(b"\n".join(lines), 1, mtime=0))
        for line, (id, count) in enumerate(ids):
            yield Unit(id, number, count, name, line)
            number += 1


def _trimmed(picture: Picture) -> tuple[Any, ...]:
    if picture.error:
        return tuple(picture)
    return tuple(picture[:4]) if picture.member else (picture.file, picture.output)


def _commit(made: Plan) -> None:
    by_chunk = itertools.groupby(made.units, lambda unit: unit.chunk)
    told = {
        "colornet": __version__,
        "sources": made.sources,
        "order": made.order.to_json(),
        "left_out": made.left_out,
        "chunks": [[name, [(unit.id, unit.count) for unit in units]] for name, units in by_chunk],
    }
    made.place.write(PLAN, json.dumps(told).encode())
