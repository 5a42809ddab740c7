"""How a plan is made of what the sources hold.

`plan.json` is written last. Two processes that plan the same sources at the same time write the
same.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colornet.archive import units
from colornet.archive.order import Order
from colornet.archive.places import Place, absolute
from colornet.archive.sources import Finder, Picture
from colornet.archive.units import CHUNKS, Plan, Unit, pictures, read_plan, write_plan
from colornet.errors import OptionError, UnreadablePicture, UnwritablePicture
from colornet.paths import exists, folded, is_folder


def plan(
    sources: Sequence[str],
    place: Place,
    order: Order,
    grow: bool = False,
    retry: bool = False,
) -> Plan:
    """The plan that lies at a place, or a new one.

    Args:
        sources: what to color.
        place: the destination.
        order: how to color it.
        grow: list the sources again; what is new in them becomes new units of the plan.
        retry: the same, if there was something that could not be listed.

    Raises:
        OptionError: the place belongs to something else: to other sources, another model or other
            options, or it holds files that are not of colornet.
        UnreadablePicture: there is nothing to color.
    """
    before = read_plan(place)
    wanted = tuple(map(absolute, sources))
    if before:
        _check_same(before, wanted, order)
        if not (grow or (retry and before.faults)):
            return before
    else:
        _check_empty(place)
    made = _make(wanted, place, order, before)
    if not made.units:
        reason = "; ".join(["holds no pictures", *made.left_out])
        raise UnreadablePicture(", ".join(sources), reason, "name others")
    write_plan(made)
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
    """Whether there is nothing, or an archive whose `plan.json` was deleted to plan it anew."""
    if place.path is not None and exists(place.path) and not is_folder(place.path):
        raise OptionError(place.name, "is a file", "name a folder")
    if any(name.endswith(units.SUFFIX) for name, _ in place.names(CHUNKS)):
        return
    names = (name for name, _ in place.names() if not name.startswith("."))
    if name := next(names, None):
        reason = f"holds other files already, such as {name}"
        raise OptionError(place.name, reason, "choose another destination, or empty it")


def _make(sources: tuple[str, ...], place: Place, order: Order, before: Plan | None) -> Plan:
    """List the sources. Names that would fall on one another are seldom: only where there are some,
    the sources are listed a second time, to see which they are.
    """
    try:
        made, twice = _listed(sources, place, order, before, frozenset())
        if twice:
            made, _ = _listed(sources, place, order, before, twice)
    except _Moved:
        return _make(sources, place, order, None)
    return made


class _Moved(Exception):
    """A picture is in another place of its tar or Parquet file than it was, which the units that
    are there cannot tell.
    """


def _listed(
    sources: tuple[str, ...],
    place: Place,
    order: Order,
    before: Plan | None,
    twice: frozenset[int],
) -> tuple[Plan, frozenset[int]]:
    """A plan, and hashes of results' names that occur twice."""
    finder = Finder(place.name, order.encoding.format)
    key = folded if order.into == "tree" and _ignores_case(place) else str
    outputs, first = array("q"), dict[str, Picture]()
    old = before.found if before else ()
    known = _Known(itertools.chain.from_iterable(pictures(place, unit) for unit in old))
    for picture in known:
        outputs.append(hash(key(picture.output)))
        if outputs[-1] in twice:
            first[key(picture.output)] = picture
    found, faults = _Writer(place, order), _Writer(place, order)
    new = _new(finder.find(sources), known, outputs, key)
    for picture in _told_apart(new, twice, first, key):
        (faults if picture.error else found).add(picture)
    joined = (*old, *found.units(len(old)))
    made = Plan(
        place,
        order,
        sources,
        joined,
        tuple(faults.units(len(joined))),
        tuple(finder.left_out.lines()),
    )
    ordered = _sorted(outputs)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return made, frozenset(again.tolist())


