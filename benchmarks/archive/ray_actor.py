"""An actor of Ray beside `colornet colorize`: what it costs, its start apart, and its memory.

    python benchmarks/archive/ray_actor.py [PICTURES] [ROUNDS]

Pictures of 0.4 megapixels, one at a time on one core, by both in turns. The CPU time is that of all
processes that Ray starts; a run of one picture, which is nearly all start, is subtracted. The
seconds to the start are those until the actor begins its first unit. Memory is that of the actor.
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
FIFTHS = 5


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


def main(count: int, rounds: int) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1)
    ray = ("--ray", "local", "--actors", "1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder / "one", 1)
        draw(folder / "album", count)
        cost: dict[str, list[float]] = {"colorize": [], "archive --ray": []}
        for number in range(rounds):
            by_colorize, _, _ = run(folder, "colorize", "album", "-o", f"c{number}", "-j", "1")
            start, _, _ = run(folder, "colorize", "one", "-o", f"c1-{number}", "-j", "1")
            cost["colorize"].append(by_colorize - start)
            by_ray, begun, memory = run(folder, "archive", "album", "-o", f"r{number}", *ray)
            start_of_ray, _, _ = run(folder, "archive", "one", "-o", f"r1-{number}", *ray)
            cost["archive --ray"].append(by_ray - start_of_ray)
            print(
                f"start of colorize: {start:.1f} s of CPU; with Ray: {start_of_ray:.1f} s of CPU, "
                f"{begun:.1f} s until the first unit"
            )
            step = max(1, len(memory) // FIFTHS)
            steps = [max(memory[i : i + step]) for i in range(0, step * FIFTHS, step)]
            print(f"memory of the actor, a fifth of the run each: {steps} MB", flush=True)
        least = {what: min(times) for what, times in cost.items()}
        for what, times in cost.items():
            print(f"{what}: {', '.join(f'{t:.1f}' for t in times)} s of CPU for {count} pictures")
        print(f"overhead: {least['archive --ray'] / least['colorize'] - 1:.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3000, int(sys.argv[2]) if sys.argv[2:] else 1)
