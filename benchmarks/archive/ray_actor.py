"""An actor of Ray beside `colornet colorize`: what it costs, its start apart, and its memory.

    python benchmarks/archive/ray_actor.py [PICTURES] [beside] [memory]

Pictures of 0.4 megapixels, one at a time on one core.

beside   256 and 1000 pictures by both, in turns. The CPU time is that of the command and of all
         processes that it starts, as /proc has it; a run of one picture, which is nearly all start,
         is subtracted. The seconds to the start are those until the actor begins its first unit.
memory   Of an actor that colors 3000 pictures, or as many as said.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from shards import draw

ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER: what Ray leaves behind is found below this process."""
TICKS = os.sysconf("SC_CLK_TCK")
EVERY = 0.2
"""Seconds between looks at the processes."""
FIFTHS, ROUNDS, FEW, MORE = 5, 2, 256, 1000
RAY = ("--ray", "local", "--actors", "1")


class Run(NamedTuple):
    """CPU seconds by process, seconds until the first unit, MB of the actor along the run."""

    cpu: dict[str, float]
    begun: float
    memory: list[int]

    @property
    def seconds(self) -> float:
        """Of all processes."""
        return sum(self.cpu.values())


def below(root: int) -> dict[int, float]:
    """The processes that one has started, and their CPU seconds; Ray waits for none of them."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used = (int(fields[11]) + int(fields[12])) / TICKS
        children[int(fields[1])].append((int(stat.parent.name), used))
    found, todo = {}, [root]
    while todo:
        for process, used in children[todo.pop()]:
            found[process] = used
            todo.append(process)
    return found


def name(process: int) -> str:
    """What a process is called: "ray::Actor", "gcs_server", "monitor.py" .."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return ""
    script = next((word for word in words if word.endswith((".py", "/colornet"))), words[0])
    return script.split(".")[0] if script.startswith("ray::") else Path(script).name


def megabytes(process: int) -> int:
    """What it holds of memory."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGESIZE") >> 20


def run(folder: Path, *command: str) -> Run:
    """Run a command to its end."""
    cpu: dict[int, float] = {}
    names: dict[int, str] = {}
    begun, memory, start = 0.0, [], time.monotonic()
    process = subprocess.Popen(["colornet", *command], cwd=folder, stderr=subprocess.DEVNULL)
    while (ended := os.waitpid(process.pid, os.WNOHANG)) == (0, 0):
        cpu |= (found := below(os.getpid()))
        names |= {each: called for each in found if (called := name(each))}
        memory += [megabytes(each) for each in found if names.get(each) == "ray::Actor"]
        if not begun and list(folder.glob(f"{command[3]}/begun/*")):
            begun = time.monotonic() - start
        time.sleep(EVERY)
    if ended[1]:
        raise SystemExit(f"{' '.join(command)} failed")
    by_name: dict[str, float] = defaultdict(float)
    for each, seconds in cpu.items():
        by_name[names.get(each, "")] += seconds
    while below(os.getpid()):
        os.wait()
    return Run(by_name, begun, memory)


def beside_colorize(folder: Path) -> None:
    cost: dict[tuple[str, int], list[float]] = defaultdict(list)
    ways = {"colorize": ("colorize", "-j", "1"), "archive --ray": ("archive", *RAY)}
    for number in range(ROUNDS):
        for way, (verb, *more) in ways.items():
            start = run(folder, verb, "1", "-o", f"{verb}-1-{number}", *more)
            print(f"{way}, start: {told(start)}", flush=True)
            for count in (FEW, MORE):
                whole = run(folder, verb, str(count), "-o", f"{verb}-{count}-{number}", *more)
                cost[way, count].append(whole.seconds - start.seconds)
                print(f"{way}, {count} pictures: {told(whole)}", flush=True)
    for count in (FEW, MORE):
        ours, theirs = (min(cost[way, count]) for way in ways)
        print(f"{count} pictures: {ours:.1f} and {theirs:.1f} s of CPU, {theirs / ours - 1:+.1%}")


def told(run: Run) -> str:
    most = sorted(run.cpu.items(), key=lambda one: -one[1])
    each = ", ".join(f"{name} {seconds:.2f}" for name, seconds in most)
    begun = f"; {run.begun:.1f} s until the first unit" * bool(run.begun)
    return f"{run.seconds:.2f} s of CPU ({each}){begun}"


def memory(folder: Path, count: int) -> None:
    whole = run(folder, "archive", str(count), "-o", "long", *RAY)
    step = max(1, len(whole.memory) // FIFTHS)
    steps = [max(whole.memory[i : i + step]) for i in range(0, step * FIFTHS, step)]
    print(f"{count} pictures, {whole.seconds:.0f} s of CPU; memory, by fifths: {steps} MB")


def main(count: int, parts: list[str]) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if "beside" in parts:
            for some in (1, FEW, MORE):
                draw(folder / str(some), some)
            beside_colorize(folder)
        if "memory" in parts:
            draw(folder / str(count), count)
            memory(folder, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3000, sys.argv[2:] or ["beside", "memory"])
