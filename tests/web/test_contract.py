"""The API keeps to its own description, whatever is sent."""

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
import pytest

from tests.web.conftest import Server, encoded
from skimage import data

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def description(server: Server) -> object:
    return schemathesis.openapi.from_url(f"{server.url}openapi.json")


schema = schemathesis.pytest.from_fixture("description")


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_contract(case: schemathesis.Case, server: Server) -> None:
    if "canvas_id" in (case.path_parameters or {}) and case.method != "DELETE":
        case.path_parameters["canvas_id"] = canvas_of(server)
    case.call_and_validate(checks=CHECKS)


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
