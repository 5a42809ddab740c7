"""A film from file to file: looked at once, colored in segments, put together again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colornet import __version__
from colornet.errors import ColornetError, OptionError, UnreadableFilm
from colornet.guidance import Guidance
from colornet.notices import Notice
from colornet.output import is_reference
from colornet.paths import is_same, path_of
from colornet.video import about, counting, join, subtitles
from colornet.video.codecs import Coder, coder
from colornet.video.endings import TAIL
from colornet.video.hints import FilmGuidance
from colornet.video.options import SHEETS, FilmOptions, FilmReport, Progress
from colornet.video.overview import Overview, look
from colornet.video.packets import Span
from colornet.video.parallel import color_parts
from colornet.video.part_coloring import Job
from colornet.video.parts import Part, parts
from colornet.video.schedule import SIDE, Schedule, schedule
from colornet.video.segments import Segments, fingerprint
from colornet.video.sheet import Sheet
from colornet.video.source import Source, Survey
from colornet.video.tally import Tally
from colornet.video.target import check_free, put, told, zero
from colornet.video.waiting import STATE_VERSION
from colornet.whole_files import whole_file

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer


def colorize(
    source: str | Path,
    output: str | Path,
    guidance: Guidance | FilmGuidance | None = None,
    *,
    colorizer: Colorizer | None = None,
    options: FilmOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
    overview: Overview | None = None,
) -> FilmReport:
    """Color a film.

    What is done stays in the folder OUTPUT.colornet until all is; the same call goes on there.

    Args:
        source: a film file.
        output: the film to write; its suffix names the container.
        guidance: of the whole film, or with shots of its own.
        colorizer: the model; None: the usual one.
        options: how to read and write.
        progress: called as frames are read and written.
        overview: what `overview.look` found in this film; None: it is looked at now.

    Raises:
        UnreadableFilm: the source is missing, damaged, no film, or of a kind not to be colored.
        UnwritableFilm: the result cannot be stored there.
        OptionError: options that do not go together.
        GuidanceError: guidance that makes no sense for this film.
    """
    given, options = FilmGuidance.of(guidance), FilmOptions.of(options)
    if colorizer is None:
        from colornet.colorizer import Colorizer

        colorizer = Colorizer()
    paths = path_of("source", source), path_of("output", output)
    work = _Work(*paths, given, colorizer, options, overview)
    return work.run(progress or (lambda _: None))


class _Work:
    """One film, on its way."""

    def __init__(
        self,
        path: Path,
        output: Path,
        guidance: FilmGuidance,
        colorizer: Colorizer,
        options: FilmOptions,
        overview: Overview | None,
    ) -> None:
        self.overview = overview
        self.began = time.monotonic()
        self.output, self.options = output, options
        self.colorizer = colorizer
        self.sheet = options.sheet
        _refuse_source(path, output, self.sheet)
        _refuse_references(guidance, self.sheet)
        self.source = Source(path)
        self.size = (self.source.width * (1 + options.side_by_side), self.source.height)
        bits = self.source.coding.bits
        self.coder: Coder = coder(
            output, self.size, bits, options.codec, options.crf, options.preset
        )
        self.subtitles = subtitles.apart(self.source, output, self.coder.container)
        self.beside = tuple(one.path for one in self.subtitles if one.path)
        _refuse_source(path, *self.beside)
        for target in filter(None, (output, self.sheet, *self.beside)):
            check_free(target, options.overwrite)
        self.guidance, told = guidance.prepared(colorizer)  # before all of the film is looked at
        self.notices: list[Notice] = list(told)
        if self.source.has_alpha:
            text = "has a channel for transparency, which is left out"
            self.notices.append(Notice("transparency-left-out", text, str(path)))
        if self.coder.bits < bits:
            text = f"has {bits} bits a sample, of which {self.coder.bits} are kept"
            self.notices.append(Notice("fewer-bits", text, str(path)))
        if self.source.coding.full and not self.coder.tells_range:
            text = f"has full range, which {self.coder.container} cannot tell; it becomes limited"
            self.notices.append(Notice("limited-range", text, str(path)))

    def run(self, progress: Callable[[Progress], None]) -> FilmReport:
        plan: dict[str, Any] = {
            "version": __version__,
            "state": STATE_VERSION,
            "source": fingerprint(self.source.path),
            "model": self.colorizer.card.sha256,
            "guidance": self.guidance.to_json(),
            "options": {k: v for k, v in asdict(self.options).items() if k in _MADE_BY},
            "coder": asdict(self.coder),
            "sheet": self.sheet is not None,  # frames for it are kept as they are colored
        }
        self.notices += join.check(self.source, self.coder, self.size)
        self.notices += subtitles.notices(self.subtitles, str(self.source.path))
        with Segments.begun(self.output, self.coder.segment, plan) as segments:
            return self._make(segments, plan, progress)

    def _make(
        self, segments: Segments, plan: dict[str, Any], progress: Callable[[Progress], None]
    ) -> FilmReport:
        try:
            overview = self._look(progress)
            survey = overview.survey
            if fingerprint(self.source.path) != plan["source"]:  # as one that is still recorded
                raise self.source.changed()
            first, end = overview.span(self.source, self.options.start, self.options.end)
            span = self._seconds(overview, first, end)
            counting.check(self.source, self.coder, survey.pts, span)
            cuts = [first, *(cut for cut in overview.cuts if first < cut < end)]
            known = self._schedule(overview, (first, end))
        except ColornetError:
            if segments.is_empty:
                segments.remove()
            raise
        sheet = Sheet(segments.folder, cuts, end) if self.sheet else None
        job = Job(
            source=self.source,
            survey=survey,
            deinterlace=self._deinterlaces(survey),
            known=known,
            endings=overview.endings(first, end, TAIL),
            every=self.options.every,
            coder=self.coder,
            side_by_side=self.options.side_by_side,
            segments=segments,
            sheet=sheet,
        )
        resumed, observed = self._color(
            job, parts(cuts, end, survey.pts, self.source.time_base), progress
        )
        if fingerprint(self.source.path) != plan["source"]:
            remedy = f"remove {segments.folder}, and begin again"
            raise UnreadableFilm(self.source.path, "was replaced while it was colored", remedy)
        self._join(job, plan["options"], end, span)
        return FilmReport(
            path=self.output,
            beside=self.beside,
            frames=end - first,
            cuts=tuple(cut - first for cut in cuts),
            observed=observed,
            resumed=resumed,
            seconds=time.monotonic() - self.began,
            notices=tuple(self.notices),
        )

    def _look(self, progress: Callable[[Progress], None]) -> Overview:
        promised = self.source.promised_frames

        def tell(read: int) -> None:
            progress(Progress(0, promised, 0, 0, None, "looking", read))

        overview = self.overview or look(self.source, self.options.partial, tell=tell)
        self.notices += overview.survey.notices
        if self._deinterlaces(overview.survey):
            text = "is interlaced, and was deinterlaced"
            self.notices.append(Notice("deinterlaced", text, str(self.source.path)))
        return overview

    def _schedule(self, overview: Overview, span: tuple[int, int]) -> Schedule:
        deinterlace = self._deinterlaces(overview.survey)
        known = schedule(
            self.guidance,
            overview.times(self.source),
            overview.length(self.source),
            overview.cuts,
            self.source.upright,
            overview.looks(self.source, deinterlace, SIDE),
            span,
            overview.scenes,
        )
        self.notices += known.notices
        return known

    def _deinterlaces(self, survey: Survey) -> bool:
        return survey.interlaced and self.options.deinterlace == "auto"

    def _color(
        self, job: Job, all_parts: Sequence[Part], progress: Callable[[Progress], None]
    ) -> tuple[int, int]:
        """Color all parts; gives how many frames were there, and how many the network saw."""
        begun = [job.segments.of(p.number).next_frame() or p.first for p in all_parts]
        tally = Tally(all_parts, begun, self.began)

        def tell(written: Sequence[int], read: Sequence[int]) -> None:
            progress(tally.progress(written, read))

        done = color_parts(self.colorizer, job, all_parts, begun, self.options.jobs, tell)
        told = {(one.code, one.subject): one for part in done for one in part.notices}
        self.notices += told.values()
        return tally.resumed, sum(part.observed for part in done)

    def _seconds(self, overview: Overview, first: int, end: int) -> Span:
        """The span of the film from one frame to before another, by its own clock."""
        pts, base = overview.survey.pts, self.source.time_base
        begin = pts[first] if first else overview.begin
        return begin * base, pts[end] * base if end < len(pts) else None

    def _join(self, job: Job, options: dict[str, Any], end: int, span: Span) -> None:
        """Make the film of its segments, and what is written beside it."""
        source, pts, segments = self.source, job.survey.pts, job.segments
        last = pts[end] - pts[end - 1] if end < len(pts) else job.survey.last
        before = source.metadata.get("comment") or source.metadata.get("COMMENT") or ""
        card = self.colorizer.card
        comment = about.comment(card, self.guidance, self.coder, options, before)
        new = segments.folder / "film.new"
        base = source.time_base
        frames = join.Frames(segments.all(), span[0] - zero(pts) * base, last * base)
        self.notices += join.join(frames, source, self.coder, new, span, comment)
        lines: dict[Path, Path] = {}
        for one in self.subtitles:
            if one.path:
                lines[one.path] = segments.folder / f"subtitles-{one.index}.new"
                subtitles.write(source, one.index, lines[one.path], span)
        if job.sheet and self.sheet:
            with told(self.sheet), whole_file(self.sheet, self.options.overwrite) as file:
                file.write(job.sheet.drawn(SHEETS[self.sheet.suffix.lower()]))
        for path, made in (lines | {self.output: new}).items():  # now that all are whole
            put(made, path, self.options.overwrite)
        segments.remove()


def _refuse_source(source: Path, *targets: Path | None) -> None:
    """Raises `OptionError` if one of the files to write is the film itself."""
    for target in filter(None, targets):
        if is_same(target, source):
            raise OptionError(target, "is the film itself", "name another file")


def _refuse_references(guidance: FilmGuidance, sheet: Path | None) -> None:
    """Raises `OptionError` if the contact sheet would replace a reference."""
    every = (guidance.all, *(shot.guidance for shot in guidance.shots))
    if sheet and any(is_reference(sheet, one) for one in every):
        raise OptionError(sheet, "is a reference", "name another file")


_MADE_BY = ("start", "end", "every", "deinterlace", "side_by_side", "partial")
"""The options that change what is in the segments, beside those that `Coder` has."""
