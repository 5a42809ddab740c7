"""Dependencies of the routes: the shared state, and a check of the query."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from colornet.web.errors import repeated, unknown
from colornet.web.state import AppState

API = "/api/v1"
"""Prefix of all paths of the API."""


async def _state(request: Request) -> AppState:
    state: AppState = request.app.state.colornet
    return state


State = Annotated[AppState, Depends(_state)]


async def check_query(request: Request) -> None:
    """Check that the query has only known parameters, each of them once.

    Raises:
        ApiError: it has others.
    """
    own = request.scope["route"].dependant
    fields = [field for one in (own, *own.dependencies) for field in one.query_params]
    known: list[str] = []
    for field in fields:  # a model stands for all of its fields
        known += getattr(field.field_info.annotation, "model_fields", [field.alias])
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            raise unknown(name, known)
        if given.count(name) > 1:
            raise repeated(name)
