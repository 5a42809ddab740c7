"""What the API gives is what the library gives."""

import io
import json
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import Colorizer, Encoding, Guidance
from colornet.guidance import Hint
from colornet.picture import SUFFIXES
from tests.picture.making import ultra_hdr
from tests.picture.test_foreign import HEIC
from tests.picture.test_png import TEXTS, chunk, with_text
from tests.picture.test_profiles import SCANNER
from tests.picture.test_tiff_images import tiff
from tests.web.conftest import Server, decoded, encoded

COLORIZE = "/api/v1/colorize"
GRAY = data.camera()[:200, :300]


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer()


@pytest.mark.parametrize("format", SUFFIXES)
def test_same_format_and_pixels_as_the_library(
    server: Server, colorizer: Colorizer, format: str
) -> None:
    picture = encoded(GRAY, format)
    answer = server.post(COLORIZE, content=picture)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"image/{format}"
    wanted = colorizer.colorize(picture, encoding=Encoding(strip_metadata=True))
    assert np.array_equal(decoded(answer.content), decoded(wanted))


@pytest.mark.parametrize(("format", "result"), [("bmp", "png"), ("gif", "png"), ("heic", "jpeg")])
def test_formats_that_are_only_read(server: Server, format: str, result: str) -> None:
    picture = HEIC.read_bytes() if format == "heic" else encoded(GRAY, format)
    files = {"picture": (f"scan.{format}", picture)}
    answer = server.post(COLORIZE, files=files)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"image/{result}"
    opened = server.post("/api/v1/canvases", content=picture)
    assert opened.json()["format"] == result
    body = server.get("/openapi.json").json()["paths"][COLORIZE]["post"]["requestBody"]["content"]
    assert f"image/{format}" in body


@pytest.mark.parametrize("metadata", [False, True])
def test_text_of_any_script(server: Server, metadata: bool) -> None:
    picture = with_text(*(chunk(*text) for text in TEXTS.values()))
    answer = server.post(COLORIZE, content=picture, params={"metadata": metadata})
    assert answer.status_code == 200, answer.text
    assert ("Łódź 1931".encode() in answer.content) == metadata


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1)])
def test_pictures_of_few_pixels(server: Server, size: tuple[int, int]) -> None:
    picture = encoded(np.resize(GRAY, size), "png")
    assert decoded(server.post(COLORIZE, content=picture).content).shape == (*size, 3)
    opened = server.post("/api/v1/canvases", content=picture)
    assert opened.status_code == 201
    for asked in ({}, {"side": 20}, {"region": [0, 0, 1, 1]}):
        answer = server.post(f"{opened.headers['Location']}/colorize", json=asked)
        assert answer.status_code == 200, answer.text


def test_form_with_guidance_and_reference(server: Server, colorizer: Colorizer) -> None:
    picture, reference = encoded(GRAY, "png"), encoded(data.coffee())
    guidance = Guidance(strength=0.5, hints=[Hint(((20, 30),), "teal")])
    files = {"picture": ("scan.png", picture), "reference": ("other.jpg", reference)}
    form = {"guidance": json.dumps(guidance.to_json())}
    answer = server.post(COLORIZE, files=files, data=form)
    assert answer.status_code == 200, answer.text
    wanted = colorizer.colorize(
        picture, None, Guidance(0.5, reference=reference, hints=guidance.hints)
    )
    assert np.abs(decoded(answer.content).astype(int) - decoded(wanted)).max() <= 1


def test_guidance_and_format_in_the_query(server: Server, gray: bytes) -> None:
    query = {"guidance": '{"version": 1, "strength": 0}', "format": "png", "model": "faces"}
    answer = server.post(COLORIZE, content=gray, params=query)
    assert answer.headers["content-type"] == "image/png"
    assert np.ptp(decoded(answer.content).astype(int), axis=-1).max() <= 1


