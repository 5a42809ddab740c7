"""What pydantic finds wrong with a request, in the words of the library's errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from colornet.guidance.checks import shown

SEE_DESCRIPTION = "see the description of the API at /docs"

NUMBER, WHOLE, FLAG = "a number", "a whole number", "true or false"
KINDS = {
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "finite_number": "a finite number",
    "bool_type": FLAG,
    "bool_parsing": FLAG,
    "string_type": "a string",
    "list_type": "a list",
    "multiple_of": "a multiple of {multiple_of}",
}
"""What was expected, by the types of pydantic's errors."""

Sentence = Callable[[str, Mapping[str, Any]], tuple[str, str]]
SENTENCES: dict[str, Sentence] = {
    "missing": lambda given, limits: ("is missing", "give it"),
    "extra_forbidden": lambda given, limits: ("is unknown", "leave it out"),
    "literal_error": lambda given, limits: (
        f"{given} is unknown",
        f"use {str(limits['expected']).replace(chr(39), '')}",
    ),
    "greater_than_equal": lambda given, limits: (
        f"{given} is out of range",
        f"use {limits['ge']:g} or more",
    ),
    "less_than_equal": lambda given, limits: (
        f"{given} is out of range",
        f"use {limits['le']:g} or less",
    ),
    "int_parsing_size": lambda given, limits: (f"{given} is out of range", "use a smaller number"),
    "too_short": lambda given, limits: _of_wrong_length(limits["min_length"], limits),
    "too_long": lambda given, limits: _of_wrong_length(limits["max_length"], limits),
}
"""Reason and remedy for the other types, from what was given and the limits on it."""


def _of_wrong_length(expected: int, limits: Mapping[str, Any]) -> tuple[str, str]:
    """A list in a request has a length of its own, not a least or greatest one."""
    return f"has {limits['actual_length']} items", f"use {expected}"


def explained(error: Mapping[str, Any]) -> tuple[str, str, str]:
    """The subject, reason and remedy of one of pydantic's errors.

    Args:
        error: one of `ValidationError.errors()`; its place begins with the part of the request.
    """
    subject = place_of(error["loc"][1:]) or "the body"
    kind, given, limits = error["type"], _given(error.get("input")), error.get("ctx") or {}
    if kind in KINDS:
        expected = KINDS[kind].format(**limits)
        return subject, f"{given} is not {expected}", f"use {expected}"
    if kind in SENTENCES:
        return subject, *SENTENCES[kind](given, limits)
    return subject, f"{given} is not valid", SEE_DESCRIPTION


def _given(value: object) -> str:
    """A short representation, of JSON's own values as JSON has them."""
    return json.dumps(value) if value is None or isinstance(value, bool) else shown(value)


def place_of(parts: Sequence[str | int]) -> str:
    """The name of a field, such as `region[3]`, as in errors of guidance."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")
