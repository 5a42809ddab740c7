"""What the API gives is what the library gives."""

import io
import json
from typing import Any
from urllib.parse import unquote

import httpx
import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import Colorizer, Encoding, Guidance
from colornet.guidance import Hint
from colornet.picture import SUFFIXES
from tests.picture.decoding.test_read_only_formats import HEIC
from tests.picture.making import png_chunk, ultra_hdr
from tests.picture.metadata.test_png_text import TEXTS, with_text
from tests.picture.test_profiles import SCANNER
from tests.picture.tiff.test_images import tiff
from tests.web.conftest import Server, decoded, encoded
from tests.web.helpers import COLORIZE, problem

GRAY = data.camera()[:200, :300]


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
    picture = with_text(*(png_chunk(*text) for text in TEXTS.values()))
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


WAYS = ["query", "form"]


@pytest.mark.parametrize("way", WAYS)
def test_each_option_in_the_query_and_in_a_form(server: Server, gray: bytes, way: str) -> None:
    def ask(**options: Any) -> httpx.Response:
        query, form = (options, {}) if way == "query" else ({}, options)
        return server.post(COLORIZE, files={"picture": gray}, params=query, data=form)

    for format in SUFFIXES:
        answer = ask(format=format)
        assert answer.headers["content-type"] == f"image/{format}", answer.text
    sizes = [len(ask(format="webp", quality=quality).content) for quality in (5, 50, 95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2] / 2
    assert ask(model="faces").content != ask().content
    assert np.ptp(decoded(ask(guidance='{"version": 1, "strength": 0}').content), axis=-1).max() < 3


def test_an_option_in_the_query_and_in_the_form(server: Server, gray: bytes) -> None:
    for option, value in {"format": "png", "quality": "90", "model": "faces"}.items():
        once = {option: value}
        answer = server.post(COLORIZE, files={"picture": gray}, params=once, data=once)
        assert problem(answer) == (422, option)
    both = server.post(
        COLORIZE, files={"picture": gray}, params={"format": "webp"}, data={"quality": 20}
    )
    assert both.headers["content-type"] == "image/webp"


@pytest.mark.parametrize("format", ["png", "tiff"])
def test_a_quality_of_formats_that_lose_nothing(server: Server, gray: bytes, format: str) -> None:
    answer = server.post(COLORIZE, content=gray, params={"format": format, "quality": 50})
    assert problem(answer) == (422, "quality")


@pytest.mark.parametrize("format", SUFFIXES)
def test_the_note_is_always_there_and_all_else_if_asked_for(server: Server, format: str) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ansel"
    picture = encoded(GRAY, exif=exif)
    for metadata in (False, True):
        query = {"format": format} | ({"metadata": "1"} if metadata else {})
        answer = server.post(COLORIZE, content=picture, params=query)
        assert b"compositeWithTrainedAlgorithmicMedia" in answer.content
        assert (b"Ansel" in answer.content) == metadata
        tags = Image.open(io.BytesIO(answer.content)).getexif()
        assert tags.get(0x013B) == ("Ansel" if metadata else None)


def test_notices_say_whose_they_are(server: Server, gray: bytes) -> None:
    color = encoded(data.coffee())
    files = {"picture": ("cup.jpg", color), "reference": ("other.jpg", gray)}
    colors = {50: "gray", 150: "#ff00ff"}
    hints = [{"points": [[x, 100]], "color": color} for x, color in colors.items()]
    form = {"guidance": json.dumps({"version": 1, "hints": hints})}
    told = notices_of(server.post(COLORIZE, files=files, data=form))
    assert [(one["subject"].partition(" (")[0], one["code"]) for one in told] == [
        ("other.jpg", "reference-without-color"),
        ("cup.jpg", "color-discarded"),
        ("cup.jpg, hint 2", "color-unreachable"),
    ]
    told = notices_of(server.post(COLORIZE, content=color))
    assert [one["subject"] for one in told] == ["the picture"]
    told = notices_of(server.post(COLORIZE, files={"picture": ('a "cup".jpg', color)}))
    assert [one["subject"] for one in told] == ['a "cup".jpg']


def notices_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    told = json.loads(answer.headers["colornet-notices"])
    assert told["count"] == len(told["first"])
    first: list[dict[str, str]] = told["first"]
    return first


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
    assert "no exact inverse" in unquote(answer.headers["colornet-notices"])
    for refused, what in [
        (tiff((rgb[::8, ::8], small), (rgb, raw)), "camera raw"),
        (tiff(GRAY.astype(np.float32)), "floating point outside 0..1"),
    ]:
        answer = server.post(COLORIZE, content=refused)
        assert answer.status_code in (415, 422)
        assert what in answer.text


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
        assert problem["remedy"].endswith("color what there is with partial=true")
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
