"""Options of networks and heads, as recipes give them, held to what their builders take."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from colornet.errors import RecipeError


def check_options(subject: str, build: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Refuse options that `build` does not take, or takes by another type.

    Args:
        subject: what the options are for, such as `network fusion`.
        build: its keyword-only arguments with a default are the options.
        given: the options of a recipe.

    Raises:
        RecipeError: an unknown option, or a value of the wrong type.
    """
    defaults = option_defaults(build)
    if unknown := sorted(map(str, set(given) - set(defaults))):
        known = ", ".join(sorted(defaults)) or "none"
        raise RecipeError(subject, f"unknown option {', '.join(unknown)}", f"known: {known}")
    for name, value in given.items():
        if expected := _expected(defaults[name], value):
            raise RecipeError(subject, f"{name} is {value!r}", f"use {expected}")


def option_defaults(build: Callable[..., Any]) -> dict[str, Any]:
    """The options of a network or head, and their values if a recipe does not give them."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(build).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is not parameter.empty
    }


def is_finite(value: Any) -> bool:
    """Whether a value is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max  # false for NaN


def _expected(default: Any, value: Any) -> str:
    """What a value has to be like the default; empty: it is."""
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "true or false"
    if default is None:
        return "" if value is None or isinstance(value, str) else "the path of a file"
    if not is_finite(value):
        return "a number"
    return "a whole number" if isinstance(default, int) and not isinstance(value, int) else ""
