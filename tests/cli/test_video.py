import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from colornet.cli import video as command
from colornet.cli.app import main
from colornet.model import find
from colornet.video.codecs import Codec
from tests.video.films import decoded, gray_frames, write_film


def test_a_film_is_colored(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(12, cuts=(6,)))
    output = tmp_path / "b.mp4"
    line = ["video", str(source), "-o", str(output), "--model", str(tiny_model)]
    assert main(line) == 0
    assert capsys.readouterr().err == f"colornet: {output}: written, 12 frames in 2 shots\n"
    assert len(decoded(output)) == 12
    assert main(line) == 1
    assert "already exists" in capsys.readouterr().err


def test_guidance_of_shots(
    guided_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(6))
    shots = tmp_path / "shots.json"
    hint = '{"points": [[0.5, 0.5]], "color": "teal", "unit": "fractions"}'
    shots.write_text(f'{{"version": 1, "shots": [{{"at": "0:00:00.1", "hints": [{hint}]}}]}}')
    line = ["video", str(source), "-o", str(tmp_path / "b.mp4"), "--model", str(guided_model)]
    assert main([*line, "--guidance", str(shots)]) == 0
    shots.write_text('{"version": 1, "shots": [{"at": "soon"}]}')
    assert main([*line, "--guidance", str(shots), "--overwrite"]) == 2
    assert f"{shots}: shots[0].at: 'soon' is not a time" in capsys.readouterr().err


@pytest.mark.parametrize(("pix_fmt", "item"), [("gray", 1), ("gray16le", 2)])
def test_raw_frames_in_a_pipe(tiny_model: Path, pix_fmt: str, item: int) -> None:
    frames = np.stack(gray_frames(6)).astype("u1" if item == 1 else "<u2") * (
        257 if item > 1 else 1
    )
    line = ["video", "-", "-o", "-", "--size", "64x48", "--pix-fmt", pix_fmt]
    run = [sys.executable, "-m", "colornet", *line, "--model", str(tiny_model)]
    done = subprocess.run(run, input=frames.tobytes(), capture_output=True, check=True)
    assert len(done.stdout) == 3 * frames.nbytes
    cut = subprocess.run(run, input=frames.tobytes()[:-1], capture_output=True)
    assert cut.returncode == 1
    assert cut.stderr.decode() == (
        "colornet: stdin: ends within frame 5; check --size and --pix-fmt\n"
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["-", "-o", "b.mp4"], "both the input and the output"),
        (["-", "-o", "-"], "--size: is missing"),
        (["a.mp4", "-o", "b.mp4", "--size", "64x48"], "is for raw frames"),
        (["https://example.org/a.mp4", "-o", "b.mp4"], "is a URL"),
        (["a.mp4", "-o", "b.mp4", "--from", "x"], "'x' is not a time"),
    ],
)
def test_lines_that_make_no_sense(
    line: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["video", *line]) == 2
    assert told in capsys.readouterr().err


def test_info_tells_what_a_film_is_and_how_it_was_made(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(6), sound="aac")
    for name in ("b.mp4", "b.mkv", "b.avi", "b.mov"):
        output = tmp_path / name
        line = ["video", str(source), "-o", str(output), "--model", str(tiny_model)]
        assert main([*line, "--strength", "0.5", "--every", "2"]) == 0
        capsys.readouterr()
        assert main(["info", str(output), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["model"]["sha256"] == find(tiny_model).card.sha256
        assert told["options"]["strength"] == 0.5
        assert told["options"]["every"] == 2
        assert (told["film"]["width"], told["film"]["height"]) == (64, 48)
        assert told["film"]["rate"] == "25"
    assert main(["info", str(output)]) == 0
    out = capsys.readouterr().out
    for word in ("H.264 in QuickTime", "64 x 48", "25 frames a second", "AAC", "tiny", "0.5"):
        assert word in out
    assert str(output) in out
    assert "None" not in out
    assert "end" not in [line.split()[0] for line in out.splitlines()]
    assert main(["info", str(source)]) == 1
    out, err = capsys.readouterr()
    assert "film         H.264 in MP4, 64 x 48 pixels" in out
    assert "does not say how it was made" in err


def test_info_tells_which_part_of_a_film_was_colored(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(12))
    output = tmp_path / "b.mkv"
    line = ["video", str(source), "-o", str(output), "--model", str(tiny_model)]
    assert main([*line, "--from", "0.1", "--to", "0.4", "--side-by-side", "--codec", "hevc"]) == 0
    capsys.readouterr()
    assert main(["info", str(output)]) == 0
    told = {line[:13].strip(): line[13:] for line in capsys.readouterr().out.splitlines()}
    assert told["film"] == "HEVC in Matroska, 128 x 48 pixels"
    assert told["part"] == "from 0.1 s to 0.4 s"
    assert told["side by side"] == "yes"
    assert told["encoder"] == "preset medium, crf 20"
    assert not {"start", "end", "partial", "side_by_side", "every"} & {*told}


def test_codecs_are_those_of_films() -> None:
    assert get_args(command.Codec) == get_args(Codec)
