"""Pictures in and out: the only place that knows files, formats, metadata and limits.

A picture is read lazily: `read` looks at the header; pixels are decoded in strips, from top to
bottom, while the result is written, so that memory does not grow with the picture.
"""

import colornet.picture.libvips  # noqa: F401  first: it sets pyvips' log before pyvips is imported
from colornet.picture.encoding import Encoding
from colornet.picture.files import Kind
from colornet.picture.formats import (
    READ_SUFFIXES,
    SUFFIXES,
    Format,
    Limits,
    is_picture_name,
    result_name,
)
from colornet.picture.metadata.provenance import Provenance
from colornet.picture.metadata.xmp import provenance
from colornet.picture.model_input import model_ab, model_lightness, model_opacity, shrunk
from colornet.picture.picture import Picture, too_dark
from colornet.picture.pixels import Pixels, prefetch, stack_pages
from colornet.picture.reading import Source, look_alike, read, shows_in_color
from colornet.picture.writing import Written, check_target, write

__all__ = [
    "READ_SUFFIXES",
    "SUFFIXES",
    "Encoding",
    "Format",
    "Kind",
    "Limits",
    "Picture",
    "Pixels",
    "Provenance",
    "Source",
    "Written",
    "check_target",
    "is_picture_name",
    "look_alike",
    "model_ab",
    "model_lightness",
    "model_opacity",
    "prefetch",
    "provenance",
    "read",
    "result_name",
    "shows_in_color",
    "shrunk",
    "stack_pages",
    "too_dark",
    "write",
]
