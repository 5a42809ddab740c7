"""An actor of Ray beside `colornet colorize`: what it costs, its start apart, and its memory.

    python benchmarks/archive/ray_actor.py [PICTURES] [beside] [memory]

Pictures of 0.4 megapixels, one at a time on one core.

beside   256 pictures by both, in turns. The CPU time is that of all processes that Ray starts; a
         run of one picture, which is nearly all start, is subtracted. The seconds to the start are
         those until the actor begins its first unit.
memory   Of an actor that colors 3000 pictures, or as many as said.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from shards import draw

ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER: what Ray leaves behind is waited for here, and its CPU time counted."""
EVERY = 2.0
"""Seconds between looks at the actor's memory."""
FIFTHS, ROUNDS, FEW = 5, 2, 256
RAY = ("--ray", "local", "--actors", "1")


def cpu_seconds() -> float:
    """Of all processes that were waited for."""
    times = os.times()
    return times.children_user + times.children_system


def actor_memory() -> int:
    """MB of the actor; 0: there is none."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"ray::Map" in (process / "cmdline").read_bytes():
                (line,) = (
                    line
                    for line in (process / "status").read_text().splitlines()
                    if line.startswith("VmRSS")
                )
                return int(line.split()[1]) // 1024
        except (OSError, ValueError):
            continue
    return 0


def run(folder: Path, *command: str) -> tuple[float, float, list[int]]:
    """CPU seconds; seconds until the first unit was begun; the actor's memory along the run."""
    before, start = cpu_seconds(), time.monotonic()
    begun, memory, looked = 0.0, [], 0.0
    process = subprocess.Popen(["colornet", *command], cwd=folder, stderr=subprocess.DEVNULL)
    while os.waitpid(process.pid, os.WNOHANG) == (0, 0):
        now = time.monotonic()
        if not begun and list(folder.glob(f"{command[3]}/begun/*")):
            begun = now - start
        if now - looked > EVERY and (megabytes := actor_memory()):
            memory.append(megabytes)
            looked = now
        time.sleep(0.05)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return cpu_seconds() - before, begun, memory


def beside_colorize(folder: Path) -> None:
    cost: dict[str, list[float]] = {"colorize": [], "archive --ray": []}
    for number in range(ROUNDS):
        by_colorize, _, _ = run(folder, "colorize", "few", "-o", f"c{number}", "-j", "1")
        start, _, _ = run(folder, "colorize", "one", "-o", f"c1-{number}", "-j", "1")
        by_ray, begun, _ = run(folder, "archive", "few", "-o", f"r{number}", *RAY)
        start_of_ray, _, _ = run(folder, "archive", "one", "-o", f"r1-{number}", *RAY)
        cost["colorize"].append(by_colorize - start)
        cost["archive --ray"].append(by_ray - start_of_ray)
        print(
            f"start of colorize: {start:.1f} s of CPU; with Ray: {start_of_ray:.1f} s of CPU, "
            f"{begun:.1f} s until the first unit",
            flush=True,
        )
    for what, times in cost.items():
        print(f"{what}: {', '.join(f'{t:.1f}' for t in times)} s of CPU for {FEW} pictures")
    least = {what: min(times) for what, times in cost.items()}
    print(f"overhead: {least['archive --ray'] / least['colorize'] - 1:.1%}", flush=True)


def memory(folder: Path, count: int) -> None:
    seconds, _, found = run(folder, "archive", "many", "-o", "long", *RAY)
    step = max(1, len(found) // FIFTHS)
    steps = [max(found[i : i + step]) for i in range(0, step * FIFTHS, step)]
    print(f"{count} pictures, {seconds:.0f} s of CPU; memory, by fifths: {steps} MB", flush=True)


def main(count: int, parts: list[str]) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "beside" in parts:
            draw(folder / "one", 1)
            draw(folder / "few", FEW)
            beside_colorize(folder)
        if "memory" in parts:
            draw(folder / "many", count)
            memory(folder, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3000, sys.argv[2:] or ["beside", "memory"])
