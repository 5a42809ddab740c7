"""Colorize a 12-megapixel JPEG, against the least that any program must do: decode and encode it.

python benchmarks/large_picture.py
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyvips
from skimage import data

WIDTH, HEIGHT = 4000, 3000
ROUNDS = 3

COPY = "import pyvips, sys; pyvips.Image.new_from_file(sys.argv[1]).jpegsave(sys.argv[2], Q=92)"
COLORIZE = "from colornet.cli.app import main; import sys; sys.exit(main(sys.argv[1:]))"


def best_seconds(code: str, *arguments: str) -> float:
    """The fastest of some runs, each in a process of its own: start, work, end."""
    return min(_seconds(code, *arguments) for _ in range(ROUNDS))


def _seconds(code: str, *arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def peak_megabytes() -> float:
    """The most memory that any process started so far has held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Print both, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        source, copy, color = (str(Path(folder, f"{n}.jpg")) for n in ("gray", "copy", "color"))
        camera = data.camera()
        photograph = pyvips.Image.new_from_array(np.ascontiguousarray(camera))
        scale = WIDTH / photograph.width
        photograph.resize(scale, vscale=HEIGHT / photograph.height).jpegsave(source, Q=92)

        copying = best_seconds(COPY, source, copy)
        copying_memory = peak_megabytes()
        coloring = best_seconds(COLORIZE, "colorize", source, "-o", color, "--overwrite")
        coloring_memory = peak_megabytes()
    print(f"{WIDTH}x{HEIGHT} gray JPEG, seconds of a whole process and its peak memory")
    print(f"libvips, copied     {copying:5.2f} s  {copying_memory:4.0f} MB")
    print(f"colornet, colored   {coloring:5.2f} s  {coloring_memory:4.0f} MB")
    print(
        f"ratio               {coloring / copying:5.2f}    {coloring_memory / copying_memory:.2f}"
    )


if __name__ == "__main__":
    main()
