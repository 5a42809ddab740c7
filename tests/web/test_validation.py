"""What is wrong with a request is said in the same words, whoever finds it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

import colornet
from colornet.errors import UnreadablePicture
from colornet.web.errors import from_library
from tests.web.conftest import Server, decoded, encoded
from tests.web.helpers import COLORIZE

FORMATS = "use jpeg, png, tiff, webp or avif"
WRONG_QUERIES: list[tuple[dict[str, Any], str]] = [
    ({"quality": 0}, "quality '0' is out of range; use 1 or more"),
    ({"quality": 101}, "quality '101' is out of range; use 100 or less"),
    ({"quality": "high"}, "quality 'high' is not a whole number; use a whole number"),
    ({"format": "gif"}, f"format 'gif' is unknown; {FORMATS}"),
    ({"format": ""}, f"format '' is unknown; {FORMATS}"),
    ({"metadata": "some"}, "metadata 'some' is not true or false; use true or false"),
    ({"partial": "2"}, "partial '2' is not true or false; use true or false"),
    ({"turn": 45}, "turn '45' is not a multiple of 90; use a multiple of 90"),
    ({"turn": 360}, "turn '360' is out of range; use 270 or less"),
]
WRONG_BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("colorize", {"side": 5}, "side 5 is out of range; use 16 or more"),
    ("colorize", {"side": "x" * 999}, "is not a whole number; use a whole number"),
    ("colorize", {"format": []}, f"format [] is unknown; {FORMATS}"),
    ("colorize", {"metadata": "yes"}, "metadata 'yes' is not true or false; use true or false"),
    ("colorize", {"metadata": 1}, "metadata 1 is not true or false; use true or false"),
    ("colorize", {"region": []}, "region has 0 items; use 4$"),
    ("colorize", {"region": [1, 2]}, "region has 2 items; use 4$"),
    ("colorize", {"region": [1] * 5}, "region has 5 items; use 4$"),
    ("colorize", {"region": [1] * 10_000}, "region has 10000 items; use 4$"),
    ("colorize", {"region": {}}, "region {} is not a list; use a list"),
    ("colorize", {"region": [0, 0, 1, "x"]}, "region[3] 'x' is not a whole number; use a whole"),
    ("colorize", {"region": [0, 0, 9, True]}, "region[3] true is not a whole number; use a whole"),
    ("colorize", {"reference": 5}, "reference 5 is not a string; use a string"),
    ("variants", {"m": 5}, "m is unknown; use guidance, reference, n"),
    ("matches", {"source": "x"}, "guidance is missing; give it"),
    ("suggestions", {}, "x is missing; give it"),
    ("suggestions", {"x": "a", "y": 0}, "x 'a' is not a number; use a number"),
    ("suggestions", {"x": "inf", "y": 0}, "x 'inf' is not a finite number; use a finite number"),
]


def sentence(answer: Any) -> str:
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    assert len(answer.content) < 800
    return f"{error['subject']} {error['reason']}; {error['remedy']}"


@pytest.mark.parametrize(("query", "expected"), WRONG_QUERIES)
def test_a_wrong_parameter_or_field_of_a_form(
    server: Server, gray: bytes, query: dict[str, Any], expected: str
) -> None:
    assert sentence(server.post(COLORIZE, content=gray, params=query)) == expected
    assert sentence(server.post(COLORIZE, files={"picture": gray}, data=query)) == expected


@pytest.mark.parametrize(("what", "body", "expected"), WRONG_BODIES)
def test_a_wrong_field_of_a_body(
    server: Server, canvas: str, what: str, body: dict[str, Any], expected: str
) -> None:
    path = f"{canvas}/{what}"
    is_query = what == "suggestions"
    answer = server.get(path, params=body) if is_query else server.post(path, json=body)
    assert expected in f"{sentence(answer)}$"


@pytest.mark.parametrize(
    ("path", "body", "subject"),
    [
        ("colorize", {}, "the canvas"),
        ("{canvas}/colorize", {"reference": "gone"}, "reference"),
        ("{canvas}/variants", {"reference": "gone"}, "reference"),
        ("{canvas}/matches", {"source": "gone", "guidance": {"version": 1}}, "source"),
    ],
)
def test_which_canvas_is_gone(
    server: Server, canvas: str, path: str, body: dict[str, Any], subject: str
) -> None:
    path = path.format(canvas=canvas) if "{" in path else f"/api/v1/canvases/gone/{path}"
    answer = server.post(path, json=body)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "no_such_canvas"
    assert answer.json()["error"]["subject"] == subject


def test_before_and_after_in_one_request(server: Server, gray: bytes) -> None:
    alone = decoded(server.post(COLORIZE, content=gray, params={"format": "png"}).content)
    for answer in (
        server.post(COLORIZE, content=gray, params={"format": "png", "before_after": True}),
        server.post(COLORIZE, files={"picture": gray}, data={"format": "png", "before_after": "1"}),
    ):
        both = decoded(answer.content)
        assert both.shape == (200, 600, 3)
        assert np.array_equal(both[:, 300:], alone)
        assert np.ptp(both[:, :300].astype(int), axis=-1).max() <= 1


def test_remedies_name_what_a_client_can_do(server: Server) -> None:
    strip = encoded(np.full((20, 9000), 90, np.uint8), "webp")
    cut = encoded(data.camera())[:20_000]
    reference = {
        "picture": ("a.jpg", encoded(data.camera()[:64, :64])),
        "reference": ("b.jpg", cut),
    }
    canvas = server.open(strip)
    two_pages = io.BytesIO()
    page = Image.fromarray(data.camera()[:64, :64])
    page.save(two_pages, "TIFF", save_all=True, append_images=[page])
    for answer, remedy in [
        (server.post(f"{canvas}/colorize", json={"before_after": True}), "store it as PNG or TIFF"),
        (server.post(COLORIZE, content=strip, params={"before_after": 1}), "store it as PNG or"),
        (server.post(COLORIZE, content=two_pages.getvalue()), "choose one with page=1"),
        (server.post(COLORIZE, content=cut), "color what there is with partial=true"),
        (
            server.post(COLORIZE, files=reference, data={"partial": "true"}),
            "take another photograph as the reference",
        ),
    ]:
        assert answer.status_code == 422
        assert remedy in answer.json()["error"]["remedy"]
    turned = server.post(COLORIZE, content=cut, params={"partial": True, "turn": 90})
    assert turned.status_code == 200


def test_no_remedy_names_an_option_of_the_command_line() -> None:
    folder = Path(colornet.__file__).parent
    files = [*folder.glob("*.py"), *folder.glob("picture/**/*.py"), *folder.glob("guidance/*.py")]
    texts = "".join(file.read_text("utf-8") for file in files)
    remedies = re.findall(r'"([^"\n]* --\w[^"\n]*)"', texts)
    assert len(remedies) >= 3
    for text in remedies:
        remedy = from_library(UnreadablePicture("a", "b", text)).detail.remedy
        assert "--" not in remedy, text
