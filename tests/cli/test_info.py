import hashlib
import json
from pathlib import Path

import pytest

from colornet.cli.app import main
from colornet.model import find


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
