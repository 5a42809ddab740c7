from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from colornet.errors import OptionError
from colornet.train.log import read_log
from colornet.train.pictures import share_of_batch
from colornet.train.processes import LAUNCHER, Processes, find_processes, join_processes
from tests.ports import free_ports
from tests.train.conftest import patches
from tests.train.together import ONE_STEP, TINY, no_batch_norm, start_two, watch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two processes have made all runs together, and what one makes alone."""
    folder = tmp_path_factory.mktemp("together")
    rng = np.random.default_rng(0)
    for name, count in (("set/cat", 40), ("set/dog", 24), ("few/cat", 16), ("held/cow", 7)):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            patches(rng, 32).save(folder / name / f"{i:02}.png")
    started = start_two(folder)
    try:
        outputs = [process.communicate(timeout=800)[0] for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert [process.returncode for process in started] == [0, 0], outputs
    (folder / "said").write_text(outputs[0])
    (folder / "said by the other").write_text(outputs[1])
    with no_batch_norm():
        watch(folder, "alone", ONE_STEP, data=[folder / "few"])
        watch(folder, "begun", ONE_STEP.changed(lr=0.0), data=[folder / "few"])
    return folder


def left(folder: Path, run: str, rank: int = 0) -> dict[str, Any]:
    return torch.load(folder / f"{run}.{rank}.pt", weights_only=True)


def weights(folder: Path, run: str, rank: int = 0) -> dict[str, torch.Tensor]:
    """Without what batch normalization counts, which is each process's own."""
    there = left(folder, run, rank)["weights"]
    kept = {name: value for name, value in there.items() if "running" not in name}
    return {name: value for name, value in kept.items() if value.numel()}


def seen(folder: Path, run: str) -> dict[int, list[int]]:
    """The pictures of each step, of both processes."""
    found: dict[int, list[int]] = {}
    for step, pictures in chain(*(left(folder, run, rank)["seen"] for rank in (0, 1))):
        found.setdefault(step, []).extend(pictures)
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)  # they wait for each other thousands of times: long on a busy machine
class TestTwoProcesses:
    @pytest.mark.parametrize("run", ["often", "killed after", "minutes"])
    def test_they_have_the_same_weights_after_hundreds_of_steps(
        self, folder: Path, run: str
    ) -> None:
        one, other = (weights(folder, run, rank) for rank in (0, 1))
        assert all(torch.equal(one[name], other[name]) for name in one)
        steps = len(left(folder, run)["seen"])
        assert steps == {"often": 200, "killed after": 5}.get(run, steps)

    def test_each_picture_is_seen_once_an_epoch(self, folder: Path) -> None:
        steps = seen(folder, "often")
        for epoch in range(TINY.epochs):
            pictures = chain(*(steps[8 * epoch + step] for step in range(8)))
            assert Counter(pictures).most_common(1)[0][1] == 1
        assert len({*chain(*steps.values())}) == 64

    @pytest.mark.parametrize("run", ["step", "parts"])
    def test_a_step_is_that_of_one_process(self, folder: Path, run: str) -> None:
        together, alone, begun = (weights(folder, name) for name in (run, "alone", "begun"))
        assert max(float((begun[n] - alone[n]).abs().max()) for n in alone) > 5e-4
        assert max(float((together[n] - alone[n]).abs().max()) for n in alone) < 1e-5
        (there,) = seen(folder, run).values()
        assert sorted(there) == sorted(left(folder, "alone")["seen"][0][1])
        one, other = read_log(folder / run), read_log(folder / "alone")
        assert one[0]["train"] == pytest.approx(other[0]["train"], rel=1e-5)

    def test_a_killed_run_goes_on_as_if_it_had_not_been(self, folder: Path) -> None:
        before, after = seen(folder, "killed before"), seen(folder, "killed after")
        whole = seen(folder, "whole")
        assert sorted(before) == list(range(11))
        assert sorted(after) == list(range(11, 16))
        assert before | after == whole
        killed = weights(folder, "killed after")
        assert all(torch.equal(killed[n], w) for n, w in weights(folder, "whole").items())
        logs = [read_log(folder / name) for name in ("killed", "whole")]
        for one, other in zip(*logs, strict=True):
            assert one["train"] == other["train"]
            assert one["validation"] == other["validation"]

    def test_they_compute_in_the_precision_that_the_first_one_finds_faster(
        self, folder: Path
    ) -> None:
        found = [left(folder, "minutes", rank)["recipe"]["precision"] for rank in (0, 1)]
        assert found == ["bf16-mixed"] * 2

    def test_the_first_one_speaks(self, folder: Path) -> None:
        said = (folder / "said").read_text()
        assert "training: 64 pictures in 2 classes" in said
        assert "2 processes: batch normalization in each is by its own pictures, on CPUs" in said
        assert "going on with epoch 2 of 2, batch 4 of 8, after 11 steps in all" in said
        assert not (folder / "said by the other").read_text().strip()


