"""A film's title and its other tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import av

from colornet.notices import Notice

OWN = {"major_brand", "minor_version", "compatible_brands", "encoder", "software", "comment"}
"""Those of the file and of what wrote it, and the comment, in which is how the film was colored."""
QUICKTIME = "com.apple.quicktime."
"""What names begin with that MOV has for any kind of tag, as those of Apple's phones do."""
MOST = 8
"""Names in a notice."""


def kept(tags: Mapping[str, str]) -> dict[str, str]:
    """Those of a film that its colored film is to have; of those that say nothing, none."""
    return {name: value for name, value in tags.items() if value and name.lower() not in OWN}


def are_quicktime(tags: Mapping[str, str]) -> bool:
    """Whether FFmpeg has to write them as MOV has tags of any kind."""
    return any(name.startswith(QUICKTIME) for name in tags)


def left_out(tags: Mapping[str, str], path: Path, container: str, subject: str) -> Iterator[Notice]:
    """What a colored film does not have of the tags that it was to have.

    Args:
        tags: these.
        path: of the colored film.
        container: FFmpeg's name of its container.
        subject: whom the notice is about.
    """
    with av.open(f"file:{path}", metadata_errors="replace") as film:
        written = [film.metadata, *(stream.metadata for stream in film.streams)]
    names = {name.lower() for each in written for name in each}
    lost = sorted(name for name in tags if name.lower() not in names)
    if lost:
        more = f" and {len(lost) - MOST} more" if len(lost) > MOST else ""
        told = f"{', '.join(lost[:MOST])}{more}"
        text = f"has tags that {container} cannot hold, which are left out: {told}"
        yield Notice("tags-left-out", text, subject)
