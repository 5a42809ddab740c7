"""A film from file to file: looked at once, colored in segments, put together again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from colornet import __version__
from colornet.errors import OptionError, UnreadableFilm
from colornet.guidance import Guidance
from colornet.notices import Notice
from colornet.video import about, join, subtitles
from colornet.video.codecs import COUNTING, Coder, coder
from colornet.video.coloring import FrameColors
from colornet.video.fusion import Colored, Fusion
from colornet.video.hints import SIDE, FilmGuidance, Schedule, schedule
from colornet.video.options import FilmOptions, FilmReport, Progress
from colornet.video.planes import Plane, small_lightness
from colornet.video.recorder import Recorder
from colornet.video.segments import Segments, fingerprint
from colornet.video.sheet import Sheet
from colornet.video.shots import CutFinder
from colornet.video.source import Source, Survey

if TYPE_CHECKING:
    from colornet.colorizer import Colorizer

LOOK = 64
"""Side of the square on which cuts are looked for."""


def colorize(
    source: str | Path,
    output: str | Path,
    guidance: Guidance | FilmGuidance | None = None,
    *,
    colorizer: Colorizer | None = None,
    options: FilmOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> FilmReport:
    """Color a film.

    What is done stays in the folder OUTPUT.colornet until all is; the same call goes on there.

    Args:
        source: a film file.
        output: the film to write; its suffix names the container.
        guidance: of the whole film, or with shots of its own.
        colorizer: the model; None: the usual one.
        options: how to read and write.
        progress: called as frames are written.

    Raises:
        UnreadableFilm: the source is missing, damaged, no film, or of a kind not to be colored.
        UnwritableFilm: the result cannot be stored there.
        OptionError: options that do not go together.
        GuidanceError: guidance that makes no sense for this film.
    """
    given = guidance or FilmGuidance()
    if isinstance(given, Guidance):
        given = FilmGuidance(given)
    if colorizer is None:
        from colornet.colorizer import Colorizer

        colorizer = Colorizer()
    work = _Work(Path(source), Path(output), given, colorizer, options or FilmOptions())
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
    ) -> None:
        self.began = time.monotonic()
        self.output, self.guidance, self.options = output, guidance, options
        self.colorizer = colorizer
        if output.exists() and path.exists() and output.samefile(path):
            raise OptionError(output, "is the film itself", "name another file")
        self.source = Source(path)
        self.size = (self.source.width * (1 + options.side_by_side), self.source.height)
        bits = self.source.coding.bits
        self.coder: Coder = coder(
            output, self.size, bits, options.codec, options.crf, options.preset
        )
        join.check_free(output, options.overwrite)
        self.notices: list[Notice] = []
        if self.coder.bits < bits:
            text = f"has {bits} bits a sample, of which {self.coder.bits} are kept"
            self.notices.append(Notice("fewer-bits", text, str(path)))
        self.observed = 0

    def run(self, progress: Callable[[Progress], None]) -> FilmReport:
        plan = {
            "version": __version__,
            "source": fingerprint(self.source.path),
            "model": self.colorizer.card.sha256,
            "guidance": self.guidance.to_json(),
            "options": {k: v for k, v in asdict(self.options).items() if k in _MADE_BY},
            "coder": asdict(self.coder),
        }
        self.notices += join.check(self.source, self.coder, self.size)
        segments = Segments.begin(self.output, self.coder.segment, plan)
        survey, cuts = self._survey()
        try:
            self._check_rate(survey)
            first, end = self._span(survey)
        except OptionError:
            if not segments.whole():
                segments.remove()
            raise
        cuts = [first, *(cut for cut in cuts if first < cut < end)]
        known = self._schedule(survey, cuts)
        sheet = Sheet(segments.folder, cuts, end) if self.options.sheet else None
        done = len(segments.whole())
        begin = self._color(segments, survey, known, (first, end), sheet, progress)
        span = (
            survey.pts[first] * self.source.time_base if first else Fraction(0),
            Fraction(survey.pts[end]) * self.source.time_base if end < len(survey.pts) else None,
        )
        return self._finish(segments, plan, span, cuts, (first, end), begin, sheet, done)

    def _survey(self) -> tuple[Survey, list[int]]:
        finder, told = CutFinder(), []

        def see(luma: Plane) -> None:
            told.extend(finder.push(small_lightness(luma, LOOK, self.source.coding)))

        survey = self.source.survey(self.options.partial, see)
        told.extend(finder.finish())
        self.notices += survey.notices
        if survey.interlaced and self.options.deinterlace == "auto":
            text = "is interlaced; each frame is made whole from both of its fields"
            self.notices.append(Notice("deinterlaced", text, str(self.source.path)))
        return survey, [number for number, begins in enumerate(told) if begins]

    def _check_rate(self, survey: Survey) -> None:
        """Raises `OptionError` for times that vary, in a container that holds none."""
        step = 1 / (self.source.rate * self.source.time_base)
        missed = max(abs(pts - survey.pts[0] - n * step) for n, pts in enumerate(survey.pts))
        if self.coder.container in COUNTING and missed > step / 4:
            reason = f"its frames come at times that vary, which {self.coder.container} cannot tell"
            raise OptionError(self.source.path, reason, "use .mkv or .mp4")

    def _span(self, survey: Survey) -> tuple[int, int]:
        """The frames that are wanted, from one to before another."""
        base, origin = self.source.time_base, survey.pts[0]
        times = [float((pts - origin) * base) for pts in survey.pts]
        start, last = self.options.start, self.options.end
        first = next((k for k, t in enumerate(times) if t >= start - 1e-6), len(times))
        end = next((k for k, t in enumerate(times) if last is not None and t >= last), len(times))
        if first >= end:
            remedy = f"the film lasts {times[-1]:.2f} s"
            raise OptionError("--from and --to", "leave no frame", remedy)
        return first, end

    def _schedule(self, survey: Survey, cuts: list[int]) -> Schedule:
        whole = [0, *cuts] if cuts[0] else cuts
        origin, base = survey.pts[0], self.source.time_base

        def looks(first: int, end: int) -> list[NDArray[np.float32]]:
            frames = self.source.frames(survey, first, self._deinterlaces(survey))
            turn = self.source.quarter_turns
            return [
                np.rot90(small_lightness(luma, SIDE, self.source.coding), turn).copy()
                for luma, _ in zip(frames, range(end - first), strict=False)
            ]

        known = schedule(
            self.guidance,
            [(pts - origin) * base for pts in survey.pts],
            whole,
            self.source.upright,
            looks,
            self.colorizer.prepare,
        )
        self.notices += known.notices
        return known

    def _deinterlaces(self, survey: Survey) -> bool:
        return survey.interlaced and self.options.deinterlace == "auto"

    def _color(
        self,
        segments: Segments,
        survey: Survey,
        known: Schedule,
        span: tuple[int, int],
        sheet: Sheet | None,
        progress: Callable[[Progress], None],
    ) -> int:
        """Write all segments that are not there; gives the frame that this run began with."""
        source = self.source
        colors = FrameColors(self.colorizer, *source.upright)
        cuts = frozenset(cut - span[0] for cut in known.cuts if cut >= span[0])
        frame_bytes = source.width * source.height * (1 + (source.coding.bits > 8))
        fusion = Fusion(colors, self.options.every, cuts, frame_bytes)
        done = segments.whole()
        begin = span[0]
        waiting: list[tuple[Any, Guidance]] = []
        if done:
            state = segments.state(len(done) - 1)
            begin = int(state["film.next"])
            missing = int(state["film.waiting"])
        frames = self._frames(survey, begin, span[1])
        if done:
            for number, luma in frames:
                if len(waiting) == missing:
                    break
                waiting.append(((number, luma), known.of(number)))
            fusion.restore(state, waiting[:missing])
            frames = self._frames(survey, begin + missing, span[1])
        doubled = self.options.side_by_side
        recorder = Recorder(segments, source, self.coder, survey.pts, doubled, len(done))
        total = span[1] - span[0]

        def put(batch: list[Colored]) -> None:
            for colored in batch:
                recorder.write(colored)
                if sheet:
                    sheet.see(colored, self.source.coding, self.source.quarter_turns)
            self.observed += sum(colored.observed for colored in batch)
            if batch:
                frames_done = batch[-1].what[0] + 1 - span[0]
                here = frames_done - (begin - span[0])
                left = (time.monotonic() - self.began) / here * (total - frames_done)
                shot = sum(cut < frames_done for cut in cuts)
                progress(Progress(frames_done, total, shot, len(cuts), left))

        try:
            for number, luma in frames:
                small = small_lightness(luma, colors.side, source.coding)
                small = np.rot90(small, source.quarter_turns)
                put(fusion.push(np.ascontiguousarray(small), (number, luma), known.of(number)))
                recorder.end_if_long(fusion, number + 1 in known.cuts)
            put(fusion.finish())
            recorder.end(fusion)
            self.notices += colors.notices.values()
        finally:
            recorder.abandon()
        return begin

    def _frames(self, survey: Survey, first: int, end: int) -> Iterator[tuple[int, Plane]]:
        if first < end:
            frames = self.source.frames(survey, first, self._deinterlaces(survey))
            yield from zip(range(first, end), frames, strict=False)

    def _finish(
        self,
        segments: Segments,
        plan: dict[str, Any],
        span: tuple[Fraction, Fraction | None],
        cuts: list[int],
        frames: tuple[int, int],
        begin: int,
        sheet: Sheet | None,
        done: int,
    ) -> FilmReport:
        if fingerprint(self.source.path) != plan["source"]:
            remedy = f"remove {segments.folder}, and begin again"
            raise UnreadableFilm(self.source.path, "was replaced meanwhile", remedy)
        before = self.source.metadata.get("comment") or self.source.metadata.get("COMMENT") or ""
        card, options = self.colorizer.card, plan["options"]
        comment = about.comment(card, self.guidance, self.coder, options, before)
        new = segments.folder / "film.new"
        self.notices += join.join(segments.whole(), self.source, self.coder, new, span, comment)
        beside = subtitles.write_beside(self.source, self.output, self.coder.container)
        if sheet and self.options.sheet:
            sheet.write(self.options.sheet)
        join.put(new, self.output, self.options.overwrite)
        segments.remove()
        return FilmReport(
            path=self.output,
            beside=tuple(beside),
            frames=frames[1] - frames[0],
            cuts=tuple(cut - frames[0] for cut in cuts),
            observed=self.observed,
            resumed=begin - frames[0] if done else 0,
            seconds=time.monotonic() - self.began,
            notices=tuple(self.notices),
        )


_MADE_BY = ("start", "end", "every", "deinterlace", "side_by_side", "partial")
"""The options that change what is in the segments, beside those that `Coder` has."""
