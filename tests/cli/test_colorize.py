import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colornet.cli.app import main
from colornet.model import DECODER
from tests.conftest import write_model
from tests.disturbed import held_until_interrupted

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
    "scan.tif": (lambda path: Image.new("F", (64, 64), 300).save(path), "0..1"),
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
    assert ";" in err, "no remedy"
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
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "good.jpg",
        "report.jsonl",
    ]


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


def test_a_picture_loads_only_what_it_needs(tiny_model: Path, photograph: Path) -> None:
    """What is slow to import for the few pictures that have notes, and for other commands."""
    unneeded = {
        "html",
        "colornet.batch",
        "colornet.archive",
        "colornet.web",
        "PIL",
        "typing_extensions",
    }
    given = ["colorize", str(photograph), "--model", str(tiny_model)]
    code = (
        f"import sys; from colornet.cli.app import main; assert main({given}) == 0; "
        f"print({unneeded} & {{*sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


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


def start(model: Path, *arguments: object, **streams: Any) -> subprocess.Popen[bytes]:
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


def test_a_file_with_the_name_of_a_pipe(
    colorize: Colorize, photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("./-").write_bytes(photograph.read_bytes())
    assert colorize("./-", "-o", "colored.jpg") == (0, "colornet: colored.jpg: written\n")
    with Image.open("colored.jpg") as picture:
        assert picture.mode == "RGB"
    code, err = colorize("colored.jpg", "-o", "./-")
    assert code == 1
    assert "its name has no suffix" in err
    Path("./-").unlink()
    place = tmp_path / "-" / photograph.name
    assert colorize(str(photograph), "-o", "./-/") == (0, f"colornet: {place}: written\n")


def test_pipe_beside_other_inputs(colorize: Colorize) -> None:
    code, err = colorize("-", "a.jpg")
    assert code == 2
    assert err.startswith("colornet: -: stands beside other inputs")


def test_interrupted_folder_ends_cleanly(
    tiny_model: Path, tmp_path: Path, photograph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    held_until_interrupted(tmp_path / "site", 1, monkeypatch)
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


def middle(path: Path) -> list[int]:
    with Image.open(path) as picture:
        return list(picture.convert("RGB").getpixel((50, 25)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hint", ["50,25,gray", "50%,50%,#808080", "50.5,25.0,silver", "50,25,gray,0.5"]
)
def test_hint(hint: str, guide: Colorize, plain: Path, tmp_path: Path) -> None:
    assert guide(plain, "-o", tmp_path / "out.png", "--hint", hint)[0] == 0
    assert np.ptp(middle(tmp_path / "out.png")) <= 2


@pytest.mark.parametrize(
    ("hint", "reason"),
    [
        ("50,25", "is not a hint; use X,Y,COLOR"),
        ("50%,25,teal", "is not a hint; use X,Y,COLOR"),
        ("a,b,teal", "is not a hint; use X,Y,COLOR"),
        ("50,25,greenish", "'greenish' is not a color; use #RRGGBB"),
        ("50,25,teal,9", "9 is out of range; use 0 to 4"),
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
    notices = [line.removeprefix(f"colornet: {plain}, ") for line in err.splitlines()[:-1]]
    assert len(notices) == 3
    assert notices[0].startswith("hint 1 (#ffff00 at 50,25): too dark there for this color; #")
    assert notices[2] == "hint 1 (#ffff00 at 50,25): lies under a later hint"


def test_hints_file(guide: Colorize, plain: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    file = tmp_path / "told.json"
    file.write_text('{"version": 1, "hints": [{"points": [[50, 25]], "color": "gray"}]}')
    assert guide(plain, "-o", out, "--hints", file)[0] == 0
    assert np.ptp(middle(out)) <= 2
    file.rename(tmp_path / "plain.hints.json")
    assert guide(plain, "-o", out, "--overwrite")[0] == 0
    assert np.ptp(middle(out)) <= 2, "the file beside it needs no mention"
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
        return middle(tmp_path / "out.png")

    file = tmp_path / place
    full, half = color(), color(f"--{option}", "0.5")
    file.write_text(f'{{"version": 1, "{option}": 0.5}}')
    assert color() == half != full
    assert color(f"--{option}", "1") == full


def test_variants(guide: Colorize, plain: Path, tmp_path: Path) -> None:
    code, err = guide(plain, "-o", tmp_path / "out.png", "--variants", "3")
    files = [tmp_path / f"out-{k}.png" for k in (1, 2, 3)]
    assert (code, err) == (0, "".join(f"colornet: {path}: written\n" for path in files))
    assert len({tuple(middle(path)) for path in files}) == 3
    code, err = guide(tmp_path, "-o", tmp_path / "all", "--variants", "2")
    assert code == 0
    assert (tmp_path / "all" / "plain-2.png").exists()
    code, err = guide(plain, "-o", "-", "--variants", "2")
    assert code == 2
    assert err.startswith("colornet: --variants: are several files")
    code, err = guide(plain, "-o", tmp_path / "out.png", "--variants", "1000000000")
    assert (code, "1<=x<=100" in err) == (2, True)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (("--setting", "gaudy"), "has no setting gaudy"),
        (("--hint", "9,9,red"), "takes no hints"),
        (("--variants", "2"), "has no distribution over colors"),
    ],
)
def test_what_the_model_lacks_is_told_once_for_a_folder(
    asked: tuple[str, str], reason: str, colorize: Colorize, plain: Path, tmp_path: Path
) -> None:
    (tmp_path / "another.png").write_bytes(plain.read_bytes())
    code, err = colorize(tmp_path, "-o", tmp_path / "out", *asked)
    assert code == 1
    assert err.startswith(f"colornet: tiny: {reason}")
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


# Places


def test_original_is_never_overwritten(
    colorize: Colorize, photograph: Path, tmp_path: Path
) -> None:
    before = photograph.read_bytes()
    names = {"itself": photograph, "another way": tmp_path / "." / "x" / ".." / photograph.name}
    (tmp_path / "x").mkdir()
    (tmp_path / "hard.jpg").hardlink_to(photograph)
    (tmp_path / "soft.jpg").symlink_to(photograph)
    (tmp_path / "folder").symlink_to(tmp_path, target_is_directory=True)
    names |= {"hard": tmp_path / "hard.jpg", "soft": tmp_path / "soft.jpg"}
    names |= {"folder": tmp_path / "folder", "itself in it": tmp_path / "folder" / photograph.name}
    for target in names.values():
        code, err = colorize(photograph, "-o", target, "--overwrite")
        assert code == 2
        assert "is the original itself; choose another name, or --in-place" in err
        assert err.count("\n") == 1
    assert photograph.read_bytes() == before
    (tmp_path / "astronaut-2.jpg").hardlink_to(photograph)
    code, err = colorize(photograph, "-o", photograph, "--variants", "2", "--overwrite")
    assert code == 2
    assert (tmp_path / "astronaut-2.jpg").read_bytes() == before


def test_a_reference_is_never_overwritten(
    colorize: Colorize, photograph: Path, tmp_path: Path
) -> None:
    reference, link = tmp_path / "reference-2.jpg", tmp_path / "link.jpg"
    reference.write_bytes(photograph.read_bytes())
    link.symlink_to(reference)
    before = reference.read_bytes()
    numbered = tmp_path / "reference.jpg", "--variants", "2"
    for output in ((reference,), (link,), numbered):
        code, err = colorize(photograph, "--reference", reference, "-o", *output, "--overwrite")
        assert code == 2
        assert "is the reference itself; choose another name" in err
    reference = reference.rename(tmp_path / "astronaut-color.jpg")  # the result's usual name
    code, err = colorize(photograph, "--reference", reference, "--overwrite")
    assert code == 2
    assert "is the reference itself; choose another name" in err
    assert reference.read_bytes() == before


def test_original_on_stdin_is_never_overwritten(tiny_model: Path, photograph: Path) -> None:
    before = photograph.read_bytes()
    with photograph.open("rb") as stdin:
        process = start(tiny_model, "-", "-o", photograph, "--overwrite", stdin=stdin)
        _, err = process.communicate()
    assert process.returncode == 2
    assert b"is the original itself" in err
    assert photograph.read_bytes() == before


def test_folder_of_originals_is_never_overwritten(
    colorize: Colorize, photograph: Path, tmp_path: Path
) -> None:
    before = photograph.read_bytes()
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    for output in (tmp_path, tmp_path / "link"):
        code, err = colorize(tmp_path, "-o", output, "--overwrite")
        assert code == 2
        assert "is the folder of the originals; choose another, or --in-place" in err
    assert photograph.read_bytes() == before


def test_in_place(colorize: Colorize, photograph: Path) -> None:
    before, kept = photograph.read_bytes(), photograph.with_name("astronaut.orig.jpg")
    assert colorize(photograph, "--in-place") == (
        0,
        f"colornet: {photograph}: written, and the original kept as {kept}\n",
    )
    assert kept.read_bytes() == before
    first = photograph.read_bytes()
    skipped = f"colornet: {photograph}: skipped, made so from {kept} before\n"
    assert colorize(photograph, "--in-place") == (0, skipped)
    assert photograph.read_bytes() == first
    for other in (("--strength", "0.5"), ("--quality", "30")):
        code, err = colorize(photograph, "--in-place", *other)
        assert code == 1
        remedy = "--overwrite (overwrite=True) makes it anew"
        assert err == f"colornet: {photograph}: is made from {kept}; {remedy}\n"
        assert photograph.read_bytes() == first
    options = ("--in-place", "--overwrite", "--strength", "0.5")
    assert colorize(photograph, "-o", photograph, *options)[0] == 0
    assert photograph.read_bytes() != first
    assert kept.read_bytes() == before
    assert sorted(path.name for path in photograph.parent.iterdir()) == [
        "astronaut.jpg",
        "astronaut.orig.jpg",
    ]


@pytest.mark.parametrize("options", [["--mark"], ["--quality", "30"], ["--strip-metadata"]])
def test_in_place_again_is_skipped(
    options: list[str], colorize: Colorize, photograph: Path
) -> None:
    assert colorize(photograph, "--in-place", *options)[0] == 0
    first, kept = photograph.read_bytes(), photograph.with_name("astronaut.orig.jpg")
    code, err = colorize(photograph, "--in-place", *options)
    assert (code, err) == (0, f"colornet: {photograph}: skipped, made so from {kept} before\n")
    code, err = colorize(photograph, "--in-place", *options, "--strength", "0.9")
    assert code == 1
    assert "is made from" in err
    assert photograph.read_bytes() == first
    assert colorize(photograph, "--in-place", "--overwrite")[0] == 0
    assert photograph.read_bytes() != first


def test_kept_originals_are_not_colored_in_place(colorize: Colorize, photograph: Path) -> None:
    assert colorize(photograph, "--in-place")[0] == 0
    kept = photograph.with_name("astronaut.orig.jpg")
    before = kept.read_bytes(), photograph.read_bytes()
    for more in ((), (photograph.parent / "report.jsonl",)):  # which is there from now on
        for path in more:
            path.touch()
        code, err = colorize(kept, "--in-place", "--overwrite")
        assert code == 1
        assert err == (
            f"colornet: {kept}: is kept as the original of astronaut.jpg; name that, or rename "
            "this one\n"
        )
    assert (kept.read_bytes(), photograph.read_bytes()) == before
    assert not kept.with_name("astronaut.orig.orig.jpg").exists()


def test_in_place_never_takes_the_place_of_another(colorize: Colorize, photograph: Path) -> None:
    before, kept = photograph.read_bytes(), photograph.with_name("astronaut.orig.jpg")
    kept.write_text("somebody else's")
    code, err = colorize(photograph, "--in-place", "--overwrite")
    assert code == 1
    assert err.startswith(f"colornet: {kept}: is there already, where the original would be kept")
    assert (photograph.read_bytes(), kept.read_text()) == (before, "somebody else's")


def test_folders_and_files_in_place(colorize: Colorize, photograph: Path, tmp_path: Path) -> None:
    album, loose = tmp_path / "album", tmp_path / "loose"
    for folder in (album / "sub", loose):
        folder.mkdir(parents=True)
    for path in (album / "a.jpg", album / "sub" / "b.jpg", loose / "c.jpg", loose / "d.jpg"):
        path.write_bytes(photograph.read_bytes())
    command = (album, loose / "c.jpg", loose / "d.jpg", "--in-place")
    code, err = colorize(*command)
    assert (code, err) == (0, 2 * "colornet: 2 done, 0 skipped, 0 failed\n")
    assert sorted(path.name for path in loose.iterdir()) == [
        *("c.jpg", "c.orig.jpg", "d.jpg", "d.orig.jpg", "report.jsonl"),
    ]
    code, err = colorize(*command)
    assert code == 0
    assert err.count("0 done, 2 skipped, 0 failed") == 2


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        (("-o", "other.jpg"), "--output: is another place than --in-place"),
        (("--format", "png"), "--format: changes names, which --in-place keeps"),
        (("--variants", "2"), "--variants: are several files"),
    ],
)
def test_in_place_alone(
    option: tuple[str, ...], reason: str, colorize: Colorize, photograph: Path
) -> None:
    code, err = colorize(photograph, "--in-place", *option)
    assert code == 2
    assert err.startswith(f"colornet: {reason}")


def test_a_url_is_no_name_of_a_folder(
    colorize: Colorize, photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for inputs in ([photograph], [photograph.parent], [photograph, photograph]):
        code, err = colorize(*inputs, "-o", "s3://bucket/color")
        assert code == 2
        assert err.startswith("colornet: --output s3://bucket/color: is a URL")
    assert [path.name for path in tmp_path.iterdir()] == [photograph.name]
    assert colorize(photograph, "-o", (tmp_path / "b.jpg").as_uri())[0] == 0
    assert (tmp_path / "b.jpg").exists()


def test_new_folder_for_a_picture(colorize: Colorize, photograph: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "folder"
    assert colorize(photograph, "-o", f"{new}/") == (
        0,
        f"colornet: {new / 'astronaut.jpg'}: written\n",
    )
    assert [path.name for path in new.iterdir()] == ["astronaut.jpg"]
    code, err = colorize(photograph, "-o", f"{new}/")
    assert code == 1
    assert "is already there; --overwrite (overwrite=True) replaces it" in err
    assert colorize(photograph, "-o", new, "--overwrite")[0] == 0
    code, err = colorize(photograph, "-o", tmp_path / "bare")
    assert code == 1
    assert "its name has no suffix; end the name in .jpg, " in err
    assert err.endswith(", or in / for a folder\n")
    code, err = colorize(photograph, "-o", f"{photograph}/")
    assert code == 1
    assert err.startswith(f"colornet: {photograph}: cannot be made (")
    assert colorize(photograph, "-o", "")[0] == 2


def test_picture_into_a_folder_with_a_report_is_in_it(
    colorize: Colorize, photograph: Path, tmp_path: Path
) -> None:
    album, out = tmp_path / "album", tmp_path / "out"
    album.mkdir()
    photograph.rename(album / "a.jpg")
    assert colorize(album, "-o", out)[0] == 0
    code, err = colorize(album / "a.jpg", "-o", out, "--strength", "0.5")
    assert code == 1
    assert "1 is there, made with other settings" in err
    assert colorize(album / "a.jpg", "-o", out, "--strength", "0.5", "--redo")[0] == 0
    assert colorize(album, "-o", out)[0] == 1
    assert colorize(album, "-o", out, "--strength", "0.5")[0] == 0


# What is told of folders


def test_what_differs_is_told_and_left(
    colorize: Colorize, photograph: Path, tmp_path: Path
) -> None:
    one, two, out = tmp_path / "one", tmp_path / "two", tmp_path / "out"
    for folder in (one, two):
        folder.mkdir()
        for name in ("a.jpg", "b.jpg"):
            (folder / name).write_bytes(photograph.read_bytes())
    assert colorize(one, "-o", out)[0] == 0
    assert colorize(one, "-o", out, "--strength", "0.5") == (
        1,
        f"colornet: 2 are there, made with other settings (such as {out / 'a.jpg'}): "
        "--redo makes them anew\n"
        "colornet: 0 done, 0 skipped, 0 failed, 2 left as they are\n",
    )
    code, err = colorize(two, "-o", out)
    assert code == 1
    assert "2 are there, made from another original, in another place" in err
    assert "--overwrite replaces them, or choose another folder" in err
    assert colorize(one, "-o", out) == (0, "colornet: 0 done, 2 skipped, 0 failed\n")


def test_what_is_left_out_is_told(colorize: Colorize, photograph: Path, tmp_path: Path) -> None:
    album, out = tmp_path / "album", tmp_path / "out"
    (album / "@eaDir").mkdir(parents=True)
    for name in ("a.jpg", "@eaDir/a.jpg", "._a.jpg"):
        (album / name).write_bytes(photograph.read_bytes())
    for name in ("b.xcf", "c.xcf", "d.psd"):
        (album / name).touch()
    assert colorize(album / "a.jpg")[0] == 0
    assert colorize(album, "-o", out) == (
        0,
        "colornet: 3 files of other kinds left out (XCF 2, PSD 1)\n"
        "colornet: 1 hidden or system file left out\n"
        "colornet: 1 hidden or system folder left out (@eaDir 1)\n"
        "colornet: 1 left out: colornet made it\n"
        "colornet: 1 done, 0 skipped, 0 failed\n",
    )


# Streams


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str, tiny_model: Path, photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    command = f"{sys.executable} -m colornet colorize {photograph} -o {out} --model {tiny_model}"
    done = subprocess.run(["bash", "-c", f"{command} {closed}"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    with Image.open(out) as picture:
        picture.load()


def test_stdout_that_nobody_reads(tiny_model: Path, photograph: Path) -> None:
    command = f"{sys.executable} -m colornet colorize {photograph} -o - --model {tiny_model}"
    for closed, code in ((">&-", 2), ("| true", 1), ("> /dev/full", 1)):
        script = f"set -o pipefail; {command} {closed}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        assert "Traceback" not in done.stderr, closed
        assert done.returncode == code, closed


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_stdout_on_a_disk_that_has_room_for_a_part(
    unbuffered: str, tiny_model: Path, photograph: Path, tmp_path: Path
) -> None:
    """The system writes the part and tells no error, as Python does where it buffers nothing."""
    code = f"""
import sys
from colornet.__main__ import run
from tests.full_disk import full_disk
sys.argv[1:] = ["colorize", {str(photograph)!r}, "-o", "-", "--model", {str(tiny_model)!r}]
with full_disk(1000):
    run()
"""
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    run = [sys.executable, "-c", code]
    with (tmp_path / "out.jpg").open("wb") as out:
        done = subprocess.run(run, stdout=out, stderr=subprocess.PIPE, text=True, env=environment)
    assert (done.returncode, done.stderr) == (
        1,
        "colornet: stdout: cannot be written (file too large)\n",
    )


def test_shell_pipes_are_pictures(tiny_model: Path, photograph: Path, tmp_path: Path) -> None:
    run = f"{sys.executable} -m colornet colorize --model {tiny_model}"
    for script in (f"{run} <(cat {photograph}) -o out.png", f"cat {photograph} | {run} /dev/stdin"):
        script += "" if "out.png" in script else " -o out.png"
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "colornet: out.png: written\n")
        with Image.open(tmp_path / "out.png") as picture:
            assert picture.mode == "RGB"
        (tmp_path / "out.png").unlink()


def test_pipe_that_nobody_writes_to_does_not_hang(tiny_model: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.jpg")
    process = start(tiny_model, tmp_path / "fifo.jpg", "-o", tmp_path / "out.jpg")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.endswith(
        b"fifo.jpg: is empty; get another copy of it, or save it anew as PNG, JPEG or TIFF\n"
    )


def test_another_report_stops_all_at_once(
    colorize: Colorize, photograph: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    text = '{"quarter": 3}\n'
    (tmp_path / "out" / "report.jsonl").write_text(text)
    (tmp_path / "in").mkdir()
    photograph.rename(tmp_path / "in" / "a.jpg")
    code, err = colorize(tmp_path / "in", "-o", tmp_path / "out")
    assert code == 2
    assert err.startswith(f"colornet: {tmp_path / 'out' / 'report.jsonl'}: is not a report of colo")
    assert err.count("\n") == 1
    assert (tmp_path / "out" / "report.jsonl").read_text() == text


def test_one_page(colorize: Colorize, tmp_path: Path) -> None:
    sizes = [(24, 20), (30, 22)]
    first, second = (Image.new("L", size, 90) for size in sizes)
    scan, target = tmp_path / "scan.tif", tmp_path / "two.tif"
    first.save(scan, save_all=True, append_images=[second])
    code, err = colorize(scan)
    assert code == 1
    assert "choose one of them with --page 1" in err
    assert colorize(scan, "--page", "2", "-o", target)[0] == 0
    with Image.open(target) as result:
        assert (result.size, result.mode, getattr(result, "n_frames", 1)) == (sizes[1], "RGB", 1)
    assert colorize(scan, "--page", "1", "--variants", "1", "-o", target)[0] == 0
    with Image.open(tmp_path / "two-1.tif") as result:
        assert result.size == sizes[0]
    for arguments, reason in (
        ((scan, "--page", "3"), "page: 3 is not in the file, which has 2 pages"),
        ((scan, scan, "--page", "1", "-o", tmp_path / "out"), "--page: is for one picture alone"),
        ((tmp_path, "--page", "1", "-o", tmp_path / "out"), "--page: is for one picture alone"),
        ((scan, "--page", "1", "--in-place"), "--page: would leave out the others"),
    ):
        code, err = colorize(*arguments)
        assert (code, err.startswith(f"colornet: {reason}")) == (2, True), err
    assert not (tmp_path / "out").exists()