def test_metadata_stays_out_unless_asked_for(server: Server) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ansel"
    picture = encoded(GRAY, exif=exif)
    plain, kept = (server.post(COLORIZE, content=picture, params=q) for q in ({}, {"metadata": 1}))
    assert not Image.open(io.BytesIO(plain.content)).getexif()
    assert Image.open(io.BytesIO(kept.content)).getexif()[0x013B] == "Ansel"
    assert b"DigitalSourceType" in kept.content


def test_notices_say_what_is_not_as_expected(server: Server, gray: bytes) -> None:
    answer = server.post(COLORIZE, content=encoded(data.coffee()))
    assert "in color already" in unquote(answer.headers["colornet-notices"])
    assert "colornet-notices" not in server.post(COLORIZE, content=gray).headers
    canvas = server.post("/api/v1/canvases", content=encoded(data.coffee())).json()
    (notice,) = canvas["notices"]
    assert notice["subject"] == "the picture"
    assert notice["text"] == "is in color already; its own colors are discarded"


def test_a_phones_picture_with_a_gain_map(server: Server) -> None:
    answer = server.post(COLORIZE, content=ultra_hdr(GRAY))
    assert answer.status_code == 200, answer.text
    assert "gain map is left out" in unquote(answer.headers["colornet-notices"])
    assert decoded(answer.content).shape == (*GRAY.shape, 3)


def test_tiffs_and_profiles_are_read_as_elsewhere(server: Server) -> None:
    small = {"photometric": "rgb", "subfiletype": 1}
    raw = {"photometric": 34892, "subfiletype": 0}
    rgb = np.stack([GRAY] * 3, -1)
    answer = server.post(COLORIZE, content=tiff((rgb[::8, ::8], small), GRAY))
    assert decoded(answer.content).shape == (*GRAY.shape, 3)
    assert "lower resolution" in unquote(answer.headers["colornet-notices"])
    scanned = encoded(rgb, "png", icc_profile=SCANNER)
    answer = server.post(COLORIZE, content=scanned)
    assert "no true way back" in unquote(answer.headers["colornet-notices"])
    for refused, what in [
        (tiff((rgb[::8, ::8], small), (rgb, raw)), "camera raw"),
        (tiff(GRAY.astype(np.float32)), "floating point outside 0..1"),
    ]:
        answer = server.post(COLORIZE, content=refused)
        assert answer.status_code in (415, 422)
        assert what in answer.text


def test_models_tell_what_they_can(server: Server) -> None:
    answer = server.get("/api/v1/models").json()
    general, faces = answer["models"]
    assert (general["name"], general["hints"], general["suggestions"]) == ("general", True, True)
    assert (faces["name"], faces["hints"]) == ("faces", False)
    assert answer["max_bytes"] == 64 << 20
    assert general["settings"][0] == next(iter(Colorizer().card.settings))


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


def test_suggestions_and_variants(server: Server, colorizer: Colorizer, gray: bytes) -> None:
    canvas = server.open(gray)
    own = colorizer.open(gray)
    found = server.get(f"{canvas}/suggestions", params={"x": 150, "y": 100, "n": 5}).json()
    wanted = [(one.color, pytest.approx(one.probability)) for one in own.suggest(150, 100, 5)]
    assert [(one["color"], one["probability"]) for one in found] == wanted
    variants = server.post(f"{canvas}/variants", json={"n": 3}).json()
    assert variants == [one.to_json() for one in own.variants(3)]


def test_another_canvas_is_the_reference(server: Server, colorizer: Colorizer, gray: bytes) -> None:
    other = encoded(data.astronaut())
    canvas, reference = server.open(gray), server.open(other).rpartition("/")[2]
    answer = server.post(f"{canvas}/colorize", json={"reference": reference})
    wanted = colorizer.colorize(gray, None, Guidance(reference=other))
    assert np.array_equal(decoded(answer.content), decoded(wanted))


