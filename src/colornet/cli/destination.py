"""The meaning of `--output` and `--in-place`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from colornet.errors import OptionError, UnwritablePicture, system_reason
from colornet.paths import is_folder, is_same, path_of
from colornet.urls import is_url

if TYPE_CHECKING:
    from colornet.cli.request import Request
    from colornet.picture import Format

REPORT = "report.jsonl"
"""The same as in `batch`, which is not imported for one picture."""


class Destination(NamedTuple):
    """The value of `--output`.

    Attributes:
        path: a file or folder; None: the option was not given.
        is_folder: the path is a folder, or ends in a slash and will be made one.
    """

    path: Path | None
    is_folder: bool

    @classmethod
    def of(cls, output: str | None) -> Destination:
        """Read the option.

        Raises:
            OptionError: it is empty, or a URL.
        """
        if output is None:
            return cls(None, False)
        if is_url(output):
            reason = "is a URL, and results are written to disk"
            raise OptionError(f"--output {output}", reason, "use colornet archive to write there")
        separators = tuple(filter(None, (os.sep, os.altsep)))
        path = path_of("--output", output)
        return cls(path, output.endswith(separators) or is_folder(path))

    @property
    def has_report(self) -> bool:
        """Whether the folder has a report, to which a new result must be added."""
        return self.path is not None and os.path.lexists(self.path / REPORT)

    def of_picture(self, picture: Path, format: Format | None) -> Path | None:
        """The result's file for one picture; None: beside the picture.

        Raises:
            UnwritablePicture: the folder cannot be made.
        """
        if not self.path or not self.is_folder:
            return self.path
        from colornet.picture import result_name

        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"cannot be made ({system_reason(error)})"
            raise UnwritablePicture(self.path, reason, "name another folder") from None
        return self.path / result_name(Path(picture.name), format)


def check_in_place(inputs: list[Path], destination: Destination, request: Request) -> None:
    """Refuse options that contradict `--in-place`.

    Raises:
        OptionError: an option that asks for other places or names.
    """
    if destination.path and not (len(inputs) == 1 and is_same(inputs[0], destination.path)):
        raise OptionError("--output", "is another place than --in-place", "leave one of them out")
    if request.encoding.format:
        raise OptionError("--format", "changes names, which --in-place keeps", "leave it out")
    if request.encoding.before_after:
        reason = "does not go with --in-place"
        raise OptionError("--before-after", reason, "leave one of them out")
    if request.variants is not None:
        raise OptionError("--variants", "are several files", "leave --in-place out")
    if request.page is not None:
        raise OptionError("--page", "would leave out the others", "leave --in-place out")
    if Path("-") in inputs:
        raise OptionError("-", "has no place", "name a picture, or leave --in-place out")


def by_folder(inputs: list[Path]) -> dict[Path, list[Path]]:
    """Group files by their folders; folders are groups of their own."""
    groups: dict[Path, list[Path]] = {}
    for path in inputs:
        groups.setdefault(path if is_folder(path) else path.parent, []).append(path)
    return groups
