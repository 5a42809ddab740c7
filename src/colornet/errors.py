"""Every error that colornet raises on purpose.

    ColornetError
    ├── PictureError            something about one picture
    │   ├── UnreadablePicture   missing, empty, truncated, not a picture, no permission
    │   ├── PictureTooLarge     over the limits on bytes, pixels or pages
    │   └── UnwritablePicture   unknown format, no space, no permission, already there
    ├── FilmError               something about one film
    │   ├── UnreadableFilm      missing, empty, damaged, not a film, high dynamic range
    │   └── UnwritableFilm      no space, no permission, already there
    ├── ModelError              something about a model folder
    │   ├── ModelNotFound
    │   ├── ModelDamaged        a missing, changed or foreign file
    │   └── ModelLacks          guidance that this model cannot use
    ├── GuidanceError           a hint, strength, saturation or file of them that makes no sense
    ├── OptionError             arguments that contradict each other
    ├── Stopped                 work that took longer than it was allowed, or that nobody waits for
    └── TrainingError           something about data, recipe or checkpoint in training
        ├── DataError
        ├── RecipeError
        └── CheckpointError

Only the command line turns them into exit codes, and only the server into HTTP statuses.
"""

from __future__ import annotations


class ColornetError(Exception):
    """What went wrong with what, and what to do about it.

    Attributes:
        subject: the file, folder or option concerned.
        reason: what is wrong with it, in a few words.
        remedy: what the user can do; may be empty.
    """

    def __init__(self, subject: object, reason: str, remedy: str = "") -> None:
        self.subject = str(subject)
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{self.subject}: {reason}" + (f"; {remedy}" if remedy else ""))

    def __reduce__(self) -> tuple[type[ColornetError], tuple[str, str, str]]:
        return type(self), (self.subject, self.reason, self.remedy)


class PictureError(ColornetError):
    """Something about one picture."""


class UnreadablePicture(PictureError):
    """The picture is missing, empty, truncated, of an unknown format, or may not be read."""


class PictureTooLarge(PictureError):
    """The picture's header claims more bytes, pixels or pages than the limits allow."""


class UnwritablePicture(PictureError):
    """The result cannot be stored where or how it was asked for."""


class FilmError(ColornetError):
    """Something about one film."""


class UnreadableFilm(FilmError):
    """The film is missing, empty, damaged, no film, or of a kind that cannot be colored."""


class UnwritableFilm(FilmError):
    """The result cannot be stored where or how it was asked for."""


class ModelError(ColornetError):
    """Something about a model folder."""


class ModelNotFound(ModelError):
    """There is no shipped model and no model folder of that name."""


class ModelDamaged(ModelError):
    """A file of the model folder is missing, was changed, or is not what its card says."""


class ModelLacks(ModelError):
    """The model has no input for the guidance that was given."""


class GuidanceError(ColornetError):
    """A piece of guidance is out of range or unreadable."""


class OptionError(ColornetError):
    """Arguments that are unknown or contradict each other."""


class Stopped(ColornetError):
    """The work was told to stop, as it took too long or nobody waits for it any more."""


class TrainingError(ColornetError):
    """Something about training."""


class DataError(TrainingError):
    """The folder or tar file holds no usable pictures, or is not laid out as expected."""


class RecipeError(TrainingError):
    """The recipe has an unknown key or a value out of range."""


class CheckpointError(TrainingError):
    """The checkpoint is missing, damaged, or belongs to another network."""
