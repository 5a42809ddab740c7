"""How fast, and in how much memory, beside what any program must do and what others do.

    python benchmarks/speed/run.py [FIGURE ..]

FIGURE: large, sizes, folder, start or peers; none: all. What is compared alternates in one run,
each in a process of its own. The figures go to results.json, where those not asked for stay.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import works
from measure import Worker, gray, in_turn

RESULTS = Path(__file__).with_name("results.json")
ROUNDS = 7
PICTURES = 500
Figures = dict[str, float]


def large(folder: Path) -> Figures:
    """A gray JPEG of 12 megapixels beside libvips' decoding and encoding, and one model run."""
    source, target = folder / "gray.jpg", folder / "color.jpg"
    gray(4000, 3000).jpegsave(str(source), Q=works.QUALITY)
    with (
        Worker(works.copy, source, folder / "copy.jpg") as copy,
        Worker(works.model) as model,
        Worker(works.colorize, source, target) as color,
    ):
        copying, running, coloring = in_turn(ROUNDS, copy.seconds, model.seconds, color.seconds)
        return {
            "copy_seconds": copying,
            "model_seconds": running,
            "color_seconds": coloring,
            "ratio": coloring / (copying + running),
            "megabytes": color.megabytes(),
        }


def sizes(folder: Path) -> Figures:
    """TIFFs of 1 to 100 megapixels."""
    found = {}
    source, target = folder / "gray.tif", folder / "color.tif"
    for megapixels in (1, 4, 16, 64, 100):
        side = round(1000 * megapixels**0.5)
        gray(side, side).tiffsave(str(source))
        with Worker(works.colorize, source, target) as color:
            (found[f"seconds_{megapixels}"],) = in_turn(3, color.seconds)
            found[f"megabytes_{megapixels}"] = color.megabytes()
    return found


def folder(root: Path) -> Figures:
    """JPEGs of 0.4 megapixels on two cores: two at a time, as is usual, beside one at a time."""
    source, tenth = root / "gray", PICTURES // 10
    source.mkdir()
    mosaic = gray(4000, 2000).copy_memory()
    for number in range(PICTURES):
        picture = mosaic.crop(6 * number, 2 * number, 730, 548)
        picture.jpegsave(str(source / f"{number}.jpg"), Q=works.QUALITY)
    with (
        Worker(works.folder, source, root / "core", 1, 1, tenth) as core,
        Worker(works.folder, source, root / "one", 1, 2, tenth) as one,
        Worker(works.folder, source, root / "two", 2, 1, tenth) as two,
    ):
        times, megabytes = [], []
        for _ in range(10):
            times.append([worker.seconds() for worker in (core, one, two)])
            megabytes.append(two.megabytes("VmRSS"))
    on_core, singly, jointly = (sum(each) for each in zip(*times, strict=True))
    return {
        "two_per_second": PICTURES / jointly,
        "ratio_to_one_on_both_cores": singly / jointly,
        "ratio_to_one_on_one_core": on_core / jointly,
        "megabytes_first": megabytes[0],
        "megabytes_last": megabytes[-1],
    }


def start(folder: Path) -> Figures:
    """From nothing to a colored 512x512 JPEG, beside the imports that it needs."""
    source, target = folder / "gray.jpg", folder / "color.jpg"
    gray(512, 512).jpegsave(str(source), Q=works.QUALITY)
    command = ("-m", "colornet", "colorize", source, "-o", target, "--overwrite")
    with (
        Worker(works.process, "-c", "import numpy, onnxruntime, pyvips") as imports,
        Worker(works.process, *command) as color,
    ):
        importing, coloring = in_turn(ROUNDS, imports.seconds, color.seconds)
    return {
        "import_seconds": importing,
        "color_seconds": coloring,
        "ratio": coloring / importing,
    }


def peers(folder: Path) -> Figures:
    """The founding network in PyTorch; and 12 megapixels by Pillow, numpy and scikit-image."""
    source = folder / "gray.jpg"
    gray(4000, 3000).jpegsave(str(source), Q=works.QUALITY)
    with Worker(works.model) as ours, Worker(works.founding_model) as theirs:
        found = _beside("model", ours, theirs, ROUNDS)
    with (
        Worker(works.colorize, source, folder / "color.jpg") as ours,
        Worker(works.plain, source, folder / "plain.jpg") as theirs,
    ):
        return found | _beside("picture", ours, theirs, 3)


def _beside(name: str, ours: Worker, theirs: Worker, rounds: int) -> Figures:
    our_seconds, their_seconds = in_turn(rounds, ours.seconds, theirs.seconds)
    return {
        f"{name}_seconds": our_seconds,
        f"{name}_peer_seconds": their_seconds,
        f"{name}_ratio": their_seconds / our_seconds,
        f"{name}_megabytes": ours.megabytes(),
        f"{name}_peer_megabytes": theirs.megabytes(),
    }


FIGURES = {figure.__name__: figure for figure in (large, sizes, folder, start, peers)}


def main(names: list[str]) -> None:
    """Print the figures, and keep them."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names or FIGURES:
        print(f"{name}: {FIGURES[name].__doc__}")
        with tempfile.TemporaryDirectory() as folder:
            results[name] = {key: round(x, 3) for key, x in FIGURES[name](Path(folder)).items()}
        for key, value in results[name].items():
            print(f"  {key:24} {value:8.3f}")
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
