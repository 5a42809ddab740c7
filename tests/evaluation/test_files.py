"""The files of a report where its making is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image
from skimage import data

from colornet.evaluation.evaluate import evaluate


def test_a_report_that_was_killed_is_made_again(tiny_model: Path, tmp_path: Path) -> None:
    photographs, report = tmp_path / "photographs", tmp_path / "report"
    (photographs / "cats").mkdir(parents=True)
    Image.fromarray(data.chelsea()[::4, ::4]).save(photographs / "cats" / "a.png")
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from colornet.evaluation.evaluate import evaluate\n"
        "evaluate(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]),\n"
        "    progress=lambda done: os.kill(os.getpid(), signal.SIGKILL))"
    )
    killed = subprocess.run([sys.executable, "-c", code, tiny_model, photographs, report])
    assert killed.returncode == -signal.SIGKILL
    assert list(report.glob("color/*/*.png"))
    evaluate(str(tiny_model), photographs, report)
    assert json.loads((report / "report.json").read_text())["pictures"]
