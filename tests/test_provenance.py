"""A picture says how it was made, in every format, and again after it was colored twice."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from skimage import data

import colornet
from colornet.colorizer import Colorizer
from colornet.guidance import Guidance, Hint, Prior
from colornet.guidance.schema import SCALARS
from colornet.model import DEFAULT_MODEL, find
from colornet.picture import Encoding, Format, Provenance, provenance
from colornet.picture.metadata.xmp import with_note
from colornet.provenance import guidance_options, identify
from tests.conftest import UNUSUAL, write_model

HINT = Hint(((0.5, 0.5),), "gray", unit="fractions")


@pytest.mark.parametrize("format", get_args(Format))
def test_every_format_tells(
    format: Format, guided: Colorizer, photograph: Path, tmp_path: Path
) -> None:
    reference = tmp_path / 'réference "1" <&>.png'
    Image.fromarray(data.astronaut()[:64, :64]).save(reference)
    guidance = Guidance(0.75, 1.5, reference, hints=[HINT], variant=0)
    result = guided.colorize(
        photograph, tmp_path / f"out.{format}", guidance, encoding=Encoding(format, quality=70)
    )
    told = provenance(result)
    assert told
    assert (told.version, told.model) == (colornet.__version__, "guided")
    assert told.model_sha256 == guided.card.sha256
    assert told.options == {
        "strength": 0.75,
        "saturation": 1.5,
        "variant": 0,
        "hints": json.loads(json.dumps(guidance.to_json()["hints"])),
        "reference": {
            "name": reference.name,
            "sha256": hashlib.sha256(reference.read_bytes()).hexdigest(),
        },
        "quality": 70,
    }


def test_nothing_is_told_where_metadata_is_left_out(
    guided: Colorizer, photograph: Path, tmp_path: Path
) -> None:
    result = guided.colorize(
        photograph, tmp_path / "out.jpg", encoding=Encoding(strip_metadata=True)
    )
    assert provenance(result) is None
    assert provenance(photograph) is None
    assert provenance(tmp_path / "missing.jpg") is None


def test_arrays_and_variants_tell(guided: Colorizer, photograph: Path, tmp_path: Path) -> None:
    canvas = guided.open(photograph)
    _, second = canvas.save_variants(2, tmp_path / "v.png")
    told = provenance(second)
    assert told
    assert told.options["variant"] == 1
    pixels = np.ascontiguousarray(data.astronaut()[:64, :64])
    guided.colorize(photograph, tmp_path / "a.png", Guidance(reference=pixels))
    told = provenance(tmp_path / "a.png")
    assert told
    assert told.options["reference"] == {"pixels": hashlib.sha256(pixels.tobytes()).hexdigest()}


def test_all_that_is_not_the_usual_is_told() -> None:
    alike = [name for name, usual in SCALARS.items() if getattr(UNUSUAL, name) == usual]
    assert not alike, "give them another value in tests.conftest.UNUSUAL"
    told = guidance_options(find(DEFAULT_MODEL).card, UNUSUAL)
    assert told == {name: getattr(UNUSUAL, name) for name in SCALARS}


def test_many_hints_are_told_by_their_hash(guided: Colorizer) -> None:
    hints = [replace(HINT, points=((0.5, k / 500),)) for k in range(500)]
    told = guidance_options(guided.card, Guidance(hints=hints))["hints"]
    assert told["number"] == 500
    assert len(told["sha256"]) == 64


XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"{attribute}>{element}</rdf:Description></rdf:RDF>'
    "</x:xmpmeta>"
)
MADE = Provenance("0.1.0", "general", "0" * 64, {"strength": 1.0, "reference": {"name": "<\"'&>"}})


@pytest.mark.parametrize(
    "xmp",
    [
        XMP.format(attribute=' xmp:CreatorTool="Scan &amp; Co"', element=""),
        XMP.format(attribute="", element="<xmp:CreatorTool>Scan &amp; Co</xmp:CreatorTool>"),
    ],
)
def test_what_made_the_original_is_kept(xmp: str) -> None:
    once = with_note(xmp.encode(), MADE)
    again = with_note(once, replace(MADE, version="0.2.0"))
    for packet, version in ((once, "0.1.0"), (again, "0.2.0")):
        assert packet.count(b"CreatorTool") == 1
        (text,) = [
            value
            for element in ElementTree.fromstring(packet).iter()
            for key, value in element.attrib.items()
            if key.endswith("CreatorTool")
        ]
        assert Provenance.from_text(text) == replace(MADE, version=version, before="Scan & Co")


@pytest.mark.parametrize(
    "text", ["", "Scan & Co", "colornet", "colornet 1 {", 'colornet 1 {"model": 3, "options": {}}']
)
def test_what_is_not_ours(text: str) -> None:
    assert Provenance.from_text(text) is None


def test_model_hash_follows_from_what_shapes_a_result(tmp_path: Path) -> None:
    one, same, other = (
        find(write_model(tmp_path / name, scale=scale)).card
        for name, scale in (("one", 1.0), ("same", 1.0), ("other", 2.0))
    )
    assert one.sha256 == same.sha256 != other.sha256
    assert one.sha256 != replace(one, bins=((1.0, 2.0),)).sha256
    assert one.sha256 == replace(one, weaknesses=("none",)).sha256


def test_sources_that_are_no_files() -> None:
    prior = Prior(np.arange(4, dtype=np.float32))
    assert identify(b"abc") == {"sha256": hashlib.sha256(b"abc").hexdigest()}
    assert identify(np.zeros((2, 2), np.uint8)) == {"pixels": hashlib.sha256(bytes(4)).hexdigest()}
    assert identify(io.BytesIO(b"abc")) == {"name": "a stream"}
    guided = guidance_options(find("general").card, Guidance(reference=prior))
    assert guided["reference"] == {"prior": hashlib.sha256(prior.values.tobytes()).hexdigest()}