TOLD = {
    "WORLD_SIZE": "8",
    "RANK": "5",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "4",
    "MASTER_ADDR": "there",
    "MASTER_PORT": "29500",
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As torchrun tells the sixth of eight processes on two machines."""
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_torchrun_tells_who_is_there(told: pytest.MonkeyPatch) -> None:
    assert find_processes() == find_processes(4, 2) == Processes(5, 1, 8, 2)


@pytest.mark.parametrize(
    ("devices", "nodes", "said"),
    [
        (8, None, "--devices: is 8, but torchrun was started with --nproc-per-node 4; leave"),
        (4, 1, "--nodes: is 1, but torchrun was started with --nnodes 2"),
    ],
)
def test_options_that_contradict_torchrun_are_refused(
    told: pytest.MonkeyPatch, devices: int, nodes: int, said: str
) -> None:
    with pytest.raises(OptionError, match=said):
        find_processes(devices, nodes)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOCAL_RANK", "", "LOCAL_RANK: is not set, and WORLD_SIZE is 8"),
        ("WORLD_SIZE", "many", "WORLD_SIZE: is 'many'"),
    ],
)
def test_half_an_environment_is_refused(
    told: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    told.setenv(name, value)
    with pytest.raises(OptionError, match=said):
        find_processes()


@pytest.mark.parametrize("name", ["SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE"])
def test_processes_that_know_nothing_of_one_another_do_not_train(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "2")
    with pytest.raises(OptionError, match="each would train on its own; start them with torchrun"):
        find_processes()


@pytest.mark.parametrize(("devices", "nodes"), [(2, 1), (1, 2)])
def test_one_process_is_not_several(devices: int, nodes: int) -> None:
    with pytest.raises(OptionError, match="is 2, but there is one process"):
        find_processes(devices, nodes)


def test_a_process_whose_launcher_is_gone_ends(told: pytest.MonkeyPatch) -> None:
    told.setenv(LAUNCHER, str(os.getpid()))  # not its parent, whichever that is
    with pytest.raises(SystemExit, match="143"), join_processes():
        raise AssertionError


FAILING = """
from colornet.errors import TrainingError
from colornet.train.processes import join_processes
try:
    with join_processes() as processes:
        processes.highest(0.0)
        if processes.first:
            raise SystemExit(3)
        processes.highest(0.0)
except TrainingError as error:
    raise SystemExit(str(error))
"""


def test_the_end_of_another_process_is_a_line() -> None:
    """As on a full disk, on which the first one cannot save."""
    there = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    there |= {"MASTER_PORT": free_ports(1)[0]}
    first, other = (
        subprocess.Popen(
            [sys.executable, "-c", FAILING],
            env={**os.environ, **there, "RANK": rank, "LOCAL_RANK": rank},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in "01"
    )
    said = "process 2 of 2: another process has ended; see what that one says\n"
    assert other.communicate(timeout=120)[1].endswith(said)
    assert (first.wait(120), other.returncode) == (3, 1)
    first.communicate()


def test_a_batch_is_shared_evenly() -> None:
    assert share_of_batch(24, 3, accumulate=2) == 4


@pytest.mark.parametrize(
    ("batch", "processes", "accumulate", "said"),
    [
        (
            *(32, 3, 1),
            "batch: of 32 pictures cannot be split into 3 parts of the same size; "
            "use --batch 30 or 33, or change the number of processes",
        ),
        (
            *(32, 3, 2),
            "batch: of 32 pictures cannot be split into 6 parts (2 in each of 3 processes) of the "
            "same size; use --batch 30 or 36, or change --accumulate or the number of processes",
        ),
        (
            *(16, 1, 3),
            "batch: of 16 pictures cannot be split into 3 parts of the same size; "
            "use --batch 15 or 18, or change --accumulate",
        ),
        (
            *(1, 1, 2),
            "batch: of 1 picture cannot be split into 2 parts of the same size; "
            "use --batch 4, or change --accumulate",
        ),
        (
            *(1, 1, 1),
            "batch: of 1 picture is too few to normalize; use --batch 2",
        ),
        (
            *(3, 1, 3),
            "batch: of 3 pictures has one in each of 3 parts, too few to normalize; "
            "use --batch 6, or lower --accumulate",
        ),
    ],
)
def test_a_batch_that_cannot_be_shared_is_a_mistake_of_the_options(
    batch: int, processes: int, accumulate: int, said: str
) -> None:
    with pytest.raises(OptionError, match=f"^{re.escape(said)}$"):
        share_of_batch(batch, processes, accumulate)
