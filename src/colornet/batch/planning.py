"""What is to be colored, and where each result goes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from colornet.batch.scan import LeftOut, scan
from colornet.errors import ColornetError, OptionError, UnwritablePicture
from colornet.inplace import kept_place, original_of, original_of_another, result_of
from colornet.output import numbered
from colornet.paths import folded, is_folder, is_same
from colornet.picture import Format, result_name


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to color.

    Attributes:
        source: the original; in place, what is there now.
        target: its result; of variants, their name without numbers.
        variants: how many; None: one result, at `target`.
        found: in a folder, and not named by the user.
        in_place: the result takes the place of its original, which is kept beside it.
    """

    source: Path
    target: Path
    variants: int | None = None
    found: bool = False
    in_place: bool = False

    @property
    def targets(self) -> tuple[Path, ...]:
        """All results there may be."""
        if self.variants is None:
            return (self.target,)
        return tuple(numbered(self.target, k) for k in range(1, self.variants + 1))

    @property
    def original(self) -> Path:
        """Where the original is now: another process may have put a result in its place."""
        return original_of(self.source) if self.in_place else self.source

    @property
    def kept(self) -> Path:
        """Where the original is once the picture is done."""
        return kept_place(self.source) if self.in_place else self.source


@dataclass(frozen=True)
class Refusal:
    """What cannot even be begun."""

    source: Path
    error: ColornetError


@dataclass(frozen=True)
class Plan:
    """What is to be done, in order, and what cannot be.

    Attributes:
        output: the folder of the results and of their report.
        left_out: of the folders.
    """

    output: Path
    jobs: tuple[Job, ...]
    refused: tuple[Refusal, ...] = ()
    left_out: LeftOut = field(default_factory=LeftOut)

    def __len__(self) -> int:
        return len(self.jobs) + len(self.refused)


def plan(
    inputs: Sequence[Path],
    output: Path,
    format: Format | None = None,
    variants: int | None = None,
    in_place: bool = False,
) -> Plan:
    """Find the pictures and their places.

    One folder's tree goes into `output` as it is; of several inputs, each folder's goes under its
    own name. Links to folders are not followed. `a.jpg` that becomes a PNG is called `a.jpg.png`,
    so that an `a.png` beside it, now or later, has its own place.

    Args:
        inputs: pictures, and folders of them.
        output: a folder; need not be there yet.
        format: of the results; None: that of each source.
        variants: of each picture as many; None: one.
        in_place: each result takes the place of its original, which is kept beside it; then
            `output` is the folder of the report.

    Raises:
        OptionError: a result would take the place of an original.
        UnreadablePicture: there is nothing to color.
    """
    if os.path.lexists(output) and not is_folder(output):
        raise OptionError(output, "is a file, but several pictures need a folder", "name a folder")
    if not in_place:
        _keep_apart([path for path in inputs if is_folder(path)], output)
    jobs: dict[Path, Job] = {}
    refused: list[Refusal] = []
    left_out = LeftOut()
    given = {file for path in inputs if (file := identity(path))}
    for root in inputs:
        pictures = [root]
        if is_folder(root):
            found = scan(root, output, left_out)
            refused += [Refusal(Path(error.subject), error) for error in found.errors]
            pictures = found.pictures
        for path in pictures:
            if in_place:
                if result := result_of(path):
                    if is_folder(root) or given & {identity(result), identity(result.parent)}:
                        left_out.originals[path.name] += 1
                    else:
                        refused.append(Refusal(path, original_of_another(path, result)))
                    continue
                job = Job(path, path, found=is_folder(root), in_place=True)
            else:
                target = _target(path, root, output, len(inputs) > 1, format)
                job = Job(path, target, variants, is_folder(root))
            first = jobs.setdefault(job.target, job)
            if first is not job and not is_same(first.source, job.source):
                refused.append(collision(job, first))
    if not in_place:
        _keep_originals(jobs.values())
    if not jobs and len(refused) == 1:
        raise refused[0].error
    return Plan(output, tuple(jobs.values()), tuple(refused), left_out)


def _target(path: Path, root: Path, output: Path, several: bool, format: Format | None) -> Path:
    if not is_folder(root):
        return output / result_name(Path(path.name), format)
    folder = output / Path(os.path.realpath(root)).name if several else output
    return folder / result_name(path.relative_to(root), format)


def _keep_apart(folders: Iterable[Path], output: Path) -> None:
    for folder in folders:
        if is_same(folder, output):
            reason = "is the folder of the originals"
            remedy = "choose another, or --in-place, which keeps NAME.jpg as NAME.orig.jpg"
            raise OptionError(output, reason, remedy)


def _keep_originals(jobs: Iterable[Job]) -> None:
    originals = {file for job in jobs if (file := identity(job.source))}
    named = {folded(job.source.absolute()): job.source for job in jobs}
    for job in jobs:
        for target in job.targets:
            found = identity(target)
            namesake = named.get(folded(target.absolute())) if found else None
            if found in originals or (namesake and is_same(namesake, target)):
                reason = "is an original, which a result would replace"
                remedy = "choose another folder, or --in-place, which keeps it as NAME.orig.jpg"
                raise OptionError(target, reason, remedy)


def identity(path: Path) -> tuple[int, int] | None:
    """The identity of a file, also under other names; None: there is no file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def collision(job: Job, first: Job) -> Refusal:
    """The refusal of a picture whose result would take the place of another's."""
    reason = f"its result would replace that of {first.source}"
    return Refusal(job.source, UnwritablePicture(job.source, reason, "color it by itself"))
