"""What films cost: `python cost.py [-o FILE]`; CPU time and memory beside what cannot be avoided.

A film of 640 x 480 beside the same frames in a folder; one of 1920 x 1080 beside x264 alone and the
network alone; and how memory grows between a short film and a long one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image
from skimage import data

RUN = """
import resource, sys
{code}
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
with open("/proc/self/status") as status:  # what getrusage tells may be of the parent
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(sum(u.ru_utime + u.ru_stime for u in used), peak / 1024)
"""
FILM = (
    "from colornet.cli.app import main; assert main(['video', {source!r}, '-o', {output!r}]) == 0"
)
FOLDER = (
    "from colornet.cli.app import main; "
    "assert main(['colorize', {source!r}, '-o', {output!r}, '-j', '1']) == 0"
)
NETWORK = """
import numpy as np
from colornet import Colorizer, Guidance
from colornet.video.coloring import FrameColors
colors = FrameColors(Colorizer(), 64, 64)
for _ in range({count}):
    frame = colors.encode(np.full((colors.side, colors.side), 50, np.float32))
    colors.colors(frame, frame.prior, Guidance())
"""
NOTHING = "from colornet import Colorizer; import colornet.video.film; Colorizer()"
COPY = """
import av
with av.open({source!r}) as given, av.open({output!r}, "w") as made:
    stream = made.add_stream("libx264", rate=25, options={{"crf": "18", "preset": "medium"}})
    stream.width, stream.height, stream.pix_fmt = {width}, {height}, "yuv420p"
    for frame in given.decode(video=0):
        made.mux(stream.encode(frame))
    made.mux(stream.encode(None))
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--long", type=int, nargs=2, default=(500, 3000))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        results = _measured(Path(name), given.frames, given.long)
    print(json.dumps(results, indent=1))
    if given.output:
        given.output.write_text(json.dumps(results, indent=1) + "\n")


def _measured(folder: Path, count: int, long: tuple[int, int]) -> dict[str, Any]:
    start, _ = _run(NOTHING)
    small, large = folder / "small.mp4", folder / "large.mp4"
    frames = _film(small, count, 640, 480)
    _film(large, count // 2, 1920, 1080)
    pictures = folder / "pictures"
    pictures.mkdir()
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(pictures / f"{number:04d}.jpg", quality=90)
    film, film_memory = _run(FILM, source=small, output=folder / "a.mp4")
    single, _ = _run(FOLDER, source=pictures, output=folder / "out")
    big, big_memory = _run(FILM, source=large, output=folder / "b.mp4")
    sizes = {"width": 1920, "height": 1080}
    x264, _ = _run(COPY, source=large, output=folder / "c.mp4", **sizes)
    empty, _ = _run("pass")
    network, _ = _run(NETWORK, count=20)
    each, half = (network - start) / 20, count // 2
    memory = []
    for length in long:
        path = folder / f"long{length}.mp4"
        _film(path, length, 160, 120)
        memory.append(_run(FILM, source=path, output=folder / f"o{length}.mp4")[1])
    return {
        "640x480: ms a frame": 1000 * (film - start) / count,
        "640x480: beside the folder": (film - start) / (single - start),
        "640x480: MB": film_memory,
        "1920x1080: ms a frame": 1000 * (big - start) / half,
        "1920x1080: less a fifth of the network's, beside x264": (
            (big - start - half / 5 * each) / (x264 - empty)
        ),
        "1920x1080: MB": big_memory,
        "network: ms a frame": 1000 * each,
        f"MB after {long[0]} and {long[1]} frames": memory,
    }


def _film(path: Path, count: int, width: int, height: int) -> list[np.ndarray[Any, Any]]:
    """A pan over a photograph, with some grain."""
    picture = Image.fromarray(data.camera()).resize((2 * width, 2 * height))
    rng = np.random.default_rng(0)
    frames = []
    with av.open(str(path), "w") as film:
        stream: Any = film.add_stream("libx264", rate=25, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 25)
        for number in range(count):
            left = round((width - 1) * abs((number / 150) % 2 - 1))
            box = (left, height // 3, left + width, height // 3 + height)
            gray = np.asarray(picture.crop(box)) + rng.normal(0, 2, (height, width))
            frame = gray.clip(16, 235).astype(np.uint8)
            if count <= 100:
                frames.append(frame)
            coded = av.VideoFrame.from_ndarray(
                np.vstack([frame, np.full((height // 2, width), 128, np.uint8)]), "yuv420p"
            )
            coded.pts, coded.time_base = number, Fraction(1, 25)
            film.mux(stream.encode(coded))
        film.mux(stream.encode(None))
    return frames


def _run(code: str, **names: Any) -> tuple[float, float]:
    """Seconds of CPU time of a process of its own, and its memory in MB."""
    told = {k: v if isinstance(v, int) else str(v) for k, v in names.items()}
    script = RUN.format(code=code.format(**told) if told else code)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    seconds, memory = map(float, done.stdout.split()[-2:])
    print(
        f"{seconds:.2f} s, {memory:.0f} MB: {code.split(chr(10))[-2:]}", file=sys.stderr, flush=True
    )
    return seconds, memory


if __name__ == "__main__":
    main()
