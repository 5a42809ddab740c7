"""Queries: each parameter is used, or refused by its name."""

import pytest

from tests.web.conftest import Server
from tests.web.helpers import COLORIZE, problem


@pytest.mark.parametrize("query", ["model=general&model=faces", "partial=1&partial=0"])
def test_a_query_that_says_something_twice(server: Server, gray: bytes, query: str) -> None:
    name = query.partition("=")[0]
    for path in (COLORIZE, "/api/v1/canvases"):
        assert problem(server.post(f"{path}?{query}", content=gray)) == (422, name)


@pytest.mark.parametrize("query", ["strength=0.5", "models=faces", "x=1&y=1"])
def test_a_query_that_nothing_would_be_done_with(server: Server, canvas: str, query: str) -> None:
    name = query.partition("=")[0]
    for path in (COLORIZE, f"{canvas}/colorize", "/api/v1/models"):
        method = server.get if path.endswith("models") else server.post
        assert problem(method(f"{path}?{query}")) == (422, name)
