"""Compare the file at the path of a result with what is asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from colornet.batch.report import Entry
from colornet.batch.rows import FileState, Row


class Existing(Enum):
    """What is at the path of a result: nothing, the result itself, or another file."""

    NONE = "nothing"
    SAME = "made so"
    ORIGINAL = "made from another original, which had its name"
    MODEL = "made by another model"
    SETTINGS = "made with other settings"
    SOURCE = "made from another original, in another place"
    CHANGED = "changed since"
    UNKNOWN = "not known to the report"

    @property
    def is_known(self) -> bool:
        """Whether the report tells how the very file that is there was made."""
        return self not in (Existing.NONE, Existing.CHANGED, Existing.UNKNOWN)

    @property
    def can_be_redone(self) -> bool:
        """Whether --redo replaces it: it was made from this very original, as that was then."""
        return self in (Existing.ORIGINAL, Existing.MODEL, Existing.SETTINGS)


def compare(entry: Entry, wanted: Row, targets: Mapping[str, Path]) -> Existing:
    """What is at the place of a result.

    An empty file is none: disks that were full leave them. What a killed process left is made anew.

    Args:
        entry: what the report knows of it.
        wanted: how it is to be made.
        targets: all files that may be made, by their paths in the report.
    """
    paths = {name: path for name, path in targets.items() if os.path.lexists(path)}
    there = {name: FileState.of(path, name) for name, path in paths.items()}
    there = {name: state for name, state in there.items() if state.size != 0}
    if entry.last and entry.last.status == "begun":
        before = {state.path: state for state in entry.last.results}
        there = {n: s for n, s in there.items() if n in before and before[n].is_still(s)}
    made = {state.path: state for state in entry.done.results} if entry.done else {}
    if not there:
        return Existing.NONE
    if there.keys() - made.keys():
        return Existing.UNKNOWN
    if not all(made[name].is_still(state) for name, state in there.items()):
        return Existing.CHANGED
    assert entry.done  # who else made them?
    difference = _difference(entry.done, wanted)
    if difference is Existing.SAME and made.keys() - there.keys():
        return Existing.NONE  # some of its variants are gone
    return difference


def _difference(made: Row, wanted: Row) -> Existing:
    if made.source.path != wanted.source.path:
        return Existing.SOURCE
    if made.source != wanted.source:
        return Existing.ORIGINAL
    if made.model_sha256 != wanted.model_sha256:
        return Existing.MODEL
    return Existing.SAME if made.options == wanted.options else Existing.SETTINGS
