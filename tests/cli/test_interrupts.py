"""Ctrl-C and SIGTERM end a command tidily, wherever it is."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet.cli.interrupts import interruptible
from colornet.stopping import current_check
from tests.disturbed import held_at_work

ENDS = [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]


STARTING = """
import signal, sys
module = sys.argv[1]
class Finder:
    def find_spec(name, *_):
        if name == module:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder)
sys.argv = ["colornet", "serve"]
from colornet.__main__ import run
run()
"""
"""A server that is interrupted in the midst of its imports."""


def start(*arguments: object, temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "colornet", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def end(process: subprocess.Popen[str], begun: Callable[[], bool], how: int) -> str:
    """Send a signal once work has begun; returns what the process told."""
    while not begun():
        time.sleep(0.005)
        assert process.poll() is None, process.communicate()
    process.send_signal(how)
    return process.communicate(timeout=60)[1]


@pytest.fixture(autouse=True)
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture is not finished before it is told to stop."""
    held_at_work(tmp_path / "site", monkeypatch)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that takes some seconds."""
    path = tmp_path_factory.mktemp("large") / "large.png"
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000), np.uint8)
    Image.fromarray(noise).save(path, compress_level=0)
    return path


@pytest.mark.parametrize(("how", "code", "told"), ENDS)
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_picture(
    suffix: str,
    how: int,
    code: int,
    told: str,
    tiny_model: Path,
    large: Path,
    tmp_path: Path,
) -> None:
    folder, temporary = tmp_path / "results", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    target = folder / f"large{suffix}"
    process = start("colorize", large, "-o", target, "--model", tiny_model, temporary=temporary)
    err = end(process, lambda: any(folder.iterdir()), how)
    assert (process.returncode, err) == (code, f"colornet: {told}\n")
    assert not [*folder.iterdir(), *temporary.iterdir()]


def test_ctrl_c_while_the_thread_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    submit, begun = ThreadPoolExecutor.submit, threading.Event()

    def interrupted(*a: Any) -> Any:
        submit(*a)
        begun.wait()
        raise KeyboardInterrupt

    def work() -> None:
        begun.set()
        is_stopped = current_check()
        assert is_stopped
        while not is_stopped():
            time.sleep(0.01)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        interruptible(work)


@pytest.mark.slow
@pytest.mark.timeout(900)  # it loads torch
def test_an_evaluation(tiny_model: Path, tmp_path: Path) -> None:
    temporary, pictures = tmp_path / "temporary", tmp_path / "pictures"
    temporary.mkdir()
    pictures.mkdir()
    for shift in range(20):
        Image.fromarray(data.astronaut()[shift:][:300]).save(pictures / f"{shift}.png")
    process = start(
        *("evaluate", tiny_model, pictures, "-o", tmp_path / "report"), temporary=temporary
    )
    begun = (tmp_path / "report").rglob
    err = end(process, lambda: any(begun("*.png")), signal.SIGTERM)
    assert (process.returncode, err) == (143, "colornet: terminated\n")
    assert not list(temporary.iterdir())
    assert not (tmp_path / "report" / "report.html").exists()


@pytest.mark.parametrize("module", ["typer", "uvicorn"])
def test_a_server_that_is_just_starting(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTING, module],
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
