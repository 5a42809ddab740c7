"""Color one picture of a plan, unless that was done, and report it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colornet import inplace
from colornet.batch.existing import Existing, compare
from colornet.batch.planning import Job, Refusal
from colornet.batch.report import Entry, Report
from colornet.batch.rows import FileState, Row
from colornet.errors import ColornetError, UnreadablePicture, UnwritablePicture, system_reason
from colornet.guidance import Guidance, for_picture
from colornet.notices import Notice
from colornet.output import is_reference
from colornet.paths import is_link
from colornet.picture import Encoding, Written, provenance
from colornet.provenance import guidance_options
from colornet.whole_files import remove_leftover

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

Status = Literal["done", "skipped", "failed", "different", "held", "own"]
Replace = Literal["nothing", "different", "all"]


@dataclass(frozen=True)
class Result:
    """What became of one picture.

    Attributes:
        source: the original.
        status: done; skipped: it was done before; different: there is a result that was made
            otherwise; held: another process is making it; own: the source is itself a result of
            colornet; failed.
        error: why it failed.
        target: the path of the result.
        existing: how the file that is at that path compares with what is asked for.
        notices: about the picture; also about the folder, of the first result after they arose.
    """

    source: Path
    status: Status
    error: ColornetError | None = None
    target: Path | None = None
    existing: Existing = Existing.NONE
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Worker:
    """Colors the pictures of a plan one by one; several threads may share it.

    Attributes:
        colorizer: the model.
        asked: how to color all pictures.
        guidance: the same, its reference encoded.
        encoding: how to store the results.
        replace: which results that exist are made anew.
        partial: whether to color what there is of pictures that end too early.
        report: of the output folder.
        sources: the originals of all jobs, as they were when the folder was read.
        folders: what `_folder` found.
    """

    colorizer: Colorizer
    asked: Guidance
    guidance: Guidance
    encoding: Encoding
    replace: Replace
    partial: bool
    report: Report
    sources: frozenset[Path]
    folders: dict[Path, tuple[Path, str]] = field(default_factory=dict)

    def known(self, job: Job) -> Result | None:
        """The result of a picture that is done as it is asked for, by the report that was read.

        This reads no picture and takes no lock; None: it has to be looked at again, and claimed.
        """
        entry = self.report.known(self._name(job.targets[0]))
        if self.replace == "all" or not entry.done or entry.last:
            return None
        with contextlib.suppress(ColornetError, OSError):
            wanted, files = self._wanted(job), {self._name(path): path for path in job.targets}
            if job.found and not self._was_colored(wanted):
                return None
            guidance = for_picture(job.source, self.guidance)
            wanted = wanted.with_options(self._options(job, guidance))
            if self._existing(job, wanted, files, entry) is Existing.SAME:
                return Result(job.source, "skipped", None, job.targets[0], Existing.SAME)
        return None

    def __call__(self, job: Job) -> Result:
        """Color one picture, if that is to be done."""
        wanted = self._wanted(job)
        try:
            with self.report.claim(wanted.key) as mine:
                if not mine:
                    return Result(job.source, "held")
                if job.in_place:
                    inplace.refuse_links(job.source)
                wanted = replace(wanted, source=self._source(job))  # with no other at work on it
                if job.found and not self._was_colored(wanted) and self._is_own(job):
                    return Result(job.source, "own")
                guidance = for_picture(job.source, self.guidance)
                wanted = wanted.with_options(self._options(job, guidance))
                return self._color(job, guidance, wanted)
        except ColornetError as error:
            return self._failed(job, wanted, error)
        except Exception as error:  # one picture must not stop the others
            reason = f"{type(error).__name__}: {error}"
            return self._failed(job, wanted, ColornetError(job.source, reason))

    def _color(self, job: Job, guidance: Guidance, wanted: Row) -> Result:
        files = {self._name(path): path for path in job.targets}
        entry = self.report.entry(wanted.key)
        found = self._existing(job, wanted, files, entry)
        place = job.targets[0]
        if not self._is_to_be_made(found):
            if entry.last and entry.last.status == "begun":
                self._tidy(job, entry)
            status: Status = "skipped" if found is Existing.SAME else "different"
            return Result(job.source, status, target=place, existing=found)
        self._keep_reference(job)
        empty = [path for path in job.targets if FileState.of(path).size == 0]
        _make_folder(place.parent)
        before = tuple(FileState.of(path, name) for name, path in files.items())
        if entry.last and entry.last.status == "begun":  # a killed process may have made some
            before = tuple(state for state in before if state in entry.last.results)
        self.report.add(wanted.ended("begun", results=before), durable=True)
        start = time.monotonic()
        made = self._make(job, guidance, overwrite=any(map(os.path.lexists, job.targets)))
        told = "empty-result-replaced", "was empty, and is made anew"
        notices = (*made.notices, *(Notice(*told, str(path)) for path in empty))
        row = wanted.ended(
            "done",
            results=tuple(FileState.of(path, self._name(path)) for path in made.result),
            seconds=round(time.monotonic() - start, 3),
            notices=notices,
        )
        self.report.add(row)
        if self._source(job) != wanted.source:
            raise UnreadablePicture(
                job.source, "has changed since it was begun", "--redo makes it anew"
            )
        return Result(job.source, "done", target=place, notices=notices)

    def _keep_reference(self, job: Job) -> None:
        if job.in_place and inplace.is_untouched(job.target):
            return  # the original will be kept beside its result
        for path in job.targets:
            if is_reference(path, self.asked):
                remedy = "choose another folder, or copy the reference to another"
                raise UnwritablePicture(path, "is the reference itself", remedy)

    def _is_to_be_made(self, found: Existing) -> bool:
        if self.replace == "different" and found.can_be_redone:
            return True
        return self.replace == "all" or found is Existing.NONE

    def _tidy(self, job: Job, entry: Entry) -> None:
        """Remove temporary files of a process that was killed before it replaced the result."""
        for path in job.targets:
            remove_leftover(path)
        if job.in_place:
            inplace.remove_leftover(job.target)
        if entry.done:
            self.report.add(entry.done)

    def _existing(self, job: Job, wanted: Row, files: dict[str, Path], entry: Entry) -> Existing:
        if job.in_place and inplace.is_untouched(job.target):
            return Existing.NONE
        found = compare(entry, wanted, files)
        is_asked = found is Existing.UNKNOWN or self._is_to_be_made(found)
        if job.in_place and is_asked and not found.is_known and FileState.of(job.target).size:
            inplace.check_result(job.target)
        return found

    def _make(self, job: Job, guidance: Guidance, overwrite: bool) -> Written[list[Path]]:
        """Write the results; returns their paths."""
        how: Any = {"encoding": self.encoding, "overwrite": overwrite}
        if job.in_place:
            notices: list[Notice] = []

            def color(original: Path, result: Path) -> None:
                written = self.colorizer.write(
                    original, result, guidance, encoding=self.encoding, partial=self.partial
                )
                notices.extend(written.notices)

            inplace.put(job.target, color)
            return Written([job.target], tuple(notices))
        if job.variants is None:
            written = self.colorizer.write(
                job.source, job.target, guidance, partial=self.partial, **how
            )
            return Written([written.result], written.notices)
        canvas = self.colorizer.encode(job.source, partial=self.partial)
        made = canvas.write_variants(job.variants, job.target, guidance, **how)
        return Written(made.result, (*canvas.notices, *made.notices))

    def _options(self, job: Job, guidance: Guidance) -> Mapping[str, Any]:
        """All options that shape the result, as JSON has them."""
        told = self._usual if guidance is self.guidance else self._told(guidance)
        return {**told, "variants": job.variants}

    @functools.cached_property
    def _usual(self) -> Mapping[str, Any]:
        return self._told(self.guidance)

    def _told(self, guidance: Guidance) -> Mapping[str, Any]:
        options = guidance_options(self.colorizer.card, guidance) | asdict(self.encoding)
        return dict(json.loads(json.dumps({**options, "partial": self.partial})))

    def _wanted(self, job: Job) -> Row:
        """The row of a job before its options are known."""
        card = self.colorizer.card
        return Row(
            status="begun",
            source=self._source(job),
            results=tuple(FileState(self._name(path)) for path in job.targets[:1]),
            model=card.name,
            model_sha256=card.sha256,
            options={},
        )

    def _source(self, job: Job) -> FileState:
        """The original as it is now."""
        kept = job.kept
        path = self._folder(kept)[0] / kept.name
        return FileState.of(job.original, os.path.realpath(path) if is_link(path) else str(path))

    def _was_colored(self, wanted: Row) -> bool:
        """Whether a picture was colored as it is now, and so is no result itself."""
        done = self.report.known(wanted.key).done
        return done is not None and done.source == wanted.source

    def _is_own(self, job: Job) -> bool:
        """Whether a picture is a result, and, in place, not that of the original kept beside it.

        Raises:
            UnreadablePicture: a result took its place since the folder was read.
        """
        if job.in_place:
            return inplace.is_untouched(job.source) and bool(provenance(job.source))
        if not provenance(job.source):
            return False
        kept = inplace.kept_place(job.source)
        if kept not in self.sources and os.path.lexists(kept):
            reason = f"was replaced by another process, and is kept as {kept.name}"
            raise UnreadablePicture(job.source, reason, "run this again")
        return True

    def _name(self, path: Path) -> str:
        """The path of a result in the report."""
        return self._folder(path)[1] + path.name

    def _folder(self, path: Path) -> tuple[Path, str]:
        """A file's folder: its real path, and what is before the file's name in the report."""
        folder = path.parent
        if folder not in self.folders:
            real = Path(os.path.realpath(folder))
            relative = Path(os.path.relpath(real, self.report.path.parent)).as_posix()
            self.folders[folder] = real, "" if relative == "." else f"{relative}/"
        return self.folders[folder]

    def _failed(self, job: Job, wanted: Row, error: ColornetError) -> Result:
        self._note(wanted.ended("failed", error=str(error)))
        return Result(job.source, "failed", error, job.target)

    def refuse(self, refusal: Refusal) -> Result:
        """Report what cannot be begun."""
        card, source, error = self.colorizer.card, FileState.of(refusal.source), str(refusal.error)
        self._note(Row("failed", source, (), card.name, card.sha256, options={}, error=error))
        return Result(refusal.source, "failed", refusal.error)

    def _note(self, row: Row) -> None:
        """Write a row about a failure; on a full disk there is none."""
        with contextlib.suppress(ColornetError):
            self.report.add(row)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made ({system_reason(error)})"
        raise UnwritablePicture(folder, reason, "check its name, permissions and place") from None
