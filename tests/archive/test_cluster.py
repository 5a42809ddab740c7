"""Archives on a Ray cluster: real ones, on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from colornet.cli.app import main
from tests.archive.conftest import files, write_album
from tests.disturbed import Limit, deadly, held

pytest.importorskip("ray", reason="Ray is not installed")

COUNT = 60
DRIVER = """
from colornet.archive import units
units.PICTURES = 4
from colornet.cli.app import main
raise SystemExit(main({command}))
"""
ENDED_WHILE_IT_GIVES = """
import os, signal, time
from pathlib import Path
import colornet.archive.cluster  # or Ray would abort a process that takes long to end
from ray.actor import ActorMethod
remote = ActorMethod.remote
def ended(method, *arguments):
    sent = remote(method, *arguments)
    if method._method_name == "color":
        while not list(Path("color/begun").glob("*")): time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
    return sent
ActorMethod.remote = ended
"""
NODES = """
import json, sys
from ray.cluster_utils import Cluster
cluster = Cluster(True, head_node_args={"num_cpus": 1, "include_dashboard": False})
node = cluster.add_node(num_cpus=1)
print(cluster.address, flush=True)
for line in sys.stdin:
    if line == "kill\\n":
        cluster.remove_node(node, allow_graceful=False)
        print("killed", flush=True)
cluster.shutdown()
"""


@pytest.fixture
def limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Lets all pictures wait but those of the first two units."""
    return held(tmp_path / "site", 8, monkeypatch)


@pytest.fixture
def cluster(limit: Limit) -> Iterator[subprocess.Popen[str]]:
    """Two nodes; its first line is their address, and "kill" ends the second node."""
    with subprocess.Popen(
        [sys.executable, "-c", NODES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.stdin.close()
        process.wait(60)


def driver(folder: Path, model: Path, *more: str, first: str = "") -> subprocess.Popen[str]:
    command = ["archive", "album", "-o", "color", "--model", str(model), *more]
    return subprocess.Popen(
        [sys.executable, "-c", first + DRIVER.format(command=command)],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"RAY_USAGE_STATS_ENABLED": "1", "HOME": str(folder)},
    )


def children(process: int) -> str:
    with contextlib.suppress(OSError):  # a thread that ends meanwhile
        return "".join(f.read_text() for f in Path(f"/proc/{process}/task").glob("*/children"))
    return ""


def parts(folder: Path) -> list[Path]:
    return list((folder / "color/parts").glob("*.jsonl"))


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for part in parts(folder) for line in part.read_text().splitlines()]


