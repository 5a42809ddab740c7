import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet.cli.app import main
from colornet.modelfile import DECODER
from tests.conftest import write_model

Colorize = Callable[..., tuple[int, str]]


@pytest.fixture
def colorize(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> Colorize:
    """Runs the command, sees that stdout stays empty, and gives exit code and stderr."""

    def run(*arguments: object) -> tuple[int, str]:
        code = main(["colorize", "--model", str(tiny_model), *map(str, arguments)])
        out, err = capsys.readouterr()
        assert not out
        return code, err

    return run


# What cannot be colorized, each as a function that writes it


def truncated(path: Path) -> None:
    data = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
    Image.fromarray(noise).save(data, "jpeg")
    path.write_bytes(data.getvalue()[:20_000])


def animated(path: Path) -> None:
    frames = [Image.new("L", (64, 64), shade) for shade in (0, 128, 255)]
    frames[0].save(path, "webp", save_all=True, append_images=frames[1:])


BAD = {
    "empty.jpg": (lambda path: path.write_bytes(b""), "is empty"),
    "text.jpg": (lambda path: path.write_text("Dear Grandmother,"), "is not a picture"),
    "truncated.jpg": (truncated, "is damaged or cut off"),
    "animated.webp": (animated, "3 pages or frames"),
    "scan.tif": (lambda path: Image.new("F", (64, 64)).save(path), "channels of float"),
}


def test_partial_is_the_way_on_for_what_is_cut_off(colorize: Colorize, tmp_path: Path) -> None:
    path, result, results = (tmp_path / name for name in ("cut.jpg", "result.jpg", "results"))
    truncated(path)
    code, err = colorize(path, "-o", result)
    assert code == 1
    assert "--partial" in err
    assert not result.exists()
    code, err = colorize(path, "-o", result, "--partial")
    assert code == 0
    assert f"{path}: is cut off: " in err
    assert "% of it is missing" in err
    with Image.open(result) as image:
        assert image.size == (300, 300)
    assert colorize(tmp_path, "-o", results)[0] == 1
    assert colorize(tmp_path, "-o", results, "--partial")[0] == 0
    assert (results / "cut.jpg").exists()


@pytest.mark.parametrize("name", [*BAD, "missing.jpg"])
def test_bad_picture_is_one_clear_line(name: str, colorize: Colorize, tmp_path: Path) -> None:
    write, reason = BAD.get(name, (lambda path: None, "there is no such file"))
    write(tmp_path / name)
    code, err = colorize(tmp_path / name, "-o", tmp_path / "out.png")
    assert code == 1
    assert err.startswith(f"colornet: {tmp_path / name}: ")
    assert reason in err
    assert err.count("\n") == 1
    assert ";" in err, "no mend"
    assert not list(tmp_path.glob("*out*"))


def test_bad_pictures_do_not_stop_a_folder(
    colorize: Colorize, tmp_path: Path, photograph: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (write, _) in BAD.items():
        write(folder / name)
    photograph.rename(folder / "good.jpg")
    code, err = colorize(folder, "-o", tmp_path / "out")
    assert code == 1
    *failures, summary = err.splitlines()
    assert sorted(line.split(": ")[1] for line in failures) == sorted(
        str(folder / name) for name in BAD
    )
    assert summary == f"colornet: 1 done, 0 skipped, {len(BAD)} failed"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["good.jpg", "report.json"]


def test_folder_without_pictures(colorize: Colorize, tmp_path: Path) -> None:
    code, err = colorize(tmp_path, "-o", tmp_path / "out")
    assert code == 1
    assert err.startswith(f"colornet: {tmp_path}: holds no pictures; ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_damaged_model(
    damage: str, tmp_path: Path, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_model(tmp_path / "model")
    if damage == "missing":
        (model / DECODER).unlink()
    else:
        (model / DECODER).write_bytes(b"x")
    assert main(["colorize", str(photograph), "--model", str(model)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"colornet: {model / DECODER}: ")
    assert err.count("\n") == 1


# What can


def test_result_lies_beside_the_picture(colorize: Colorize, photograph: Path) -> None:
    result = photograph.with_name("astronaut-color.jpg")
    assert colorize(photograph) == (0, f"colornet: {result}: written\n")
    with Image.open(result) as picture:
        assert picture.size == (160, 128)
        assert picture.mode == "RGB"
    code, err = colorize(photograph)
    assert code == 1
    assert "already there" in err
    assert colorize(photograph, "--overwrite")[0] == 0


def test_options_reach_the_result(colorize: Colorize, photograph: Path, tmp_path: Path) -> None:
    def chroma(*arguments: object) -> float:
        code, _ = colorize(photograph, "-o", tmp_path / "out.png", "--overwrite", *arguments)
        assert code == 0
        with Image.open(tmp_path / "out.png") as picture:
            return float(np.ptp(np.asarray(picture, np.float64), axis=-1).mean())

    white = tmp_path / "white.png"
    Image.new("L", (64, 64), 255).save(white)
    full = chroma()
    assert chroma("--strength", "0") == 0
    assert 0 < chroma("--strength", "0.5") < full
    assert chroma("--saturation", "0.5") == chroma("--strength", "0.5")
    assert chroma("--reference", white) != full


def test_encoding_options(colorize: Colorize, photograph: Path, tmp_path: Path) -> None:
    small, large = tmp_path / "small.webp", tmp_path / "large.webp"
    assert colorize(photograph, "-o", small, "--quality", "10", "--strip-metadata")[0] == 0
    assert colorize(photograph, "-o", large, "--quality", "95")[0] == 0
    assert small.stat().st_size < large.stat().st_size / 2
    assert b"xmpmeta" in large.read_bytes()
    assert b"xmpmeta" not in small.read_bytes()
    assert colorize(photograph, "--format", "avif")[0] == 0
    assert photograph.with_name("astronaut-color.avif").exists()


def test_discarded_color_is_told(colorize: Colorize, tmp_path: Path) -> None:
    rainbow = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    for name in ("a.png", "b.png"):
        Image.fromarray(rainbow).resize((64, 64)).save(tmp_path / name)
        code, err = colorize(tmp_path / name)
        assert code == 0
        notice, done = err.splitlines()
        assert notice.startswith(f"colornet: {tmp_path / name}: is in color already")
        assert done.endswith("written")


def test_folder_is_resumed(colorize: Colorize, tmp_path: Path, photograph: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    photograph.rename(tmp_path / "in" / "sub" / "a.jpg")
    command = (tmp_path / "in", "-o", tmp_path / "out")
    assert colorize(*command) == (0, "colornet: 1 done, 0 skipped, 0 failed\n")
    assert colorize(*command) == (0, "colornet: 0 done, 1 skipped, 0 failed\n")
    assert colorize(*command, "--overwrite") == (0, "colornet: 1 done, 0 skipped, 0 failed\n")
    assert (tmp_path / "out" / "sub" / "a.jpg").exists()


def test_picture_into_a_folder(colorize: Colorize, tmp_path: Path, photograph: Path) -> None:
    (tmp_path / "out").mkdir()
    assert colorize(photograph, "-o", tmp_path / "out", "--format", "png")[0] == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["astronaut.jpg.png"]


# Pipes and signals, which take a process of their own


def start(model: Path, *arguments: object, **streams: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "colornet", "colorize", "--model", model, *arguments]
    return subprocess.Popen(
        list(map(str, command)),
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
        **streams,
    )


def heed_interrupts() -> None:
    """What a terminal starts does; what a script starts in the background does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_pipe(tiny_model: Path, photograph: Path) -> None:
    process = start(tiny_model, "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, err = process.communicate(photograph.read_bytes())
    assert (process.returncode, err) == (0, b"")
    with Image.open(io.BytesIO(out)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (160, 128))


def test_pipe_out(tiny_model: Path, photograph: Path) -> None:
    process = start(tiny_model, photograph, "-o", "-", "--format", "png", stdout=subprocess.PIPE)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"\x89PNG")


def test_pipe_in_of_nothing(tiny_model: Path, tmp_path: Path) -> None:
    process = start(tiny_model, "-", "-o", tmp_path / "out.jpg", stdin=subprocess.DEVNULL)
    _, err = process.communicate()
    assert process.returncode == 1
    assert err.startswith(b"colornet: <stdin>: is empty")
    assert not list(tmp_path.glob("*out*"))


def test_pipe_beside_other_inputs(colorize: Colorize) -> None:
    code, err = colorize("-", "a.jpg")
    assert code == 2
    assert err.startswith("colornet: -: stands beside other inputs")


def test_interrupted_folder_ends_cleanly(
    tiny_model: Path, tmp_path: Path, photograph: Path
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    with Image.open(photograph) as picture:
        for i in range(40):
            picture.save(folder / f"{i}.png")
    process = start(tiny_model, folder, "-o", out, "-j", "1")
    while not list(out.glob("*.png")):
        time.sleep(0.01)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    summary, end = err.decode().splitlines()
    assert process.returncode == 130
    assert summary.endswith("done, 0 skipped, 0 failed")
    assert end == "colornet: interrupted"
    assert 0 < len(list(out.iterdir())) < 40
    assert not list(out.glob(".*"))


# Guidance


@pytest.fixture
def guide(guided_model: Path, capsys: pytest.CaptureFixture[str]) -> Colorize:
    """As `colorize`, with a model that takes hints."""

    def run(*arguments: object) -> tuple[int, str]:
        code = main(["colorize", "--model", str(guided_model), *map(str, arguments)])
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """An even gray PNG of 100 x 50 pixels."""
    path = tmp_path / "plain.png"
    Image.new("L", (100, 50), 120).save(path)
    return path


def pixel(path: Path, x: int = 50, y: int = 25) -> list[int]:
    with Image.open(path) as picture:
        return list(picture.convert("RGB").getpixel((x, y)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hint", ["50,25,gray", "50%,50%,#808080", "50.5,25.0,silver", "50,25,gray,0.5"]
)
def test_hint(hint: str, guide: Colorize, plain: Path, tmp_path: Path) -> None:
    assert guide(plain, "-o", tmp_path / "out.png", "--hint", hint)[0] == 0
    assert np.ptp(pixel(tmp_path / "out.png")) <= 2


@pytest.mark.parametrize(
    ("hint", "reason"),
    [
        ("50,25", "is no hint; use X,Y,COLOR"),
        ("50%,25,teal", "is no hint; use X,Y,COLOR"),
        ("a,b,teal", "is no hint; use X,Y,COLOR"),
        ("50,25,greenish", "'greenish' is no color; use #RRGGBB"),
        ("50,25,teal,9", "9.0 is out of range; use 0 to 4"),
    ],
)
def test_bad_hint(hint: str, reason: str, guide: Colorize, plain: Path) -> None:
    code, err = guide(plain, "--hint", hint)
    assert code == 2
    assert err.startswith(f"colornet: --hint {hint}: {reason}")
    assert err.count("\n") == 1


def test_hint_is_never_silently_ignored(
    guide: Colorize, colorize: Colorize, plain: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    code, err = guide(plain, "-o", out, "--hint", "500,25,teal")
    assert code == 2
    assert "hint 1 (#008080 at 500,25): lies outside the picture; the picture has 100 x 50" in err
    code, err = colorize(plain, "-o", out, "--hint", "50,25,teal")
    assert code == 1
    assert err.startswith("colornet: tiny: takes no hints; ")
    assert not out.exists()
    code, err = guide(plain, "-o", out, "--hint", "50,25,yellow", "--hint", "51,25,blue")
    assert code == 0
    notices = [line.removeprefix(f"colornet: {plain}: ") for line in err.splitlines()[:-1]]
    assert len(notices) == 3
    assert notices[0].startswith("hint 1 (#ffff00 at 50,25): too dark there for this color; #")
    assert notices[2] == "hint 1 (#ffff00 at 50,25): lies under a later hint"


def test_hints_file(guide: Colorize, plain: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    file = tmp_path / "told.json"
    file.write_text('{"version": 1, "hints": [{"points": [[50, 25]], "color": "gray"}]}')
    assert guide(plain, "-o", out, "--hints", file)[0] == 0
    assert np.ptp(pixel(out)) <= 2
    file.rename(tmp_path / "plain.hints.json")
    assert guide(plain, "-o", out, "--overwrite")[0] == 0
    assert np.ptp(pixel(out)) <= 2, "the file beside it needs no mention"
    code, err = guide(plain, "-o", out, "--hints", file)
    assert code == 2
    assert err.startswith(f"colornet: {file}: cannot be read (no such file")


@pytest.mark.parametrize("option", ["strength", "saturation"])
@pytest.mark.parametrize("place", ["told.json", "plain.hints.json"])
def test_command_line_goes_over_a_hints_file(
    option: str, place: str, guide: Colorize, plain: Path, tmp_path: Path
) -> None:
    def color(*arguments: object) -> list[int]:
        told = ("--hints", file) if file.exists() and place == "told.json" else ()
        assert guide(plain, "-o", tmp_path / "out.png", "--overwrite", *told, *arguments)[0] == 0
        return pixel(tmp_path / "out.png")

    file = tmp_path / place
    full, half = color(), color(f"--{option}", "0.5")
    file.write_text(f'{{"version": 1, "{option}": 0.5}}')
    assert color() == half != full
    assert color(f"--{option}", "1") == full


def test_hints_file_in_a_folder(guide: Colorize, plain: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.hints.json").write_text(
        '{"version": 1, "hints": [{"points": [[50, 25]], "color": "gray"}]}'
    )
    code, err = guide(tmp_path, "-o", tmp_path / "out")
    assert (code, err) == (0, "colornet: 1 done, 0 skipped, 0 failed\n")
    assert np.ptp(pixel(tmp_path / "out" / "plain.png")) <= 2


def test_variants(guide: Colorize, plain: Path, tmp_path: Path) -> None:
    code, err = guide(plain, "-o", tmp_path / "out.png", "--variants", "3")
    files = [tmp_path / f"out-{k}.png" for k in (1, 2, 3)]
    assert (code, err) == (0, "".join(f"colornet: {path}: written\n" for path in files))
    assert len({tuple(pixel(path)) for path in files}) == 3
    code, err = guide(tmp_path, "-o", tmp_path / "all", "--variants", "2")
    assert code == 0
    assert (tmp_path / "all" / "plain-2.png").exists()
    code, err = guide(plain, "-o", "-", "--variants", "2")
    assert code == 2
    assert err.startswith("colornet: --variants: are several files")


def test_unknown_setting(guide: Colorize, plain: Path) -> None:
    code, err = guide(plain, "--setting", "gaudy")
    assert code == 1
    assert err.startswith("colornet: guided: has no setting gaudy; ")
