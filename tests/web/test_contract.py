"""The API keeps to its own description, whatever is sent."""

import json
import re
from dataclasses import MISSING, fields
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import BaseModel
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from skimage import data

from colornet.guidance import Guidance, Hint
from colornet.picture import SUFFIXES
from colornet.video.hints import SHOT_FIELDS
from colornet.web.films.schemas import ShotSchema
from colornet.web.schemas import GuidanceSchema, HintSchema
from tests.web.conftest import Server, encoded, running
from tests.web.film_helpers import ready_film

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


NOT_IN_JSON = ("reference", "said")
"""Fields of guidance."""

OPERATIONS = [
    "GET /api/v1/models",
    "POST /api/v1/colorize",
    "POST /api/v1/canvases",
    "GET /api/v1/canvases/{canvas_id}",
    "DELETE /api/v1/canvases/{canvas_id}",
    "POST /api/v1/canvases/{canvas_id}/colorize",
    "GET /api/v1/canvases/{canvas_id}/suggestions",
    "GET /api/v1/canvases/{canvas_id}/uncertainty",
    "POST /api/v1/canvases/{canvas_id}/matches",
    "POST /api/v1/canvases/{canvas_id}/variants",
    "POST /api/v1/films",
    "GET /api/v1/films/{film_id}",
    "DELETE /api/v1/films/{film_id}",
    "GET /api/v1/films/{film_id}/frames/{frame}",
    "POST /api/v1/films/{film_id}/frames/{frame}/canvas",
    "POST /api/v1/films/{film_id}/frames/{frame}/hints",
    "POST /api/v1/films/{film_id}/color",
    "DELETE /api/v1/films/{film_id}/color",
    "GET /api/v1/films/{film_id}/result",
    "GET /api/v1/films/{film_id}/preview",
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
TAKE_LITTLE = {
    "GET /api/v1/models",
    "GET /api/v1/canvases/{canvas_id}",
    "DELETE /api/v1/canvases/{canvas_id}",
    "GET /api/v1/canvases/{canvas_id}/uncertainty",
    "GET /api/v1/films/{film_id}",
    "DELETE /api/v1/films/{film_id}",
    "DELETE /api/v1/films/{film_id}/color",
    "GET /healthz",
    "GET /metrics",
}
"""Operations to which nothing senseless can be said."""
CASES = [
    (name, mode)
    for name in OPERATIONS
    for mode in (SENSIBLE, INVALID)
    if mode is SENSIBLE or name not in TAKE_LITTLE
]


DEAR = {
    "POST /api/v1/films",
    "DELETE /api/v1/films/{film_id}",
    "POST /api/v1/films/{film_id}/color",
}
"""Operations that start a process, or need a film of their own."""


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_contract(
    described: dict[str, Any], server: Server, film: bytes, name: str, mode: GenerationMode
) -> None:
    operation = described[name]

    @settings(
        max_examples=4 if name in DEAR and mode is SENSIBLE else 20,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        if "{canvas_id}" in name and mode is SENSIBLE:
            case.path_parameters["canvas_id"] = canvas_of(server)
        if "{film_id}" in name and mode is SENSIBLE:
            case.path_parameters["film_id"] = film_of(server, film)
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


_film: dict[str, str] = {}


def film_of(server: Server, content: bytes) -> str:
    """A film that is ready."""
    film = _film.get(server.url, "")
    if not film or server.get(f"/api/v1/films/{film}").status_code != 200:
        film = _film[server.url] = ready_film(server, content).rpartition("/")[2]
    return film


def test_security_errors_and_content_types_are_described(server: Server) -> None:
    document = server.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"]
            assert operation["tags"]
            needs_token = path.startswith(("/api/", "/metrics"))
            assert ({"token": []} in operation.get("security", [])) == needs_token
            answers = operation["responses"]
            assert {"421", "500", "503"} <= answers.keys()
            assert ({"401", "403"} <= answers.keys()) == needs_token
            for status, answer in answers.items():
                assert answer.get("content") or status == "204", (path, status)
    colored = document["paths"]["/api/v1/colorize"]["post"]["responses"]["200"]
    kinds = {f"image/{format}" for format in SUFFIXES} | {"multipart/form-data"}
    assert colored["content"].keys() == kinds


def test_with_a_token_the_description_asks_for_it() -> None:
    headers = {"Authorization": "Bearer sesame"}
    with running("--model=faces", "--token=sesame") as server:
        document = server.get("/openapi.json", headers=headers).json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            needed: list[Any] = [] if path == "/healthz" else [{"token": []}]
            assert operation.get("security", []) == needed


def test_only_bodies_that_may_be_left_out_are_optional(server: Server, canvas: str) -> None:
    paths = server.get("/openapi.json").json()["paths"]
    for name in ("colorize", "matches", "variants"):
        body = paths[f"/api/v1/canvases/{{canvas_id}}/{name}"]["post"]["requestBody"]
        assert body["required"] == (server.post(f"{canvas}/{name}").status_code == 422), name


def test_references_lead_somewhere(server: Server) -> None:
    text = server.get("/openapi.json").text
    schemas = json.loads(text)["components"]["schemas"]
    named = set(re.findall(r'"\$ref":"([^"]+)"', text))
    assert named
    assert {f"#/components/schemas/{name}" for name in schemas} >= named


@pytest.mark.parametrize(("schema", "kind"), [(HintSchema, Hint), (GuidanceSchema, Guidance)])
def test_guidance_is_described_as_it_is(schema: type[BaseModel], kind: type) -> None:
    defaults = {
        field.name: field.default for field in fields(kind) if field.name not in NOT_IN_JSON
    }
    described = {name: field.default for name, field in schema.model_fields.items()}
    described.pop("version", None)
    assert described.keys() == defaults.keys()
    for name, default in defaults.items():
        if default is not MISSING and name != "hints":
            assert described[name] == default, name


def test_what_is_said_of_a_shot_is_described_as_it_is() -> None:
    in_json = SHOT_FIELDS - {"reference"}  # which would be a file on the server
    assert ShotSchema.model_fields.keys() == in_json


def test_docs_need_no_other_host(server: Server) -> None:
    page = server.get("/docs")
    assert isinstance(page, httpx.Response)
    assert "//" not in page.text.replace("</", "")
