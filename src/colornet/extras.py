"""The optional parts of colornet: which modules come with each, and how a user gets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "colornet-photo"
"""The name for installers. `colornet` on the package index is a stranger's, and `colornet-photo` is
not published there: only what names a folder or file installs this program."""

EXTRAS = {
    "train": (
        *("torch", "lightning", "kornia", "torchmetrics", "onnx", "onnxscript"),
        *("yaml", "matplotlib", "skimage", "sklearn"),
    ),
    "heif": ("pi_heif",),
    "video": ("av", "cv2"),
    "web": ("fastapi", "starlette", "uvicorn", "python_multipart"),
}
"""The modules that come with each extra only."""


def extra_of(module: str) -> str | None:
    """The extra that a module, such as `torch.nn`, comes with; None: with none."""
    top = module.partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), None)


def install_hint(extra: str) -> str:
    """The command that adds an extra to this very installation, to be pasted into a shell.

    It installs from where colornet came: its checkout, or the folder or wheel that it was installed
    from. Where that is gone, it says to run the command in a checkout.
    """
    installer, extras = _installer(), {extra}
    if manager := _manager():  # makes the environment anew, with the extras that are named alone
        there = (name for name, modules in EXTRAS.items() if all(map(find_spec, modules)))
        installer, extras = manager, {extra, *there}
    named = f"[{','.join(sorted(extras))}]"
    if checkout := _checkout():
        return _line(*installer, "-e", f"{checkout}{named}")
    if source := _source():
        return _line(*installer, f"{source}{named}")
    return f"in a checkout of colornet: {_line(*installer, f'.{named}')}"


def _line(*words: str) -> str:
    """A command line, quoted for a shell of this system."""
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    import shlex  # seldom needed, and this file is imported at every start

    return shlex.join(words)


def _manager() -> tuple[str, ...]:
    """The command of what made this environment for colornet alone, by what it left there."""
    if (Path(sys.prefix) / "uv-receipt.toml").exists():
        return ("uv", "tool", "install")
    if (Path(sys.prefix) / "pipx_metadata.json").exists():
        return ("pipx", "install", "--force")
    return ()


def _installer() -> tuple[str, ...]:
    if not find_spec("pip"):
        return ("uv", "pip", "install", "--python", sys.executable)
    return (sys.executable, "-m", "pip", "install")


def _checkout() -> Path | None:
    """The checkout that this file is in, unless it was copied into an environment."""
    root = Path(__file__).parents[2]
    return root if (root / "pyproject.toml").exists() else None


def _source() -> Path | None:
    """The folder or wheel that was installed, if it is still there."""
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        origin = distribution(DISTRIBUTION).read_text("direct_url.json")  # PEP 610
    except PackageNotFoundError:
        return None
    url = urlsplit(json.loads(origin)["url"] if origin else "")
    path = Path(url2pathname(url.path))
    return path if url.scheme == "file" and path.exists() else None
