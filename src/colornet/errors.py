"""The errors that colornet raises.

    ColornetError
    ├── PictureError            something about one picture
    │   ├── UnreadablePicture   missing, empty, truncated, not a picture, no permission
    │   ├── PictureTooLarge     over the limits on bytes, pixels or pages
    │   └── UnwritablePicture   unknown format, no space, no permission, already there
    ├── FilmError               something about one film
    │   ├── UnreadableFilm      missing, empty, damaged, not a film, high dynamic range
    │   ├── FilmTooLarge        over the limits on length or pixels
    │   └── UnwritableFilm      no space, no permission, already there
    ├── ModelError              something about a model folder
    │   ├── ModelNotFound
    │   ├── ModelDamaged        a missing, changed or foreign file
    │   └── ModelLacks          guidance that this model cannot use
    ├── GuidanceError           an invalid hint, strength or saturation, or a file with one
    ├── OptionError             arguments that contradict each other
    ├── Stopped                 work that took longer than it was allowed, or that nobody waits for
    └── TrainingError           something about data, recipe or checkpoint in training
        ├── DataError
        ├── RecipeError
        └── CheckpointError

The command line converts them to exit codes, and the server to HTTP statuses.
"""

from __future__ import annotations

import errno

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""System errors of writing where there is no room: none on the disk, or none left to this user."""
CHECK_FOLDER = "check the folder, its permissions, the space left and the name"
"""The remedy for a file that cannot be written."""


class ColornetError(Exception):
    """An error about a subject, with a reason and a remedy.

    Attributes:
        subject: the file, folder or option concerned.
        reason: what is wrong with it.
        remedy: what the user can do; it may be empty.
    """

    def __init__(self, subject: object, reason: str, remedy: str = "") -> None:
        self.subject = str(subject)
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{self.subject}: {reason}" + (f"; {remedy}" if remedy else ""))

    def __reduce__(self) -> tuple[type[ColornetError], tuple[str, str, str]]:
        return type(self), (self.subject, self.reason, self.remedy)


class PictureError(ColornetError):
    """An error about one picture."""


class UnreadablePicture(PictureError):
    """The picture is missing, empty, damaged, of an unknown format, or not permitted to be read."""


class PictureTooLarge(PictureError):
    """The picture's header claims more bytes, pixels or pages than the limits allow."""


class UnwritablePicture(PictureError):
    """The result cannot be stored where or how it was asked for."""


class FilmError(ColornetError):
    """An error about one film."""


class UnreadableFilm(FilmError):
    """The film is missing, empty, damaged, not a film, or of a kind that cannot be colored."""


class FilmTooLarge(FilmError):
    """The film is longer, or has larger frames, than the limits allow."""


class UnwritableFilm(FilmError):
    """The result cannot be stored where or how it was asked for."""


class ModelError(ColornetError):
    """An error about a model folder."""


class ModelNotFound(ModelError):
    """There is no shipped model and no model folder with this name."""


class ModelDamaged(ModelError):
    """A file of the model folder is missing or changed, or does not match the card."""


class ModelLacks(ModelError):
    """The model does not support the guidance."""


class GuidanceError(ColornetError):
    """A part of the guidance is invalid or cannot be read."""


class OptionError(ColornetError):
    """An argument is unknown, or arguments contradict each other."""


class Stopped(ColornetError):
    """The work was told to stop, because it took too long or its client has gone."""


class TrainingError(ColornetError):
    """An error in training."""


class DataError(TrainingError):
    """The folder or tar file holds no usable pictures, or is not laid out as expected."""


class RecipeError(TrainingError):
    """The recipe has an unknown key or a value out of range."""


class CheckpointError(TrainingError):
    """The checkpoint is missing, damaged, of another network, or cannot be written."""


def checked_flag(name: str, value: object) -> bool:
    """A flag; raises `OptionError` unless it is a bool: the text "no" would count as true."""
    if type(value).__name__ not in ("bool", "bool_"):  # numpy's, too
        raise OptionError(name, f"{value!r} is not a bool", "use True or False")
    return bool(value)


def system_reason(error: BaseException) -> str:
    """What the operating system or a library says of an error, for messages."""
    told = str(getattr(error, "strerror", None) or error or type(error).__name__)
    return told if told[:2].isupper() else told[:1].lower() + told[1:]


def why_unreadable(error: OSError) -> str:
    """Why a file cannot be read, for messages."""
    missing = isinstance(error, FileNotFoundError)
    return "is missing" if missing else f"cannot be read ({system_reason(error)})"


def how_to_read(error: OSError, otherwise: str) -> str:
    """What helps where a file cannot be read: leave to read it, if that is all that is missing."""
    return "allow reading it (chmod +r)" if isinstance(error, PermissionError) else otherwise
