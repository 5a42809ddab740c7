"""Nothing that runs here reports to anybody, or leaves files in the home directory."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from colornet import privacy
from tests.video.films import gray_frames, write_film

SOURCE = Path(__file__).parents[1] / "src"
PATIENCE = 12
"""Seconds; ONNX Runtime's telemetry looks up its host nine seconds after the import."""
TRACE = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=socket,connect", "-o"]
PYTHON = "import colornet; colornet.colorize('photo.jpg', 'by-python.jpg')"
SWITCHED_ON = dict.fromkeys(privacy.SWITCHES, "") | {"ORT_DISABLE_TELEMETRY": "0"}
"""Of an environment that asks for telemetry."""
OTEL = {
    "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
}
"""An environment in which FastAPI exports, or warns where it cannot."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the commands run: a gray picture, a few in color, and the empty folders `home` and
    `temporary`.
    """
    astronaut = data.astronaut()
    Image.fromarray(astronaut).convert("L").resize((160, 128)).save(tmp_path / "photo.jpg")
    for i in range(3):
        picture = tmp_path / f"pictures/people/{i}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(astronaut[20 * i :][:64, 190:254]).save(picture)
    (tmp_path / "home").mkdir()
    (tmp_path / "temporary").mkdir()
    return tmp_path


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of a desktop, not of CI, where telemetry hides."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path, "PYTHONPATH": str(SOURCE)} | SWITCHED_ON | more


def can_trace() -> bool:
    if not shutil.which("strace"):
        return False
    return not subprocess.run([*TRACE, "/dev/null", "true"], capture_output=True).returncode


def traced(command: Sequence[str], folder: Path) -> list[str]:
    """The command under strace, which writes connections down; plain where strace may not."""
    return [*TRACE, str(folder / "calls"), *command] if can_trace() else list(command)


def calls(folder: Path, names: str) -> list[str]:
    """The traced calls of these names that are for other machines."""
    path = folder / "calls"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in lines if re.search(rf"({names})\(.*AF_INET", line)]


def run(command: Sequence[str], folder: Path, home: str = "home") -> str:
    """What it says as errors, warnings and progress.

    It may open no socket, and leaves nothing among the system's temporary files.
    """
    done = subprocess.run(
        traced([sys.executable, *command], folder),
        cwd=folder,
        env=environment(folder / home, TMPDIR=str(folder / "temporary")),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert calls(folder, "socket|connect") == []
    assert not list((folder / "temporary").iterdir())
    return done.stderr


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("home", ["home", "photo.jpg/home"], ids=["empty", "not-writable"])
def test_coloring_leaves_no_file_at_home(folder: Path, home: str) -> None:
    command = ["-m", "colornet", "colorize", "photo.jpg", "-o", "by-command.jpg"]
    assert run(command, folder, home) == "colornet: by-command.jpg: written\n"
    assert run(["-c", PYTHON], folder, home) == ""
    assert (folder / "by-command.jpg").exists()
    assert (folder / "by-python.jpg").exists()
    assert files(folder / "home") == []


@pytest.mark.slow
def test_training_export_and_evaluation_leave_no_file_at_home(folder: Path) -> None:
    recipe = "network: {name: iizuka, width: 0.1, global_size: 32}\nsize: 32\ncrop: 32\nworkers: 1"
    (folder / "tiny.yaml").write_text(recipe)
    commands = [
        "train pictures -o run --recipe tiny.yaml --epochs 1 -b 2",
        "export run/checkpoints/last.ckpt -o model",
        "evaluate model pictures -o report",
    ]
    code = f"from colornet.cli.app import main; print([main(c.split()) for c in {commands}])"
    run(["-c", code], folder)
    assert (folder / "run/loss.png").exists()
    assert (folder / "report/report.html").exists()
    assert files(folder / "home") == []


def test_matplotlib_does_not_warn_of_a_home_that_is_not_writable(folder: Path) -> None:
    code = "import matplotlib.font_manager"
    code = f"from colornet import privacy; privacy.keep_caches_temporary(); {code}"
    assert run(["-c", code], folder, "photo.jpg/home") == ""


def test_caches_of_a_killed_process_are_removed_by_the_next(folder: Path) -> None:
    temporary = folder / "of caches"
    temporary.mkdir()
    code = "from colornet import privacy; privacy.keep_caches_temporary(); import os, pathlib; "
    code += f"[made] = pathlib.Path({str(temporary)!r}).iterdir(); (made / 'fonts').touch()"
    unnamed = {name: value for name, value in os.environ.items() if name not in privacy.CACHES}
    for end in ("; os.kill(os.getpid(), 9)", ""):
        done = subprocess.run(
            [sys.executable, "-c", code + end], env=unnamed | {"TMPDIR": str(temporary)}
        )
        assert done.returncode == (-9 if end else 0)
        assert len(list(temporary.iterdir())) == (1 if end else 0)


def test_server_leaves_no_file_at_home_and_exports_nothing(folder: Path, tiny_model: Path) -> None:
    command = ["-m", "colornet", "serve", "--port", "0", "--model", str(tiny_model)]
    with subprocess.Popen(
        traced([sys.executable, *command], folder),
        cwd=folder,
        env=environment(folder / "home", **OTEL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        url = server.stdout.readline().split()[-1]
        picture = (folder / "photo.jpg").read_bytes()
        request = urllib.request.Request(f"{url}api/v1/colorize", data=picture)
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.read().startswith(b"\xff\xd8")
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=30)
    assert err == ""
    assert calls(folder, "connect") == []
    assert files(folder / "home") == []


@pytest.mark.slow
@pytest.mark.skipif(not can_trace(), reason="strace is not there, or may not trace")
def test_nothing_is_sent_later_either(folder: Path) -> None:
    run(["-c", f"{PYTHON}; import time; time.sleep({PATIENCE})"], folder)


def test_switch_is_set_again_where_onnxruntime_is_imported(folder: Path) -> None:
    code = f"import os, colornet; os.environ['ORT_DISABLE_TELEMETRY'] = '0'; {PYTHON}"
    run(["-c", code], folder)
    assert files(folder / "home") == []


def test_matplotlib_keeps_the_folder_that_the_user_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", "/mine")
    privacy.keep_caches_temporary()
    assert os.environ["MPLCONFIGDIR"] == "/mine"


def test_coloring_a_film_leaves_no_file_at_home(folder: Path) -> None:
    write_film(folder / "film.mp4", gray_frames(6))
    run(["-m", "colornet", "video", "film.mp4", "-o", "color.mp4"], folder)
    assert (folder / "color.mp4").exists()
    assert files(folder / "home") == []


def test_the_page_says_of_each_dependency_what_it_does() -> None:
    root = SOURCE.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {**project["optional-dependencies"], "dev": []}
    needed = [*project["dependencies"], *(each for extra in extras.values() for each in extra)]
    names = {re.split(r"[^\w-]", each)[0] for each in needed}
    called = {"av": "PyAV", "onnxruntime": "ONNX Runtime", "opencv-python-headless": "OpenCV"}
    page = (root / "docs/privacy.md").read_text(encoding="utf-8").lower()
    assert [name for name in sorted(names) if called.get(name, name).lower() not in page] == []
