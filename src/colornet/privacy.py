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
CACHES = ("MPLCONFIGDIR", "TORCHINDUCTOR_CACHE_DIR")
"""Environment variables that name folders in which matplotlib and torch keep what they made."""


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


def keep_caches_temporary() -> None:
    """Let matplotlib and torch cache in a folder that is removed when the process ends.

    Otherwise matplotlib writes its list of fonts to the home directory, or warns if it cannot, and
    torch leaves a folder among the system's temporary files. Call this before they are imported;
    torchmetrics imports both. Folders that the environment names are kept.
    """
    import atexit
    from contextlib import ExitStack

    from colornet.temporary import temporary_folder

    unnamed = [name for name in CACHES if name not in os.environ]
    if unnamed:
        held = ExitStack()
        folder = held.enter_context(temporary_folder("colornet-caches-"))
        atexit.register(held.close)
        os.environ.update((name, str(folder / name.lower())) for name in unnamed)
