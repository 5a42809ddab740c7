"""What libvips and the system say, as errors about a picture."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import pyvips

from colornet.errors import UnreadablePicture
from colornet.picture.decoding import words
from colornet.picture.formats import GET_ANOTHER_COPY
from colornet.picture.listening import listening
from colornet.picture.tiff_data import missing_codec

CODEC_REMEDY = "convert it to a TIFF with LZW or no compression, or to a PNG"


@contextlib.contextmanager
def reading(name: str, remedy: str = GET_ANOTHER_COPY) -> Iterator[None]:
    """Turns what libvips and the system say into `UnreadablePicture`.

    Args:
        name: of the picture.
        remedy: what to do about damage, see `Loader.remedy`.
    """
    with listening() as told:
        try:
            yield
        except (pyvips.Error, OSError) as error:
            raise doubtful(name, one_line(error, told), remedy) from None


def doubtful(name: str, said: str, remedy: str = GET_ANOTHER_COPY) -> UnreadablePicture:
    """The error about pixels that are not, or not surely, what was stored.

    Args:
        name: of the picture.
        said: by the decoder.
        remedy: as for `reading`.
    """
    if codec := missing_codec(said):
        return UnreadablePicture(
            name, f"cannot be read here: {codec}-compressed TIFF", CODEC_REMEDY
        )
    return UnreadablePicture(name, f"is damaged or cut off ({said})", remedy)


def one_line(error: Exception, told: Sequence[str] = ()) -> str:
    """The line of libvips' many that says most, or the system's own words.

    Args:
        error: what was raised.
        told: libvips' warnings, the last of which stands in for words that it does not give.
    """
    if isinstance(error, pyvips.Error):
        return words(error) or (told[-1] if told else "libvips gives no reason")
    return (getattr(error, "strerror", None) or str(error)).lower()