INVALID = [
    ("colorize", {"guidance": {"version": 1, "strength": 2}}, "strength"),
    ("colorize", {"guidance": {"version": 1, "hints": [{"points": []}]}}, "hints[0].color"),
    ("colorize", {"guidance": {"version": 2}}, "version"),
    ("colorize", {"guidance": []}, "guidance"),
    ("colorize", {"region": [0, 0, 9999, 1]}, "region"),
    ("colorize", {"quality": 0}, "quality"),
    ("colorize", {"format": "gif"}, "format"),
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


def test_bodies_that_are_no_json(server: Server, gray: bytes) -> None:
    canvas = server.open(gray)
    for body in (b"{", b"\xff\xfe", b"[" * 100_000, b'"text"'):
        answer = server.post(f"{canvas}/colorize", content=body)
        assert answer.status_code == 422, body[:9]
        assert answer.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize(
    ("picture", "status", "reason"),
    [
        (b"", 422, "is empty"),
        (b"Dear diary", 422, "is not a picture"),
        (encoded(GRAY)[:5000], 422, "is damaged or cut off"),
    ],
)
def test_pictures_that_cannot_be_read(
    server: Server, picture: bytes, status: int, reason: str
) -> None:
    for path in (COLORIZE, "/api/v1/canvases"):
        answer = server.post(path, files={"picture": ("scan.jpg", picture)})
        problem = answer.json()["error"]
        assert answer.status_code == status
        assert reason in problem["reason"]
        assert problem["subject"] == "scan.jpg"


def test_what_there_is_of_a_picture_is_colored_if_asked_for(server: Server) -> None:
    cut = encoded(GRAY)
    cut = cut[: len(cut) // 2]
    for path in (COLORIZE, "/api/v1/canvases"):
        problem = server.post(path, content=cut).json()["error"]
        assert problem["code"] == "unreadable_picture"
        assert "partial=True" in problem["remedy"]
    answer = server.post(COLORIZE, content=cut, params={"partial": True})
    assert answer.status_code == 200
    assert "is missing" in unquote(answer.headers["Colornet-Notices"])
    opened = server.post("/api/v1/canvases", content=cut, params={"partial": True}).json()
    assert "is missing" in opened["notices"][0]["text"]


def test_damaged_tiffs_are_a_problem(server: Server) -> None:
    sound = encoded(GRAY, "TIFF", compression="tiff_lzw")
    answer = server.post(COLORIZE, content=sound[:900] + bytes(600) + sound[1500:])
    assert answer.status_code == 422
    assert "is damaged" in answer.json()["error"]["reason"]


def test_forms_that_are_none(server: Server) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "multipart/mixed"):
        answer = server.post(COLORIZE, content=b"--y\r\n", headers={"content-type": kind})
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "invalid"
    answer = server.post(COLORIZE, files={"reference": b"x"})
    assert answer.json()["error"]["subject"] == "picture"
    answer = server.post(COLORIZE, files={"photo": b"x"})
    assert answer.json()["error"]["remedy"].startswith("use picture, reference, model, ")


def test_a_model_is_named_and_not_a_path(server: Server, gray: bytes, tiny_model: str) -> None:
    for name in (str(tiny_model), "../general", "nothing"):
        answer = server.post(COLORIZE, content=gray, params={"model": name})
        assert answer.status_code == 404
        assert answer.json()["error"]["remedy"] == "use general or faces"


def test_health_and_metrics(server: Server, gray: bytes) -> None:
    assert server.get("/healthz").json() == {"status": "ok"}
    canvas = server.open(gray)
    server.get(canvas)
    text = server.get("/metrics").text
    assert 'colornet_requests_total{route="/api/v1/canvases/{canvas_id}",status="200"}' in text
    assert canvas.rpartition("/")[2] not in text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(values["colornet_canvases"]) >= 1
    assert float(values["colornet_bytes"]) > len(gray)
    route = 'route="/healthz"'
    assert (
        values[f"colornet_request_seconds_count{{{route}}}"]
        == values[f'colornet_request_seconds_bucket{{{route},le="+Inf"}}']
    )
