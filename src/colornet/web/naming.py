"""What messages call a picture: the name that the client gave it, where it has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from colornet.errors import ColornetError
from colornet.notices import Notice

UNNAMED = "the picture"
"""What the library calls a picture that came as bytes."""
THE_REFERENCE = "the reference"
"""What messages call a reference without a name."""
MAX_NAME = 200
"""Characters of a client's name for a file that messages repeat."""


@contextmanager
def errors_about(name: str) -> Iterator[None]:
    """Rename the picture in errors about it."""
    try:
        yield
    except ColornetError as error:
        if error.subject.startswith(UNNAMED):
            raise type(error)(_named(error.subject, name), error.reason, error.remedy) from None
        raise


def notices_about(name: str, notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """The same notices with the picture renamed."""
    return tuple(replace(one, subject=_named(one.subject, name)) for one in notices)


def _named(subject: str, name: str) -> str:
    if not subject.startswith(UNNAMED):
        return subject
    return name[:MAX_NAME] + subject.removeprefix(UNNAMED)
