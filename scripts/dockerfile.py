"""Do what the Dockerfile says, without Docker: its copies, its commands, its health check.

    python scripts/dockerfile.py [FOLDER]

The image's paths are put below FOLDER, which stays if it was given. Needs the network, as `pip`.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSTALLED = "/opt/colornet"


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction and what follows it, continued lines joined and comments left out."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in joined.splitlines()]


def main(folder: Path) -> None:
    """Build below the folder, start what was built, and ask whether it is healthy."""
    todo = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert [name for name, _ in todo].count("FROM") == 2
    source, installed = folder / "source", folder / "colornet"
    source.mkdir(parents=True)
    for name, rest in todo:
        here = rest.replace(INSTALLED, str(installed))
        if name == "COPY" and not rest.startswith("--from"):
            copy(rest.split(), source)
        elif name == "RUN":
            subprocess.run(["sh", "-ec", here], cwd=source, check=True)
    shutil.rmtree(source)  # nothing but /opt/colornet goes on to the second stage
    last = {name: rest.replace(INSTALLED, str(installed)) for name, rest in todo}
    command = json.loads(last["ENTRYPOINT"])
    health = json.loads(last["HEALTHCHECK"].removeprefix("CMD "))
    server = subprocess.Popen(command)
    try:
        for _ in range(30):
            time.sleep(1)
            healthy = subprocess.run(health, capture_output=True, check=False).returncode == 0
            if healthy:
                break
        print("healthy" if healthy else f"not healthy: {shlex.join(health)}")
    finally:
        server.terminate()
        server.wait()
    sys.exit(not healthy)


def copy(words: list[str], target: Path) -> None:
    """COPY: files and folders of the repository, the last word their place."""
    *names, last = words
    for name in names:
        if (ROOT / name).is_dir():
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, target / last, ignore=skip)
        else:
            shutil.copy(ROOT / name, target / last)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary))
