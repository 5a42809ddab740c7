"""Optional dependencies: the modules of each extra, and the command that installs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "colornet-photo"
"""The name of the distribution. It is not published, and `colornet` on PyPI is another project, so
only a folder or file can be installed."""

EXTRAS = {
    "train": (
        *("torch", "lightning", "kornia", "torchmetrics", "onnx", "onnxscript"),
        *("yaml", "matplotlib", "skimage", "sklearn", "webdataset"),
    ),
    "archive": ("fsspec", "pyarrow"),
    "ray": ("ray",),
    "heif": ("pi_heif",),
    "video": ("av", "cv2"),
    "web": ("fastapi", "starlette", "uvicorn", "python_multipart"),
}
"""Modules that are installed only with each extra."""


def extra_of(module: str) -> str | None:
    """The extra that installs a module, such as `torch.nn`; None: no extra does."""
    top = module.partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), None)


def refuse_missing(module: str) -> None:
    """Raise `ModuleNotFoundError`, as an import would, if a module is not installed."""
    if find_spec(module) is None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)


def install_hint(extra: str) -> str:
    """The shell command that adds an extra to this installation.

    It installs from the checkout, folder or wheel from which colornet was installed. If that no
    longer exists, the hint says to run the command in a checkout.
    """
    installer, extras = _installer(), {extra}
    if manager := _manager():  # these reinstall, so all extras have to be named
        there = (name for name, modules in EXTRAS.items() if all(map(find_spec, modules)))
        installer, extras = manager, {extra, *there}
    named = f"[{','.join(sorted(extras))}]"
    if checkout := _checkout():
        return _line(*installer, "-e", f"{checkout}{named}")
    if source := _source():
        return _line(*installer, f"{source}{named}")
    return f"in a checkout of colornet: {_line(*installer, f'.{named}')}"


def _line(*words: str) -> str:
    """A command line, quoted for this system's shell."""
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    import shlex  # seldom needed; this module is imported at each start

    return shlex.join(words)


def _manager() -> tuple[str, ...]:
    """The command of the tool that made an environment for colornet alone: uv or pipx."""
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
    """The checkout that contains this file; None: it was copied into an environment."""
    root = Path(__file__).parents[2]
    return root if (root / "pyproject.toml").exists() else None


def _source() -> Path | None:
    """The folder or wheel that was installed, if it still exists."""
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
