"""JSON text from users: read with the keys that it repeats, and what is wrong with it in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

MAX_DIGITS = 400
"""Most digits of an integer in JSON; a number with more is larger than any float."""
CORRECT_THERE = "correct it there"
FAULTS = {
    "Expecting value": "a value is missing",
    "Expecting property name": "a name in double quotes is missing",
    "Expecting ':'": "a colon is missing",
    "Expecting ','": "a comma or a closing bracket is missing",
    "Illegal trailing comma": "a comma too many",
    "Extra data": "something follows after its end",
    "Unterminated string": "a closing quotation mark is missing",
    "Invalid control character": "a line break or another control character is in a text",
    "Invalid \\": "a backslash is followed by something that JSON does not know",
}
"""Ours, by how the messages of Python's `json` begin."""


class JsonObject(dict[str, Any]):
    """A JSON object from `parse_json`.

    Attributes:
        repeated: a key that occurs more than once, of which `dict` keeps the last; None: none does.
    """

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: str | None = None
        if len(self) < len(pairs):
            ((self.repeated, _),) = Counter(key for key, _ in pairs).most_common(1)


def parse_json(text: str | bytes) -> Any:
    """Parse JSON, with `JsonObject` for objects.

    Raises:
        ValueError, RecursionError: the text is not JSON; see `not_json`.
    """
    return json.loads(text, object_pairs_hook=JsonObject, parse_int=_integer)


def not_json(error: ValueError | RecursionError) -> tuple[str, str]:
    """Reason and remedy of an error of `parse_json`."""
    if isinstance(error, RecursionError):
        return "is nested too deeply", "use fewer levels"
    if not isinstance(error, json.JSONDecodeError):
        return "is not JSON (it is not text in UTF-8)", "write it in UTF-8"
    if not error.doc.strip():
        return "is not JSON (it is empty)", "use {..}"
    faults = (fault for start, fault in FAULTS.items() if error.msg.startswith(start))
    place = f"at line {error.lineno}, column {error.colno}"
    return f"is not JSON ({next(faults, 'it is damaged')} {place})", CORRECT_THERE


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)
