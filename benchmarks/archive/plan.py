"""Plan ten million names, and list what is left: CPU seconds and peak memory.

    python benchmarks/archive/plan.py [NAMES]

The names are synthetic, in a list of names; the parts of all units but ten are made beforehand, as
after a run that was killed near its end.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_S, LIMIT_MB = 60, 1000
STEP = """
import resource, sys, time
start = time.process_time()
from colornet.archive.manifest import left
from colornet.archive.order import Order
from colornet.archive.places import Place
from colornet.archive.planning import plan
from colornet.guidance import Guidance
from colornet.picture import Encoding
order = Order.of("general", Guidance(), Encoding(), False, "tree")
made = plan([sys.argv[1]], Place.of(sys.argv[2]), order)
units = left(made)
if not sys.argv[3:]:
    parts = made.place.path / "parts"
    parts.mkdir()
    for unit in units[10:]:
        (parts / f"{unit.id}.jsonl").touch()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(made.count, len(made.units), len(units), time.process_time() - start, peak)
"""


def main(names: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "names.txt"
        with listed.open("w") as file:
            for i in range(names):
                file.write(f"s3://archive-of-scans/box-{i // 10000:04d}/scan-{i:08d}.jpg\n")
        for what, more in (("planning", ()), ("a rerun", ("again",))):
            start = time.monotonic()
            told = subprocess.run(
                [sys.executable, "-c", STEP, str(listed), f"{folder}/results", *more],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
            seconds, megabytes = float(told[3]), float(told[4])
            print(
                f"{what}: {told[0]} names, {told[1]} units, {told[2]} left: {seconds:.1f} s of CPU "
                f"(limit {LIMIT_S}), {megabytes:.0f} MB (limit {LIMIT_MB}); "
                f"{time.monotonic() - start:.0f} s on the clock"
            )
        size = sum(path.stat().st_size for path in Path(folder, "results/plan").iterdir())
        print(f"the plan: {size / 1e6:.0f} MB on disk")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000_000)
