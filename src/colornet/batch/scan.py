"""Find the pictures in a folder's tree, what cannot be read, and what is left out."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from colornet.batch.report import REPORT
from colornet.errors import ColornetError, UnreadablePicture, system_reason
from colornet.extras import install_hint
from colornet.guidance import hints_file
from colornet.paths import is_link, is_same
from colornet.picture import SUFFIXES, is_picture_name

SYSTEM_FOLDERS = {"@eadir", "@recycle", "#recycle", "$recycle.bin", "__macosx", "lost+found"}
SYSTEM_FOLDERS |= {"system volume information"}
SYSTEM_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini"}
"""Names, in lower case, of files that Synology, QNAP, Windows and macOS keep beside pictures."""
HEIC = {"HEIC", "HEIF", "HIF"}
MOST = 8
"""Most names in a line."""
WITHOUT_PICTURES = "files of hints without their pictures"
NOT_FILES = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
NOT_FILES |= {stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


@dataclass(frozen=True)
class LeftOut:
    """How much of a folder's tree is not colored, and why; all counts.

    Attributes:
        kinds: files of other kinds, by suffix.
        hidden: hidden files and those of operating systems.
        folders: hidden folders and those of operating systems.
        links: to folders.
        hints: files of hints without their picture.
        originals: kept beside the results that took their places.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    folders: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    hints: Counter[str] = field(default_factory=Counter)
    originals: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """A sentence for each reason there is."""
        return [
            f"{sum(counts.values())} {one if sum(counts.values()) == 1 else several} left out"
            + (f" ({_listed(counts)})" * names)
            for counts, one, several, names in (
                (self.kinds, "file of another kind", "files of other kinds", True),
                (self.hidden, "hidden or system file", "hidden or system files", False),
                (self.folders, "hidden or system folder", "hidden or system folders", True),
                (self.links, "link to a folder", "links to folders", True),
                (self.hints, "file of hints without its picture", WITHOUT_PICTURES, True),
                (self.originals, "kept original", "kept originals", False),
            )
            if counts
        ] + [f"HEIC can be read: {install_hint('heif')}"] * (not HEIC.isdisjoint(self.kinds))


def _listed(counts: Counter[str]) -> str:
    most_first = sorted(counts.items(), key=lambda each: (-each[1], each[0].lower()))
    more = len(most_first) - MOST
    told = [f"{name} {count}" for name, count in most_first[:MOST]]
    return ", ".join([*told, f"and {more} more"] if more > 0 else told)


@dataclass(frozen=True)
class Found:
    """What is in a folder's tree.

    Attributes:
        pictures: files whose names promise a picture, sorted.
        errors: of folders and files that cannot be read.
        left_out: everything else.
    """

    left_out: LeftOut
    pictures: list[Path] = field(default_factory=list)
    errors: list[ColornetError] = field(default_factory=list)


def scan(root: Path, output: Path, left_out: LeftOut) -> Found:
    """Look through a folder's tree, but for an output folder in it; links are not followed.

    Args:
        root: the folder.
        output: where the results go.
        left_out: gets the counts.
    """
    found = Found(left_out)
    unreadable: list[OSError] = []
    for name, folders, files in os.walk(root, onerror=unreadable.append):
        folder = Path(name)
        folders[:] = _entered(folder, sorted(folders), output, found.left_out)
        _sort_files(folder, sorted(files), found)
    for error in unreadable:
        reason = f"cannot be read ({system_reason(error)})"
        remedy = "allow reading the folder (chmod +rx)"
        found.errors.append(UnreadablePicture(os.fsdecode(error.filename), reason, remedy))
    if not found.pictures and not found.errors:
        known = ", ".join(suffixes[0] for suffixes in SUFFIXES.values())
        reason = "; ".join(["holds no pictures", *found.left_out.lines()])
        found.errors.append(UnreadablePicture(root, reason, f"name a folder with some of {known}"))
    return found


def _entered(folder: Path, names: Iterable[str], output: Path, left_out: LeftOut) -> list[str]:
    entered = []
    for name in names:
        path = folder / name
        if name.startswith(".") or name.lower() in SYSTEM_FOLDERS:
            left_out.folders[name] += 1
        elif is_link(path):
            left_out.links[name] += 1
        elif not is_same(path, output):
            entered.append(name)
    return entered


def _sort_files(folder: Path, names: list[str], found: Found) -> None:
    pictures = {name for name in names if is_picture_name(name)}
    has_hints = any(name.endswith(".hints.json") for name in names)
    hints = {hints_file(folder / name).name for name in pictures if has_hints}
    for name in names:
        path = folder / name
        if name.startswith(".") or name.lower() in SYSTEM_FILES:
            found.left_out.hidden[name] += 1
        elif name.endswith(".hints.json"):
            if name not in hints:
                found.left_out.hints[name] += 1
        elif name in pictures:
            if what := what_it_is(path):
                reason = f"is {what}, not a picture"
                found.errors.append(UnreadablePicture(path, reason, "move it elsewhere"))
            else:
                found.pictures.append(path)
        elif name != REPORT:
            found.left_out.kinds[path.suffix[1:].upper() or "no suffix"] += 1


def what_it_is(path: Path) -> str:
    """A pipe, socket or device, which reading might never end; "": a file, or none."""
    try:
        return NOT_FILES.get(stat.S_IFMT(path.stat().st_mode), "")
    except (OSError, ValueError):  # told when it is read
        return ""
