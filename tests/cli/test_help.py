import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from typer.main import get_command

import colornet
from colornet.cli import options
from colornet.cli.app import COMMANDS, build_app, main
from colornet.cli.colorize import colorize
from colornet.extras import install_hint
from colornet.picture import SUFFIXES

needs_full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has none")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_help_loads_nothing_heavy() -> None:
    heavy = {"numpy", "onnxruntime", "pyvips", "PIL", "torch", "lightning", "matplotlib"}
    done = python(
        "import sys; from colornet.cli.app import main; "
        f"assert main(['--help']) == 0; print('loaded', {heavy} & {{*sys.modules}})"
    )
    assert done.stdout.endswith("loaded set()\n")
    assert all(command in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out, err = capsys.readouterr()
    assert f"Usage: colornet {command}" in out
    assert not err


@pytest.mark.parametrize("name", COMMANDS)
def test_help_in_tables_leaves_nothing_out(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it would of words in brackets, which are markup there."""
    monkeypatch.setenv("COLUMNS", "200")
    (command,) = get_command(build_app([name])).commands.values()  # type: ignore[attr-defined]
    assert main([name, "--help"]) == 0
    words = " ".join(re.split(r"[\s│]+", capsys.readouterr().out))
    assert [one.help for one in command.params if one.help not in words] == []


@pytest.mark.parametrize("columns", [40, 50, 60, 79, 80])
def test_help_cuts_no_name_in_a_narrow_terminal(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for name, command in get_command(build_app()).commands.items():  # type: ignore[attr-defined]
        assert main([name, "--help"]) == 0
        words = re.split(r"[\s│,]+", capsys.readouterr().out)
        options = [option for each in command.params for option in each.opts if option[0] == "-"]
        assert {*options} <= {*words}, name
    assert main(["--help"]) == 0
    assert {*COMMANDS} <= {*capsys.readouterr().out.split()}


def test_colorize_explains_places_and_settings() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "colornet", "colorize", "--help"],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    words = re.sub(r"[\s│]+", " ", done.stdout)
    for told in (
        "For one picture: a file; a folder that exists or ends in /",
        "By default, NAME-color.jpg beside NAME.jpg, or with --before-after NAME-before-after.jpg",
        "For several pictures: a folder, which is made if it does not exist",
        "For a folder: another one, for the same tree of results",
        "natural, the default; vivid, as colorful as photographs are",
        "--redo",
        "--in-place",
        "keep it as NAME.orig.jpg",
    ):
        assert told in words


def test_module_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "colornet", "--version"], capture_output=True, text=True
    )
    assert done.stdout == f"colornet {colornet.__version__}\n"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["xyzzy"], "colornet: No such command 'xyzzy'; see 'colornet --help'"),
        (["colourize"], "colornet: No such command 'colourize'. Did you mean 'colorize'? See 'col"),
        (["colorize"], "colornet: Missing argument 'INPUT'; see 'colornet colorize --help'"),
        (["colorize", "a", "-o"], "colornet: Option '-o' requires an argument; see 'colornet c"),
        (
            ["colorize", "a", "--strength", "0,7"],
            "colornet: Invalid value for '--strength': '0,7' "
            "is not a number; see 'colornet colorize --help'",
        ),
        (
            ["colorize", "a", "-j", "x"],
            "colornet: Invalid value for '--jobs' / '-j': 'x' is not a whole number; see",
        ),
        (
            ["train", "a", "--batch", "1.5"],
            "colornet: Invalid value for '-b' / '--batch': '1.5' is not a whole number; see",
        ),
        (
            ["train", "a", "--lr", "x"],
            "colornet: Invalid value for '--lr': 'x' is not a number; see",
        ),
        (["colorize", "a.jpg", "--strenght", "1"], "colornet: No such option: --strenght"),
        (["colorize", "a.jpg", "--strength", "2"], "colornet: Invalid value for '--strength'"),
        (["colorize", "a.jpg", "--format", "gif"], "colornet: Invalid value for '--format'"),
        (["colorize", "a.jpg", "b.jpg"], "colornet: --output: is missing; name a folder"),
    ],
)
def test_usage_errors_are_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert err.startswith(line)
    assert err.count("\n") == 1
    assert not out


def test_a_name_that_begins_with_a_dash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "-dash.jpg"
    Path(name).write_bytes(b"Dear diary")
    assert main(["colorize", name]) == 2
    assert "No such option: -d; put -- before names that" in capsys.readouterr().err
    assert main(["colorize", "--", name]) == 1
    assert capsys.readouterr().err.startswith(f"colornet: {name}: is not a picture")


def test_nothing_asked_for_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Usage: colornet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("extra", "module", "arguments"),
    [
        ("train", "torch", ["train", "faces"]),
        ("video", "av", ["video", "a.mp4", "-o", "b.mp4"]),
        ("web", "fastapi", ["serve"]),
    ],
)
def test_missing_extra_is_named(extra: str, module: str, arguments: list[str]) -> None:
    done = python(
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from colornet.cli.app import main; sys.exit(main({arguments}))"
    )
    assert done.stderr == f"colornet: {module}: is not installed; {install_hint(extra)}\n"
    assert done.returncode == 1


def test_control_characters_stay_on_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    options.say("a\nb\x1b[31m.jpg: is empty")
    assert capsys.readouterr().err == "colornet: a b [31m.jpg: is empty\n"


def test_formats_are_the_pictures() -> None:
    assert get_args(options.Format) == tuple(SUFFIXES)


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["colorize", ""], "an argument"),
        (["colorize", "--in-place", "a.jpg", ""], "an argument"),
        (["colorize", "a.jpg", "-o", ""], "-o"),
        (["colorize", "a.jpg", "--reference", ""], "--reference"),
        (["colorize", "a.jpg", "--hints="], "--hints"),
        (["info", ""], "an argument"),
        (["archive", "", "-o", "out"], "an argument"),
        (["train", "pictures", "--validation", ""], "--validation"),
        (["serve", "--model="], "--model"),
    ],
)
def test_no_empty_argument_stands_for_the_folder_at_hand(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with contextlib.chdir(tmp_path):
        assert main(arguments) == 2
    told = f"colornet: {option}: is empty; give a value, or leave it out\n"
    assert capsys.readouterr() == ("", told)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["c2VjcmV0Cg==", "a=", "="])
def test_a_value_may_end_in_an_equals_sign(
    value: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with contextlib.chdir(tmp_path):
        assert main(["colorize", "a.jpg", f"--model={value}"]) == 1
    assert capsys.readouterr().err.startswith(f"colornet: {value}: there is no model of that name")


def test_help_fills_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["colorize", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    lines = colorize.__doc__
    assert lines
    assert " ".join(lines.split()) in words
    about = build_app(["colorize"]).registered_commands[0].help
    assert about
    assert [line for line in about.splitlines() if line] == about.split("\n\n")


def test_help_without_docstrings() -> None:
    done = subprocess.run([sys.executable, "-OO", "-m", "colornet", "--help"], capture_output=True)
    assert done.returncode == 0, done.stderr


@needs_full_disk
@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["models"], ["models", "--json"]])
def test_output_that_cannot_be_written_is_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "colornet", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "colornet: the output: cannot be written (no space left on device)\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["models"], ["models", "--json"]])
def test_closed_output_is_one_line(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "colornet", *arguments]
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "colornet: the output: cannot be written (stdout is closed)\n"


@needs_full_disk
@pytest.mark.parametrize(
    ("where", "reason"),
    [(">&-", "stdout is closed"), (">/dev/full", "no space left on device"), ("| true", "")],
)
def test_work_goes_on_where_its_lines_cannot_be_printed(where: str, reason: str) -> None:
    """As that of `colornet train`, which prints one after each epoch; the exit code tells."""
    code = (
        "from colornet.__main__ import _open_streams; _open_streams(); import sys, time\n"
        "time.sleep(0.5); print('epoch 1', flush=True); print('epoch 2', flush=True)\n"
        "print('worked on', file=sys.stderr)\n"
        "from colornet.cli.startup import end; end(0, at_once=False)"
    )
    told = f"colornet: the output: cannot be written ({reason})\n" if reason else ""
    command = ["bash", "-o", "pipefail", "-c", f'"$@" {where}', "bash", sys.executable, "-c", code]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, f"worked on\n{told}")


@needs_full_disk
@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
def test_what_stderr_does_not_take_changes_nothing(where: str) -> None:
    code = (
        "from colornet.__main__ import _open_streams; _open_streams(); import sys\n"
        "print('progress', file=sys.stderr, flush=True); print('worked on')\n"
        "from colornet.cli.startup import end; end(0, at_once=False)"
    )
    command = ["sh", "-c", f'"$@" {where}', "sh", sys.executable, "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "worked on\n")


def test_a_path_that_cannot_be_read_comes_to_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which says what is to be done; root may read everything, so that the system is told no."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    wrong = tmp_path / "no.jpg"
    wrong.write_bytes(b"Dear diary")
    given: dict[str, list[object]] = {
        "colorize": [wrong, "-o", tmp_path / "out.jpg"],
        "info": [wrong],
        "video": ["film.mp4", "-o", "x.mp4", "--guidance", wrong],
        "prepare": [wrong, "-o", tmp_path / "work"],
        "train": [tmp_path, "-o", tmp_path / "run", "--recipe", wrong],
        "evaluate": ["general", wrong, "-o", tmp_path / "report"],
        "export": [wrong, "-o", tmp_path / "model"],
    }
    for command, arguments in given.items():
        assert main([command, *map(str, arguments)]) in (1, 2)
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "--help" not in said
