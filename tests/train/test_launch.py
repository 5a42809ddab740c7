from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from colornet.errors import OptionError
from colornet.train.launch import count_devices

WAITING = """
from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent
from colornet.train.launch import launch
look = LocalElasticAgent._monitor_workers
def told(agent, group):
    print("started", flush=True)
    LocalElasticAgent._monitor_workers = look
    return look(agent, group)
LocalElasticAgent._monitor_workers = told
raise SystemExit(launch(1, ["colorize", "-", "-o", "-"]))
"""
"""Starts a process that waits for a picture in stdin; tells when it is among those that torch's
launcher ends, which are not those that it is just starting.
"""


@pytest.mark.slow
def test_an_ended_launcher_ends_its_processes_without_a_word_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", WAITING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "started\n"
        tasks = Path(f"/proc/{process.pid}/task")
        started = [pid for task in tasks.iterdir() for pid in children(task)]
        assert started
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
        assert process.stdout.read() == ""
        # the process has a line to say if it had begun its work
        assert process.stderr.read() in ("", "colornet: terminated\n")
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
    assert not list(tmp_path.iterdir())


def children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []


@pytest.mark.parametrize("devices", ["0", "", "-1", "two", "1.5", "9" * 5000, "\u0663"])
def test_what_is_no_number_of_devices(devices: str) -> None:
    with pytest.raises(OptionError, match=r"--devices: is '.*'; use a number above 0, or auto"):
        count_devices(devices)