@pytest.mark.slow
def test_a_node_and_the_driver_may_be_killed(
    tmp_path: Path,
    cluster: subprocess.Popen[str],
    limit: Limit,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_album(tmp_path / "album", COUNT)
    address = cluster.stdout.readline().strip()
    with driver(tmp_path, tiny_model, "--ray", address) as first:
        while not parts(tmp_path) and first.poll() is None:
            time.sleep(0.01)
        first.send_signal(signal.SIGKILL)
    assert first.returncode == -signal.SIGKILL
    made = len(parts(tmp_path))
    assert 0 < made < COUNT // 4
    limit.set(24)
    with driver(tmp_path, tiny_model, "--ray", address) as second:
        while len(parts(tmp_path)) == made and second.poll() is None:
            time.sleep(0.01)
        cluster.stdin.write("kill\n")
        cluster.stdin.flush()
        assert cluster.stdout.readline() == "killed\n"
        limit.set(COUNT)
        _, said = second.communicate(timeout=200)
    assert second.returncode == 0, said
    assert all(line.startswith("colornet: ") for line in said.splitlines()), said
    monkeypatch.chdir(tmp_path)
    assert main(["colorize", "album", "-o", "by-colorize", "--model", str(tiny_model)]) == 0
    assert files(tmp_path / "color") == files(tmp_path / "by-colorize")
    outputs = [row["output"] for row in rows(tmp_path)]
    assert sorted(outputs) == sorted(files(tmp_path / "color"))
    assert main(["archive", "--status", "color"]) == 0


@pytest.mark.slow
def test_as_many_actors_as_there_are_and_not_more(tmp_path: Path, tiny_model: Path) -> None:
    write_album(tmp_path / "album", 6)
    with driver(tmp_path, tiny_model, "--actors", "4096", "--ray") as many:
        _, said = many.communicate(timeout=120)
    assert many.returncode == 2
    assert "--actors 1-4096: cannot be scheduled on" in said
    assert not (tmp_path / "color").exists()  # refused before anything is begun
    cpus = str(len(os.sched_getaffinity(0)))
    with driver(tmp_path, tiny_model, "--actors", f"{cpus}-{cpus}", "--ray") as enough:
        _, said = enough.communicate(timeout=120)
    assert enough.returncode == 0, said
    assert said == "colornet: 6 done, 0 failed of 6 planned\n"
    assert not (tmp_path / ".ray").exists()
    assert len(rows(tmp_path)) == 6


@pytest.mark.slow
def test_sigterm_ends_a_run_that_nothing_is_to_blame_for(
    tmp_path: Path, limit: Limit, tiny_model: Path
) -> None:
    write_album(tmp_path / "album", COUNT)
    with driver(tmp_path, tiny_model, "--ray") as first:
        while not parts(tmp_path) and first.poll() is None:
            time.sleep(0.01)
        first.send_signal(signal.SIGTERM)
        _, said = first.communicate(timeout=60)
    assert first.returncode == 128 + signal.SIGTERM
    assert re.fullmatch(
        rf"colornet: \d+ done, 0 failed of {COUNT} planned\ncolornet: terminated\n", said
    )
    assert 0 < len(parts(tmp_path)) < COUNT // 4
    assert list((tmp_path / "color/begun").iterdir()) == []


@pytest.mark.slow
def test_sigterm_while_an_actor_is_given_a_unit_blames_nothing(
    tmp_path: Path, limit: Limit, tiny_model: Path
) -> None:
    write_album(tmp_path / "album", 1)
    limit.set(0)
    with driver(tmp_path, tiny_model, "--ray", first=ENDED_WHILE_IT_GIVES) as run:
        _, said = run.communicate(timeout=120)
    assert run.returncode == 128 + signal.SIGTERM, said
    assert list((tmp_path / "color/begun").iterdir()) == []
    assert parts(tmp_path) == []


@pytest.mark.slow
def test_sigterm_while_ray_starts_is_sigterm(
    tmp_path: Path, limit: Limit, tiny_model: Path
) -> None:
    write_album(tmp_path / "album", 1)
    limit.set(0)
    with driver(tmp_path, tiny_model, "--ray") as first:
        while not children(first.pid) and first.poll() is None:
            time.sleep(0.01)
        first.send_signal(signal.SIGTERM)
        _, said = first.communicate(timeout=60)
    assert first.returncode == 128 + signal.SIGTERM
    assert said == "colornet: 0 done, 0 failed of 1 planned\ncolornet: terminated\n"


@pytest.mark.slow
def test_actors_that_die_are_replaced_and_the_picture_is_found(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_album(tmp_path / "album", 10)
    deadly(tmp_path / "site", monkeypatch)
    with driver(tmp_path, tiny_model, "--ray", "--actors", "1") as run:
        _, said = run.communicate(timeout=120)
    assert run.returncode == 1, said
    assert said.count("ends the process that reads or colors it") == 1, said
    assert said.endswith("colornet: 9 done, 1 failed of 10 planned\n")
    assert len(rows(tmp_path)) == 10
    assert len(files(tmp_path / "color")) == 9


def test_a_folder_for_temporary_files_with_too_long_a_path_is_named(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_album(tmp_path / "album", 1)
    long = tmp_path / ("long" * 25)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    with driver(tmp_path, tiny_model, "--ray") as run:
        _, said = run.communicate(timeout=120)
    assert run.returncode == 2
    assert "--ray local: cannot start here: TMPDIR is too long a path for " in said
    assert "set TMPDIR to a folder with a shorter path, such as /tmp" in said


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path, tiny_model: Path) -> None:
    write_album(tmp_path / "album", 1)
    with driver(tmp_path, tiny_model, "--ray", "127.0.0.1:1") as lost:
        try:
            _, said = lost.communicate(timeout=60)
        finally:
            lost.kill()
    assert lost.returncode == 2
    assert "--ray 127.0.0.1:1: there is no Ray cluster" in said
