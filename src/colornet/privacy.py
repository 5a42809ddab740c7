"""Telemetry of libraries, switched off before they are imported.

`import colornet` does this first. ONNX Runtime reads its switch while it is imported, so a program
that imports it before colornet has its telemetry on. docs/privacy.md lists the dependencies and
what each of them does.
"""

from __future__ import annotations

import os
from typing import Any

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Environment variables that switch telemetry off, also in child processes."""


def switch_off() -> None:
    """Set all SWITCHES, whatever their values were."""
    os.environ.update(SWITCHES)


def import_onnxruntime() -> Any:
    """Import `onnxruntime`. The only place where colornet does so.

    The switches are set again, in case the environment changed since colornet was imported. On
    Windows, events also go through the operating system, which only a call after the import stops.
    """
    switch_off()
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def keep_matplotlib_out_of_home() -> None:
    """Let matplotlib cache its list of fonts in a folder that is removed when the process ends.

    Otherwise it writes to the home directory, or warns if it cannot. Call this before matplotlib is
    imported, which torchmetrics does too. A folder set by MPLCONFIGDIR is kept.
    """
    import atexit
    import shutil
    import tempfile

    if "MPLCONFIGDIR" not in os.environ:
        folder = os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="colornet-matplotlib-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
