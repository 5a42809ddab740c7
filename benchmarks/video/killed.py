"""Whether a run that is killed goes on as if nothing had happened: `python killed.py [--kills N]`.

A film of two shots is colored once undisturbed. Then the same is done by runs that are killed (as
by kill -9) at moments chosen at random, from their start to their last rename, until N were killed;
one more finishes the film. Its frames have to be those of the undisturbed run, to the last bit, and
under the film's name there is nothing before. Segments are made short, so that there are many.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from skimage import data

RUN = """
import sys
from colornet import Colorizer
from colornet.video import FilmOptions, colorize, recorder
recorder.LONG = 0.6
options = FilmOptions(codec="ffv1")
colorize(sys.argv[1], sys.argv[2], colorizer=Colorizer(threads=1), options=options)
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--frames", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, whole, output = (folder / n for n in ("film.mkv", "whole.mkv", "again.mkv"))
        _film(source, given.frames)
        began = time.monotonic()
        _started(source, whole).communicate()
        length = time.monotonic() - began
        expected, killed = _frames(whole), 0
        while killed < given.kills:
            run = _started(source, output)
            try:
                run.communicate(timeout=rng.uniform(0.1, 0.9) * length)
            except subprocess.TimeoutExpired:
                run.kill()
                run.communicate()
                killed += 1
                assert not output.exists(), "a film that is not whole has its name"
                there = len(list(output.with_name("again.mkv.colornet").glob("*.nut")))
                print(f"killed {killed}: {there} segments are there", flush=True)
            else:  # it was done in time: the next one begins anew
                assert _frames(output) == expected, "frames differ"
                print("finished; the frames are the same", flush=True)
                output.unlink()
        _started(source, output).communicate()
        assert _frames(output) == expected, "frames differ"
        print(f"{given.kills} runs killed; {len(expected)} frames, all the same as undisturbed")


def _started(source: Path, output: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RUN, str(source), str(output)])


def _frames(path: Path) -> list[str]:
    """A hash of each decoded frame, with its time."""
    with av.open(str(path)) as film:
        return [
            hashlib.sha256(b"".join(bytes(plane) for plane in frame.planes)).hexdigest()
            + str(frame.pts)
            for frame in film.decode(video=0)
        ]


def _film(path: Path, count: int) -> None:
    """A pan over a photograph, and then over another."""
    with av.open(str(path), "w") as film:
        stream: Any = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(count):
            picture = data.camera() if number < count // 3 else data.coffee()[..., 1]
            luma = picture[100 : 100 + 240 : 2, number // 2 : number // 2 + 320 : 2]
            frame = av.VideoFrame.from_ndarray(
                np.vstack([luma, np.full((60, 160), 128, np.uint8)]).astype(np.uint8), "yuv420p"
            )
            frame.pts, frame.time_base = number, Fraction(1, 25)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


if __name__ == "__main__":
    main()
