"""What each stage of an archive costs, and what follows for a million pictures and more.

    python benchmarks/archive/sizing.py [MODEL]

Measures CPU seconds per picture at three sizes, fits a cost per picture and one per megapixel,
checks the sum against a run of `colornet archive` on other pictures, and does the arithmetic.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyvips
from PIL import Image
from skimage import data

from colornet import Colorizer
from colornet.archive import planning, units
from colornet.archive.order import Order
from colornet.archive.places import Place
from colornet.archive.running import run
from colornet.guidance import Guidance
from colornet.picture import Encoding

SIZES = {0.4: (768, 512), 2.1: (1792, 1184), 12.0: (4288, 2800)}
"""Megapixels, and pixels."""
REPEATS = 3
CORE_HOUR = 0.04
"""Dollars; a usual price of a rented core for an hour."""
NETWORK = 10e9 / 8
"""Bytes per second of a machine: 10 Gbit/s."""
CORES = 64
"""Of that machine."""


def cpu_seconds(do: Callable[[], object]) -> float:
    """The least of several, of all threads of this process."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        do()
        times.append(time.process_time() - start)
    return min(times)


def stages(colorizer: Colorizer, path: Path, folder: Path) -> dict[str, float]:
    target = folder / "result.jpg"

    def decode() -> object:
        return pyvips.Image.new_from_file(str(path), access="sequential").avg()

    get = cpu_seconds(path.read_bytes)
    decoding = cpu_seconds(decode)
    canvas = colorizer.encode(path)
    encoder = cpu_seconds(lambda: colorizer.encode(path))
    model = cpu_seconds(lambda: canvas.ab()) + encoder
    whole = cpu_seconds(lambda: colorizer.write(path, target, overwrite=True))
    put = cpu_seconds(lambda: Place(str(folder)).put(target, "put.jpg"))
    return {"get": get, "decode": decoding, "model": model, "whole": whole, "put": put}


def pictures(folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    gray = Image.fromarray(data.astronaut()).convert("L").resize(size)
    paths = []
    for i in range(count):
        paths.append(folder / f"{size[0]}-{i}.jpg")
        Image.fromarray(np.roll(np.asarray(gray), 31 * i, 1)).save(paths[-1], quality=88)
    return paths


def measured(source: Path, output: Path, model: str) -> float:
    """CPU seconds a picture of a whole run, the model's loading apart."""
    order = Order.of(model, Guidance(), Encoding(), False, "tree")
    plan = planning.plan([str(source)], Place.of(str(output)), order)
    results = run(plan, plan.units, jobs=1, threads=1)
    next(results)  # loads the model
    start, count = time.process_time(), 0
    for outcome in results:
        count += outcome.done
    return (time.process_time() - start) / count


def main(model: str) -> None:
    colorizer = Colorizer(model, threads=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("CPU milliseconds a picture on one core")
        print("| megapixels | get | decode | model | recombine and encode | put | all |")
        print("|---|---|---|---|---|---|---|")
        alls, sizes = [], {}
        for megapixels, size in SIZES.items():
            (path,) = pictures(folder, size, 1)
            cost = stages(colorizer, path, folder)
            rest = max(0.0, cost["whole"] - cost["decode"] - cost["model"])
            alls.append(cost["whole"] + cost["get"])
            sizes[megapixels] = path.stat().st_size + (folder / "result.jpg").stat().st_size
            told = (cost["get"], cost["decode"], cost["model"], rest, cost["put"], alls[-1])
            print(f"| {megapixels} | " + " | ".join(f"{1000 * t:.1f}" for t in told) + " |")
        per_megapixel, per_picture = np.polyfit(list(SIZES), alls, 1)
        print(f"\nmodel: {per_picture:.3f} s + {per_megapixel:.3f} s per megapixel")
        (folder / "run").mkdir()
        pictures(folder / "run", SIZES[0.4], 24)
        units.PICTURES = 8
        real = measured(folder / "run", folder / "results", model)
        said = per_picture + 0.4 * per_megapixel
        print(f"a run at 0.4 megapixels: {real:.3f} s a picture, predicted {said:.3f}")
    print(
        "\n| megapixels | pictures/s per core | core hours per million | dollars per million ",
        end="",
    )
    print("| pictures/s of 64 cores | MB/s of them | a billion on 1,000 cores |")
    print("|---|---|---|---|---|---|---|")
    for megapixels in SIZES:
        cost = per_picture + megapixels * per_megapixel
        hours, rate = 1e6 * cost / 3600, CORES / cost
        days = 1e9 * cost / 1000 / 86400
        traffic = rate * sizes[megapixels]
        print(
            f"| {megapixels} | {1 / cost:.1f} | {hours:.0f} | {hours * CORE_HOUR:.2f} | {rate:.0f} "
            f"| {traffic / 1e6:.0f} of {NETWORK / 1e6:.0f} | {days:.1f} days |"
        )


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "general")
