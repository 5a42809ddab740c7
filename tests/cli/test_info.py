import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import pyvips

from colornet.cli.app import main
from colornet.model import find
from colornet.picture import Provenance
from colornet.picture.metadata.xmp import with_note


@pytest.fixture
def result(tiny_model: Path, photograph: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    options = ["--strength", "0.5", "--reference", str(photograph), "--quality", "70"]
    assert main(["colorize", "--model", str(tiny_model), str(photograph), *options]) == 0
    capsys.readouterr()
    return photograph.with_name("astronaut-color.jpg")


def test_told_as_json(
    result: Path, photograph: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(result), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(result)
    assert told["model"] == {"name": "tiny", "sha256": find(tiny_model).card.sha256}
    sha256 = hashlib.sha256(photograph.read_bytes()).hexdigest()
    assert told["options"] == {
        "strength": 0.5,
        "saturation": 1.0,
        "variant": 0,
        "reference": {"name": "astronaut.jpg", "sha256": sha256},
        "quality": 70,
    }


def test_told_to_people(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(result)]) == 0
    out = capsys.readouterr().out
    for word in ("colornet 0", "tiny", "strength", "0.5", "name astronaut.jpg"):
        assert word in out


def test_what_says_nothing_is_told_and_the_rest_too(
    result: Path, photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.jpg"
    assert main(["info", str(photograph), str(missing), str(result)]) == 1
    out, err = capsys.readouterr()
    assert "tiny" in out
    silent, gone = err.splitlines()
    assert silent.startswith(f"colornet: {photograph}: does not say how it was made")
    assert gone.startswith(f"colornet: {missing}: there is no such file")


@pytest.mark.parametrize(
    "options",
    [
        {"start": "x"},
        {"end": [1]},
        {"encoder": "libx264"},
        {"encoder": [1]},
        {"every": {"a": None}},
    ],
    ids=str,
)
def test_options_of_another_program(
    options: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The note of a file from elsewhere may hold anything."""
    image = pyvips.Image.black(20, 20)
    note = with_note(b"", Provenance("9", "theirs", "0", options))
    image.set_type(pyvips.GValue.blob_type, "xmp-data", note)
    image.jpegsave(str(tmp_path / "a.jpg"))
    assert main(["info", str(tmp_path / "a.jpg")]) == 0
    assert "colornet 9" in capsys.readouterr().out
