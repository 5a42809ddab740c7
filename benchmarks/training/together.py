"""Training by two processes, and streaming, held to what they promise.

    python benchmarks/training/together.py [kills] [rate] [stream]

kills    Two processes and their launcher are killed with SIGKILL in the middle of epochs, and the
         run is continued. The pictures of each step and the final weights are compared with those
         of a run that was not killed.
rate     What a picture costs in two processes and in one, in CPU time, the start subtracted. On two
         free cores, two processes are faster by 2 x one / two, if neither waits for the other. By
         recipes/faces.yaml.
stream   An epoch of the same tar files from an S3 server (moto) and from disk, in turns.

Other programs run on the machine, so CPU time is measured; the least of several rounds counts.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
RECIPE = """
network: {name: iizuka, width: 0.25, global_size: 64}
validation_preview: 0
precision: 32-true
workers: 2
size: 64
"""
KILLS, STEPS_BETWEEN = 3, 9
ROUNDS = 3
WATCHED = """
import os, sys
from pathlib import Path
from colornet.train.config import Recipe
from colornet.train.run import train
from colornet.train.task import ColorizationTask
step = ColorizationTask.training_step
def watched(task, batch, index):
    with open(f"seen.{os.environ['RUN']}.{task.global_rank}", "a") as file:
        print(task.global_step, *batch[0].long().sum((1, 2, 3)).tolist(), file=file)
    return step(task, batch, index)
ColorizationTask.training_step = watched
train(["set"], Recipe.from_file(Path("recipe.yaml")), Path(sys.argv[1]), save_every=0.3)
"""


def draw(folder: Path, count: int, side: int) -> None:
    """Pictures of soft blotches."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        path = folder / "set" / ("cat", "dog")[i % 2] / f"{i:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse.resize((side, side), Image.Resampling.BICUBIC).save(path, quality=90)


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"} | more


def kills(folder: Path) -> dict[str, Any]:
    draw(folder, 96, 64)
    (folder / "recipe.yaml").write_text(RECIPE + "batch: 8\nepochs: 4\nema_decay: 0.9\n")
    (folder / "run.py").write_text(WATCHED)

    def run(number: int, output: str, steps: int | None) -> bool:
        """Whether it ended by itself, and was not killed after so many steps."""
        launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
        process = subprocess.Popen(
            [*launcher, "run.py", output], cwd=folder, env=environment(RUN=str(number))
        )
        seen = folder / f"seen.{number}.0"
        while process.poll() is None:
            time.sleep(0.02)
            if steps and seen.exists() and len(seen.read_text().splitlines()) > steps:
                workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
                for pid in (process.pid, *map(int, workers.split())):
                    os.kill(pid, signal.SIGKILL)
                process.wait()
                return False
        assert process.returncode == 0
        return True

    def shown(numbers: range) -> dict[int, list[str]]:
        """The pictures of each step; those of steps that were done again count once."""
        ranks: list[dict[int, list[str]]] = [{}, {}]
        for number in numbers:
            for rank, steps in enumerate(ranks):
                for line in (folder / f"seen.{number}.{rank}").read_text().splitlines():
                    step, *pictures = line.split()
                    steps[int(step)] = pictures
        return {step: ranks[0][step] + ranks[1][step] for step in sorted(ranks[0])}

    for number in range(KILLS):
        assert not run(number, "killed", STEPS_BETWEEN)
    run(KILLS, "killed", None)
    run(KILLS + 1, "whole", None)
    import torch

    killed, whole = (
        torch.load(folder / name / "checkpoints/last.ckpt", weights_only=True)["state_dict"]
        for name in ("killed", "whole")
    )
    steps = shown(range(KILLS + 1))
    return {
        "kills": KILLS,
        "steps": len(steps),
        "same pictures": steps == shown(range(KILLS + 1, KILLS + 2)),
        "same weights": all(torch.equal(killed[name], whole[name]) for name in whole),
    }


def rate(folder: Path) -> dict[str, Any]:
    draw(folder, 96, 128)
    faces = (ROOT / "recipes" / "faces.yaml").read_text()
    (folder / "recipe.yaml").write_text(f"{faces}precision: 32-true\nvalidation_preview: 0\n")

    def seconds(output: str, *options: str) -> float:
        """CPU time of a run, children included."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "colornet", "train", "set", "-o", output]
        command += ["--recipe", "recipe.yaml", *options]
        subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return sum(getattr(after, f) - getattr(before, f) for f in ("ru_utime", "ru_stime"))

    costs: dict[str, list[float]] = {"one": [], "two": []}
    for turn in range(ROUNDS):
        for name, options in (("one", ()), ("two", ("--devices", "2"))):
            first = seconds(f"{name}{turn}", *options, "--epochs", "1")
            more = seconds(f"{name}{turn}", *options, "--epochs", "5")
            costs[name].append((more - first) / (3 * 96))  # 4 epochs less 1, from the same start
            print(f"{name}: {1000 * costs[name][-1]:.2f} ms of CPU a picture", flush=True)
    one, two = min(costs["one"]), min(costs["two"])
    return {"one": one, "two": two, "rate on two free cores": 2 * one / two}


def stream(folder: Path) -> dict[str, Any]:
    from fsspec import filesystem
    from moto.server import ThreadedMotoServer

    from colornet.train.data.shards import survey
    from colornet.train.data.stream import Picked, StreamedBatches

    draw(folder, 2048, 256)
    pictures = sorted((folder / "set").rglob("*.jpg"))
    local = [str(folder / f"{i}.tar") for i in range(8)]
    for i, name in enumerate(local):
        with tarfile.open(name, "w") as tar:
            for path in pictures[i::8]:
                tar.add(path, path.relative_to(folder / "set"))
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "a"}
    os.environ |= {"AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    files = filesystem("s3")
    files.mkdir("photos")
    for i, name in enumerate(local):
        files.put_file(name, f"photos/{i}.tar")
    remote = [f"s3://photos/{i}.tar" for i in range(8)]

    def epoch(names: list[str]) -> Callable[[], tuple[float, float]]:
        shards = survey(names, None, folder, 2)
        batches = StreamedBatches(shards, Picked(["cat", "dog"], None, 224, 160), 16, readers=2)

        def measured() -> tuple[float, float]:
            begun = time.perf_counter(), time.process_time()
            assert sum(len(pixels) for pixels, _ in batches) == len(pictures)
            return time.perf_counter() - begun[0], time.process_time() - begun[1]

        return measured

    measure = {"disk": epoch(local), "s3": epoch(remote)}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in measure}
    for _ in range(ROUNDS):
        for name, measured in measure.items():
            times[name].append(measured())
            print(name, times[name][-1])
    server.stop()
    wall, cpu = ({name: min(t[i] for t in found) for name, found in times.items()} for i in (0, 1))
    return {
        "wall": wall,
        "cpu, the server's included": cpu,
        "rate of s3 to disk": wall["disk"] / wall["s3"],
        "by cpu": cpu["disk"] / cpu["s3"],
    }


def main() -> None:
    parts = {"kills": kills, "rate": rate, "stream": stream}
    for name in sys.argv[1:] or parts:
        with tempfile.TemporaryDirectory() as folder:
            print(name, json.dumps(parts[name](Path(folder)), indent=1), flush=True)


if __name__ == "__main__":
    main()