class _Known:
    """What a plan has already, by hashes of 64 bits, in this process."""

    def __init__(self, planned: Iterable[Picture]) -> None:
        self._planned = planned
        self._names = self._places = _sorted(array("q"))

    def __iter__(self) -> Iterator[Picture]:
        """All of it, once; afterwards it is known."""
        names, places = array("q"), array("q")
        for picture in self._planned:
            names.append(hash(picture[:3]))
            places.append(hash((picture[:3], *picture.at)))
            yield picture
        self._names, self._places = _sorted(names), _sorted(places)

    def has(self, picture: Picture) -> bool:
        """Whether a picture is planned; raises `_Moved` if it is in another place now."""
        if not len(self._names):
            return False
        if _holds(self._places, hash((picture[:3], *picture.at))):
            return True
        if _holds(self._names, hash(picture[:3])):
            raise _Moved
        return False


def _sorted(hashes: array[int]) -> NDArray[np.int64]:
    return np.sort(np.array(hashes, np.int64))


def _holds(ordered: NDArray[np.int64], key: int) -> bool:
    place = np.searchsorted(ordered, key)
    return bool(place < len(ordered) and ordered[place] == key)


def _ignores_case(place: Place) -> bool:
    """Whether a folder on disk takes names that differ in case for one, which it is asked."""
    if place.path is None:
        return False
    there = next(path for path in (place.path, *place.path.parents) if exists(path))
    with (
        contextlib.suppress(OSError),  # which writing the plan reports
        tempfile.TemporaryDirectory(prefix=".colornet-", dir=there) as made,
    ):
        return exists(Path(made).with_name(Path(made).name.upper()))
    return False


def _new(
    found: Iterable[Picture], known: _Known, outputs: array[int], key: Callable[[str], str]
) -> Iterator[Picture]:
    """Those that are not known; their outputs are noted."""
    for picture in found:
        if known.has(picture):
            continue
        if picture.output:
            outputs.append(hash(key(picture.output)))
        yield picture


def _told_apart(
    found: Iterable[Picture],
    twice: frozenset[int],
    first: dict[str, Picture],
    key: Callable[[str], str],
) -> Iterator[Picture]:
    """Of pictures with one name for their results the first; each other one is an error."""
    if not twice:
        yield from found
    for picture in found:
        if hash(name := key(picture.output)) in twice:
            other = first.setdefault(name, picture)
            if other is not picture:
                if other.input == picture.input:
                    continue
                reason = f"its result would replace that of {other.input}"
                error = UnwritablePicture(picture.input, reason, "color it by itself")
                picture = picture._replace(output="", error=str(error))
        yield picture


class _Writer:
    """Writes pictures into files of the plan, few of them in memory at once."""

    def __init__(self, place: Place, order: Order) -> None:
        self._place, self._salt = place, order.identity().encode()
        self._pictures: list[tuple[Any, ...]] = []
        self._lines: list[bytes] = []
        self._ids: list[tuple[str, int]] = []
        self._files: list[tuple[str, list[tuple[str, int]]]] = []

    def add(self, picture: Picture) -> None:
        """The next picture."""
        self._pictures.append(_trimmed(picture))
        if len(self._pictures) == units.PICTURES:
            self._end_unit()

    def _end_unit(self) -> None:
        line = json.dumps(self._pictures, separators=(",", ":")).encode()
        self._lines.append(line)
        id = blake2b(self._salt + line, digest_size=16).hexdigest()
        self._ids.append((id, len(self._pictures)))
        self._pictures = []
        if len(self._lines) == units.UNITS:
            self._end_file()

    def _end_file(self) -> None:
        name = blake2b("".join(id for id, _ in self._ids).encode(), digest_size=16).hexdigest()
        data = gzip.compress(b"\n".join(self._lines), 1, mtime=0)
        self._place.write(f"{CHUNKS}/{name}{units.SUFFIX}", data)
        self._files.append((name, self._ids))
        self._lines, self._ids = [], []

    def units(self, first: int) -> Iterator[Unit]:
        """The units of all pictures, numbered from `first` on, when all were added."""
        if self._pictures:
            self._end_unit()
        if self._lines:
            self._end_file()
        numbers = itertools.count(first)
        for name, ids in self._files:
            for line, (id, count) in enumerate(ids):
                yield Unit(id, next(numbers), count, name, line)


def _trimmed(picture: Picture) -> tuple[Any, ...]:
    if picture.error:
        return tuple(picture)
    return tuple(picture[:4]) if picture.member else (picture.file, picture.output)
