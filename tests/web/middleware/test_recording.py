"""The access log tells nothing of pictures and files."""

import asyncio
import json
import re
from typing import Any

import pytest
from skimage import data
from starlette.types import Message, Receive, Scope, Send

from colornet.web.metrics import Metrics
from colornet.web.middleware.recording import RecordingMiddleware
from tests.web.conftest import encoded, running
from tests.web.helpers import COLORIZE


def test_a_line_for_each_request() -> None:
    logged: list[str] = []
    picture = encoded(data.camera()[:64, :64])
    guidance = '{"version": 1, "strength": 0.25}'
    with running("--model=faces", "--access-log", logged=logged) as server:
        form = {"picture": ("grandmother.jpg", picture)}
        server.post(COLORIZE, files=form, params={"guidance": guidance})
        canvas = server.open(picture)
        server.get(canvas)
        server.get("/grandmother.jpg")
        server.get("/")
    lines = [
        re.fullmatch(r"\S+ \S+ 127\.0\.0\.1 (\w+) (\S+) (\d+) \d+\.\d{3}", it) for it in logged
    ]
    assert [line.groups() if line else None for line in lines] == [
        ("GET", "/healthz", "200"),
        ("POST", COLORIZE, "200"),
        ("POST", "/api/v1/canvases", "201"),
        ("GET", "/api/v1/canvases/{canvas_id}", "200"),
        ("GET", "other", "404"),
        ("GET", "other", "200"),
    ]
    text = "".join(logged)
    for told in ("grandmother", "strength", "guidance", canvas.rpartition("/")[2]):
        assert told not in text


def recorded(
    scope: dict[str, Any], starts: bool, error: type[BaseException] = ZeroDivisionError
) -> tuple[list[Message], Metrics]:
    """What a client gets of an application that fails, before or after its response starts."""

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        if starts:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    metrics = Metrics()
    try:
        asyncio.run(RecordingMiddleware(failing, metrics)(scope, receive, send))
    except ZeroDivisionError:
        sent.append({"type": "raised"})
    return sent, metrics


REQUEST = {"type": "http", "method": "GET", "path": "/", "headers": []}


def test_what_is_under_way_when_the_server_ends(caplog: pytest.LogCaptureFixture) -> None:
    """It is canceled after the time of grace."""
    (start, body), metrics = recorded(REQUEST, starts=False, error=asyncio.CancelledError)
    assert start["status"] == 503
    assert json.loads(body["body"])["error"]["reason"] == "is being stopped"
    assert 'status="503"} 1' in metrics.text({})
    (start,), _ = recorded(REQUEST, starts=True, error=asyncio.CancelledError)
    assert start["status"] == 200
    assert not caplog.records


def test_an_unexpected_error_is_answered_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    (start, body), metrics = recorded(REQUEST, starts=False)
    assert start["status"] == 500
    assert set(json.loads(body["body"])["error"]) == {"code", "subject", "reason", "remedy"}
    assert 'colornet_requests_total{route="other",status="500"} 1' in metrics.text({})


def test_an_error_within_a_response_goes_to_the_server() -> None:
    (start, raised), metrics = recorded(REQUEST, starts=True)
    assert (start["status"], raised["type"]) == (200, "raised")
    assert 'colornet_requests_total{route="other",status="200"} 1' in metrics.text({})


def test_what_is_no_request_is_passed_on() -> None:
    (raised,), metrics = recorded({"type": "lifespan"}, starts=False)
    assert raised["type"] == "raised"
    assert "colornet_requests_total{" not in metrics.text({})
