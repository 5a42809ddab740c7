"""The API keeps to its own description, whatever is sent."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from skimage import data

from tests.web.conftest import Server, encoded

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


OPERATIONS = [
    "GET /api/v1/models",
    "POST /api/v1/colorize",
    "POST /api/v1/canvases",
    "GET /api/v1/canvases/{canvas_id}",
    "DELETE /api/v1/canvases/{canvas_id}",
    "POST /api/v1/canvases/{canvas_id}/colorize",
    "GET /api/v1/canvases/{canvas_id}/suggestions",
    "POST /api/v1/canvases/{canvas_id}/variants",
    "GET /healthz",
    "GET /metrics",
]


@pytest.fixture(scope="module")
def described(server: Server) -> dict[str, Any]:
    """The operations of the server's own description, by name."""
    document = schemathesis.openapi.from_dict(server.get("/openapi.json").json())
    document.config.update(base_url=server.url)
    operations = [result.ok() for result in document.get_all_operations()]
    return {operation.label: operation for operation in operations}


def test_every_operation_is_tried(described: dict[str, Any]) -> None:
    assert sorted(described) == sorted(OPERATIONS)


SENSIBLE, INVALID = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
TAKE_LITTLE = {OPERATIONS[0], *OPERATIONS[3:5], *OPERATIONS[8:]}
"""Operations to which nothing senseless can be said."""
CASES = [
    (name, mode)
    for name in OPERATIONS
    for mode in (SENSIBLE, INVALID)
    if mode is SENSIBLE or name not in TAKE_LITTLE
]


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_contract(
    described: dict[str, Any], server: Server, name: str, mode: GenerationMode
) -> None:
    operation = described[name]

    @settings(
        max_examples=20,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        if "{canvas_id}" in name and mode is SENSIBLE:
            case.path_parameters["canvas_id"] = canvas_of(server)
        case.call_and_validate(checks=CHECKS)

    holds()


_canvas: dict[str, str] = {}


def canvas_of(server: Server) -> str:
    """A canvas that is open."""
    canvas = _canvas.get(server.url, "")
    if not canvas or server.get(f"/api/v1/canvases/{canvas}").status_code != 200:
        canvas = server.open(encoded(data.camera()[:64, :64])).rpartition("/")[2]
        _canvas[server.url] = canvas
    return canvas


def test_description_is_complete(server: Server) -> None:
    paths = server.get("/openapi.json").json()["paths"]
    assert "/api/v1/canvases/{canvas_id}/suggestions" in paths
    for operations in paths.values():
        for operation in operations.values():
            assert operation["description"]
            assert operation["tags"]


def test_docs_need_no_other_host(server: Server) -> None:
    page = server.get("/docs")
    assert isinstance(page, httpx.Response)
    assert "//" not in page.text.replace("</", "")
