"""An archive in four shards, one of them twice and one killed, beside `colornet colorize`.

    python benchmarks/archive/shards.py [PICTURES] [MODEL]

Pictures of 0.4 megapixels. Prints whether every picture is in the manifest once, byte for byte as
by `colornet colorize`, the CPU time of both, and the memory of a process as it goes on.
"""

from __future__ import annotations

import filecmp
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

LIMIT_MB = 350


def draw(album: Path, count: int) -> None:
    """Gray JPEGs of 0.4 megapixels."""
    gray = np.asarray(Image.fromarray(data.astronaut()).convert("L").resize((768, 512)))
    for i in range(count):
        path = album / f"box-{i // 100:02d}/{i:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.roll(gray, 7 * i, 1)).save(path, quality=88)


def run(folder: Path, *command: str, kill_at: int = 0) -> tuple[float, list[int]]:
    """CPU seconds, and the memory in MB, every two seconds; killed at so many parts."""
    before = os.times()
    memory = []
    with subprocess.Popen(["colornet", *command], cwd=folder, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            memory += [
                int(line.split()[1]) // 1024 for line in status.splitlines() if "VmRSS" in line
            ]
            if kill_at and len(list((folder / "color/parts").glob("*.jsonl"))) >= kill_at:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.2 if kill_at else 2)
    after = os.times()
    cpu = after.children_user + after.children_system
    return cpu - before.children_user - before.children_system, memory


def main(count: int, model: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder / "album", count)
        archive = ("archive", "album", "-o", "color", "--model", model, "-j", "1")
        run(folder, *archive, "--plan")
        total = 0.0
        for shard in ("3/4", "1/4", "1/4", "4/4"):
            cpu, _ = run(folder, *archive, "--shard", shard)
            total += cpu
        done = len(list((folder / "color/parts").glob("*.jsonl")))
        run(folder, *archive, "--shard", "2/4", kill_at=done + 1)
        cpu, memory = run(folder, *archive, "--shard", "2/4")
        begun = len(list((folder / "color/begun").glob("*")))
        colorize = ("colorize", "album", "-o", "by-colorize", "--model", model, "-j", "1")
        peer, _ = run(folder, *colorize)
        lines = [
            json.loads(line)
            for part in (folder / "color/parts").glob("*.jsonl")
            for line in part.read_text().splitlines()
        ]
        outputs = {line["output"] for line in lines}
        same = sum(
            filecmp.cmp(folder / "color" / each, folder / "by-colorize" / each, False)
            for each in outputs
        )
        print(f"{len(lines)} rows, {len(outputs)} pictures, {same} as by colorize, {begun} begun")
        print(f"three shards, one twice: {total:.0f} s of CPU; all by colorize: {peer:.0f} s")

        cpu, memory = run(folder, "archive", "album", "-o", "again", "--model", model, "-j", "1")
        steps = [
            max(memory[i : i + len(memory) // 5]) for i in range(0, len(memory), len(memory) // 5)
        ]
        print(f"all by archive: {cpu:.0f} s of CPU, {cpu / peer:.2f} of colorize's")
        print(f"memory, a fifth of the run each: {steps} MB (limit {LIMIT_MB})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3000, sys.argv[2] if sys.argv[2:] else "general")
