"""The access log tells nothing of pictures and files."""

import re

from skimage import data

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
