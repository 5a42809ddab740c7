"""An open photograph, from open to close."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import Colorizer, Encoding, Guidance
from colornet.guidance import Hint
from colornet.picture import SUFFIXES
from tests.web.conftest import Server, decoded, encoded
from tests.web.helpers import COLORIZE, with_damaged_page

GRAY = data.camera()[:200, :300]


def test_a_canvas_from_open_to_close(server: Server, colorizer: Colorizer, gray: bytes) -> None:
    canvas = server.open(gray)
    shown = server.get(canvas).json()
    assert (shown["width"], shown["height"], shown["format"]) == (300, 200, "jpeg")
    assert canvas.endswith(shown["id"])

    guidance = Guidance(saturation=1.5, hints=[Hint(((150, 100),), "wheat")])
    answer = server.post(f"{canvas}/colorize", json={"guidance": guidance.to_json()})
    wanted = colorizer.colorize(gray, None, guidance, encoding=Encoding(strip_metadata=True))
    assert np.array_equal(decoded(answer.content), decoded(wanted))

    assert server.delete(canvas).status_code == 204
    assert server.get(canvas).status_code == 404
    problem = server.post(f"{canvas}/colorize").json()["error"]
    assert problem["code"] == "no_such_canvas"
    assert problem["remedy"]


def test_nothing_asked_for_is_the_usual_coloring(server: Server, gray: bytes) -> None:
    canvas = server.open(gray)
    assert server.post(f"{canvas}/colorize").content == server.post(COLORIZE, content=gray).content


def test_small_copies_and_parts_are_those_of_the_whole(server: Server) -> None:
    large = Image.fromarray(data.camera()).resize((2400, 1600))
    canvas = server.open(encoded(np.asarray(large), "png"))
    whole = decoded(server.post(f"{canvas}/colorize").content).astype(int)
    small = decoded(server.post(f"{canvas}/colorize", json={"side": 600}).content)
    assert small.shape == (400, 600, 3)
    halved = np.asarray(Image.fromarray(whole.astype(np.uint8)).resize((600, 400)))
    assert np.abs(small.astype(int) - halved).mean() < 3
    part = decoded(
        server.post(f"{canvas}/colorize", json={"region": [1000, 500, 320, 240]}).content
    )
    assert np.abs(part - whole[500:740, 1000:1320]).mean() < 3


def test_suggestions_uncertainty_and_variants(
    server: Server, colorizer: Colorizer, gray: bytes
) -> None:
    canvas = server.open(gray)
    own = colorizer.open(gray)
    found = server.get(f"{canvas}/suggestions", params={"x": 150, "y": 100, "n": 5}).json()
    wanted = [(one.color, pytest.approx(one.probability)) for one in own.suggest(150, 100, 5)]
    assert [(one["color"], one["probability"]) for one in found] == wanted
    rows = server.get(f"{canvas}/uncertainty").json()["rows"]
    assert np.array(rows) == pytest.approx(own.uncertainty(), abs=0.006)
    assert all(len(str(value)) <= 4 for row in rows for value in row)
    variants = server.post(f"{canvas}/variants", json={"n": 3}).json()
    assert variants == [one.to_json() for one in own.variants(3)]


def test_another_canvas_is_the_reference(server: Server, colorizer: Colorizer, gray: bytes) -> None:
    other = encoded(data.astronaut())
    canvas, reference = server.open(gray), server.open(other).rpartition("/")[2]
    answer = server.post(f"{canvas}/colorize", json={"reference": reference})
    wanted = colorizer.colorize(gray, None, Guidance(reference=other))
    assert np.array_equal(decoded(answer.content), decoded(wanted))


def test_small_copies_and_parts_in_every_format(server: Server, gray: bytes) -> None:
    canvas = server.open(gray)
    for part in ({"side": 50}, {"region": [10, 20, 30, 40]}):
        assert server.post(f"{canvas}/colorize", json=part).headers["content-type"] == "image/jpeg"
        for format in SUFFIXES:
            answer = server.post(f"{canvas}/colorize", json=part | {"format": format})
            assert answer.headers["content-type"] == f"image/{format}"
            assert b"compositeWithTrainedAlgorithmicMedia" in answer.content
            shape = (33, 50, 3) if "side" in part else (40, 30, 3)
            assert decoded(answer.content).shape == shape
        small, large = (
            server.post(f"{canvas}/colorize", json=part | {"format": "webp", "quality": quality})
            for quality in (5, 95)
        )
        assert len(small.content) < len(large.content)


def test_notices_of_a_reference_that_is_open(server: Server, gray: bytes) -> None:
    canvas, other = server.open(gray), server.open(gray).rpartition("/")[2]
    for _ in range(2):
        answer = server.post(f"{canvas}/colorize", json={"reference": other})
        told = json.loads(answer.headers["colornet-notices"])["first"]
        assert [(one["subject"], one["code"]) for one in told] == [
            ("the reference", "reference-without-color")
        ]


INVALID = [
    ("colorize", {"guidance": {"version": 1, "strength": 2}}, "strength"),
    ("colorize", {"guidance": {"version": 1, "hints": [{"points": []}]}}, "hints[0].color"),
    ("colorize", {"guidance": {"version": 2}}, "version"),
    ("colorize", {"guidance": []}, "guidance"),
    ("colorize", {"region": [0, 0, 9999, 1]}, "region"),
    ("colorize", {"quality": 0}, "quality"),
    ("colorize", {"format": "png", "quality": 50}, "quality"),
    ("colorize", {"side": 50, "format": "tiff", "quality": 50}, "quality"),
    ("colorize", {"side": 50, "region": [0, 0, 9, 9]}, "region"),
    ("colorize", {"side": 50, "metadata": True}, "metadata"),
    ("colorize", {"path": "/etc/passwd"}, "path"),
    ("colorize", {"guidance": {"version": 1, "setting": "/etc/passwd"}}, "general"),
    ("variants", {"n": 100}, "n"),
]


@pytest.mark.parametrize(("what", "body", "subject"), INVALID)
def test_senseless_wishes(
    server: Server, gray: bytes, what: str, body: object, subject: str
) -> None:
    answer = server.post(f"{server.open(gray)}/{what}", json=body)
    assert answer.status_code == 422
    problem = answer.json()["error"]
    assert problem["subject"] == subject
    assert problem["reason"]
    assert problem["remedy"]


def test_things_of_another_photograph_are_found(server: Server) -> None:
    pixels = np.asarray(Image.fromarray(data.astronaut()).convert("L"))
    source = server.open(encoded(pixels))
    mirrored = server.open(encoded(np.ascontiguousarray(pixels[:, ::-1])))
    hint = {"points": [[154, 369]], "color": "teal"}
    asked = {"source": source.rpartition("/")[2], "guidance": {"version": 1, "hints": [hint]}}
    (match,) = server.post(f"{mirrored}/matches", json=asked).json()
    assert match["hint"] == 0
    assert abs(match["x"] - 0.7) < 0.1
    assert abs(match["y"] - 0.72) < 0.1
    other = server.post("/api/v1/canvases?model=faces", content=encoded(pixels)).json()
    answer = server.post(f"{mirrored}/matches", json=asked | {"source": other["id"]})
    assert answer.status_code == 422
    assert "another model" in answer.json()["error"]["reason"]


def test_a_photograph_on_its_side_is_turned(server: Server) -> None:
    turned = encoded(np.ascontiguousarray(np.rot90(GRAY)), "png")
    shown = server.post("/api/v1/canvases?turn=90", content=turned).json()
    assert (shown["width"], shown["height"]) == (300, 200)
    upright = server.post(COLORIZE, content=encoded(GRAY, "png"))
    answer = server.post(f"{COLORIZE}?turn=90", content=turned)
    assert np.array_equal(decoded(answer.content), decoded(upright.content))
    assert server.post(f"{COLORIZE}?turn=45", content=turned).status_code == 422
    assert server.post(COLORIZE, files={"picture": turned}, data={"turn": "90"}).is_success


def test_before_and_after_in_one_picture(server: Server) -> None:
    canvas = server.open(encoded(GRAY, "png"))
    both = server.post(f"{canvas}/colorize", json={"before_after": True, "metadata": True})
    pixels = decoded(both.content)
    assert pixels.shape == (200, 600, 3)
    colored = decoded(server.post(f"{canvas}/colorize").content)
    assert np.array_equal(pixels[:, 300:], colored)
    assert np.abs(pixels[:, :300].astype(int) - GRAY[..., np.newaxis]).max() <= 1
    small = server.post(f"{canvas}/colorize", json={"before_after": True, "side": 150})
    assert decoded(small.content).shape == (100, 300, 3)
    asked = {"before_after": True, "region": [0, 0, 20, 20]}
    assert server.post(f"{canvas}/colorize", json=asked).status_code == 422


def test_a_faded_print_has_levels(server: Server) -> None:
    canvas = server.open(encoded((60 + GRAY * 0.4).astype(np.uint8), "png"))
    found = server.get(canvas).json()["auto_levels"]
    assert 15 < found[0] < 35
    assert 50 < found[1] < 75
    auto, same, plain = (
        decoded(server.post(f"{canvas}/colorize", json={"guidance": guidance}).content)
        for guidance in (
            {"version": 1, "levels": "auto"},
            {"version": 1, "levels": found},
            {"version": 1},
        )
    )
    assert np.array_equal(auto, same)
    assert np.ptp(auto) > 240 > np.ptp(plain)
    asked = {"before_after": True, "guidance": {"version": 1, "levels": "auto"}}
    both = decoded(server.post(f"{canvas}/colorize", json=asked).content)
    assert np.array_equal(both[:, 300:], auto)
    assert np.ptp(both[:, :300].max(axis=-1).astype(int)) < 120, "before is without levels"
    black, white = found
    for path in (f"suggestions?x=9&y=9&levels={black},{white}", "uncertainty?levels=auto"):
        assert server.get(f"{canvas}/{path}").is_success
    refused = [
        server.get(f"{canvas}/uncertainty?levels=90,10"),
        server.post(f"{canvas}/colorize", json={"guidance": {"version": 1, "levels": [9]}}),
    ]
    for answer in refused:
        assert answer.status_code == 422
        assert "levels" in answer.json()["error"]["subject"]
    form = {"guidance": json.dumps({"version": 1, "levels": "auto"})}
    whole = server.post(COLORIZE, files={"picture": encoded(GRAY // 2 + 40, "png")}, data=form)
    assert np.ptp(decoded(whole.content)) > 240


def test_a_page_of_a_tiff_is_chosen(server: Server) -> None:
    buffer = io.BytesIO()
    pages = [Image.fromarray(np.ascontiguousarray(GRAY[:, k : k + 90])) for k in (0, 90, 180)]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    book = buffer.getvalue()
    for number, page in enumerate(pages, 1):
        answer = server.post(f"/api/v1/canvases?page={number}", content=book)
        assert answer.json()["pages"] == 3
        alone = server.post(COLORIZE, content=encoded(np.asarray(page), "tiff"))
        colored = server.post(f"/api/v1/canvases/{answer.json()['id']}/colorize")
        assert np.array_equal(decoded(colored.content), decoded(alone.content))
        form = {"page": str(number)}
        direct = server.post(COLORIZE, files={"picture": book}, data=form)
        assert np.array_equal(decoded(direct.content), decoded(alone.content))
    for path in (COLORIZE, "/api/v1/canvases"):
        problem = server.post(path, content=book).json()["error"]
        assert problem["reason"] == "holds 3 pages"
        assert "page=1" in problem["remedy"]
        answer = server.post(f"{path}?page=4", content=book)
        assert (answer.status_code, answer.json()["error"]["subject"]) == (422, "page")
        assert server.post(f"{path}?page=0", content=book).status_code == 422
        assert server.post(f"{path}?page=1", content=encoded(GRAY)).is_success


def test_an_error_about_a_page_tells_of_others(server: Server) -> None:
    path, buffer = "/api/v1/canvases", io.BytesIO()
    pages = [Image.fromarray(np.ascontiguousarray(GRAY[:, k : k + 90])) for k in (0, 90, 180)]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    book = with_damaged_page(buffer.getvalue())
    for query in ("", "?page=1"):
        answer = server.post(path + query, content=book)
        assert answer.status_code == 422
        assert answer.json()["error"]["pages"] == 3
    assert server.post(f"{path}?page=2", content=book).json()["pages"] == 3
    for content in (b"no picture", encoded(GRAY, "tiff")[:2000]):
        assert "pages" not in server.post(path, content=content).json()["error"]


def test_a_visible_mark(server: Server) -> None:
    canvas = server.open(encoded(GRAY, "png"))
    plain = decoded(server.post(f"{canvas}/colorize").content)
    for answer in (
        server.post(f"{canvas}/colorize", json={"mark": True}),
        server.post(f"{COLORIZE}?mark=true", content=encoded(GRAY, "png")),
    ):
        changed = (decoded(answer.content) != plain).any(axis=-1)
        assert changed[170:, 200:].any()
        assert not changed[:150].any()
        assert not changed[:, :150].any()
    asked = {"mark": True, "side": 150, "format": "png"}
    small = decoded(server.post(f"{canvas}/colorize", json=asked).content)
    without = decoded(server.post(f"{canvas}/colorize", json=asked | {"mark": False}).content)
    assert (small != without)[75:, 75:].any()
    asked = {"mark": True, "region": [0, 0, 20, 20]}
    answer = server.post(f"{canvas}/colorize", json=asked)
    assert (answer.status_code, answer.json()["error"]["subject"]) == (422, "mark")
