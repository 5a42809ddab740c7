"""What libraries are told before they are imported, so that none reports to its vendor.

`import colornet` says it first of all, before colornet can have imported any of them. ONNX Runtime
reads its switch once, while it is imported, so a program of your own that imports it before
colornet has its telemetry on. docs/privacy.md lists the dependencies and what each does.
"""

from __future__ import annotations

import os
from typing import Any

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Environment variables, which child processes inherit, with the values that turn reports off."""


def switch_off() -> None:
    """Set all SWITCHES, whatever the environment said before."""
    os.environ.update(SWITCHES)


def import_onnxruntime() -> Any:
    """The module `onnxruntime`: the only way in which colornet imports it.

    The switches are set again, in case something changed the environment since colornet was
    imported. On Windows, where events also go through the operating system, only a call after the
    import stops those.
    """
    switch_off()
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def keep_matplotlib_out_of_home() -> None:
    """Let matplotlib store its list of fonts in a folder that is removed when the process ends.

    Otherwise it writes to the home directory, or warns if it cannot. To be called before matplotlib
    is imported, which torchmetrics does too. A folder that the user named (MPLCONFIGDIR) is used.
    """
    import atexit
    import shutil
    import tempfile

    if "MPLCONFIGDIR" not in os.environ:
        folder = os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="colornet-matplotlib-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
