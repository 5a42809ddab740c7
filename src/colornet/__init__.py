"""Colorize grayscale photographs.

    import colornet

    colornet.colorize("grandmother.jpg")                      # writes grandmother-color.jpg
    color = colornet.colorize(gray_array, saturation=1.2)     # an array in, an array out

    canvas = colornet.Colorizer().open("grandmother.jpg")    # encoded once
    for strength in (0.5, 1.0):
        canvas.save(f"{strength}.jpg", colornet.Guidance(strength=strength))

Everything here is imported on first use: `import colornet` itself loads no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from colornet.privacy import switch_off

switch_off()  # before any library is imported

__version__ = "0.1.0"

__all__ = [
    "Canvas",
    "Colorizer",
    "ColornetError",
    "ColornetWarning",
    "Encoding",
    "Guidance",
    "GuidanceError",
    "Hint",
    "Limits",
    "Match",
    "ModelCard",
    "ModelDamaged",
    "ModelError",
    "ModelLacks",
    "ModelNotFound",
    "Notice",
    "OptionError",
    "PictureError",
    "PictureTooLarge",
    "Pixels",
    "Prior",
    "Suggestion",
    "UnreadablePicture",
    "UnwritablePicture",
    "__version__",
    "colorize",
    "list_models",
]

if TYPE_CHECKING:
    from colornet.canvas import Canvas
    from colornet.colorizer import Colorizer
    from colornet.errors import (
        ColornetError,
        GuidanceError,
        ModelDamaged,
        ModelError,
        ModelLacks,
        ModelNotFound,
        OptionError,
        PictureError,
        PictureTooLarge,
        UnreadablePicture,
        UnwritablePicture,
    )
    from colornet.guidance import Guidance, Hint, Prior
    from colornet.guidance.matches import Match
    from colornet.guidance.variants import Suggestion
    from colornet.model import ModelCard, list_models
    from colornet.notices import ColornetWarning, Notice
    from colornet.oneshot import colorize
    from colornet.picture import Encoding, Limits, Pixels

_HOMES = {
    "Canvas": "canvas",
    "Colorizer": "colorizer",
    "colorize": "oneshot",
    "Guidance": "guidance",
    "Hint": "guidance",
    "Prior": "guidance",
    "Suggestion": "guidance.variants",
    "Match": "guidance.matches",
    "ModelCard": "model",
    "list_models": "model",
    "ColornetWarning": "notices",
    "Encoding": "picture",
    "Limits": "picture",
    "Notice": "notices",
    "Pixels": "picture",
}
"""The module that each public name lives in; `errors` for those not listed."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
