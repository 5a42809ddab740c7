"""`colornet video`: a film, or raw frames in a pipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from colornet.cli.interrupts import heeding_signals
from colornet.cli.options import (
    ModelOption,
    OverwriteOption,
    ReferenceOption,
    SaturationOption,
    SettingOption,
    StrengthOption,
    named,
    say,
    say_all,
)
from colornet.errors import OptionError, system_reason
from colornet.guidance import Guidance
from colornet.model import DEFAULT_MODEL
from colornet.paths import is_folder
from colornet.words import counted

if TYPE_CHECKING:
    from colornet.video import FilmGuidance, FilmReport, Progress

PIPE = Path("-")
Codec = Literal["h264", "hevc", "av1", "vp9", "ffv1", "prores", "mpeg4"]
"""As in `video`, which is not loaded just to print the help."""
PixelFormat = Literal["gray", "gray16le"]


def video(
    source: Annotated[
        Path, typer.Argument(metavar="FILM", help="A film, or - for raw frames from stdin.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="The colored film; its suffix names the container: .mp4, .m4v, .mov, .mkv, "
            ".webm or .avi. Or - for raw frames to stdout.",
        ),
    ],
    model: ModelOption = DEFAULT_MODEL,
    guidance: Annotated[
        Path | None,
        typer.Option(help="JSON file with hints, references and settings for single shots."),
    ] = None,
    strength: StrengthOption = None,
    saturation: SaturationOption = None,
    reference: ReferenceOption = None,
    setting: SettingOption = None,
    codec: Annotated[
        Codec | None,
        typer.Option(
            help="By default, H.264, HEVC for more than 8 bits, VP9 in .webm, MPEG-4 in .avi.",
        ),
    ] = None,
    crf: Annotated[
        int | None,
        typer.Option(min=0, max=63, help="Quality: smaller is better; 18 by default for H.264."),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Speed, as the encoder names it: slow, medium, fast ..")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="Time of the beginning: 90, 1:30 or 0:01:30."),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Time of the end.")
    ] = None,
    every: Annotated[
        int,
        typer.Option(
            min=1,
            help="The network colors one of so many frames, and more where it is needed; the "
            "colors of the others follow the motion.",
        ),
    ] = 5,
    deinterlace: Annotated[
        Literal["auto", "off"], typer.Option(help="Whether to deinterlace.")
    ] = "auto",
    side_by_side: Annotated[
        bool,
        typer.Option("--side-by-side", help="Show the gray film to the left of the colored one."),
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Also write a picture with the first, middle and last frame of each shot, .jpg or "
            ".png."
        ),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Color the part that can be read of a damaged film.")
    ] = False,
    overwrite: OverwriteOption = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Number of processes, which color different shots; the frames are the same.",
        ),
    ] = 1,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of raw frames, such as 640x480.")
    ] = None,
    pix_fmt: Annotated[
        PixelFormat,
        typer.Option(
            "--pix-fmt", help="Format of raw frames; results are rgb24, or rgb48le for 16 bits."
        ),
    ] = "gray",
) -> None:
    """Colorize a film with steady colors, and keep its sound, times and tags.

    Unfinished work is kept in OUTPUT.colornet, and the same command continues it.
    """
    from colornet.colorizer import Colorizer
    from colornet.video import FilmGuidance, FilmOptions, Steady, colorize
    from colornet.video.hints import parse_time

    said = named(strength=strength, saturation=saturation, setting=setting)
    whole = Guidance(reference=reference, **said)
    shots = FilmGuidance.load(guidance).shots if guidance else ()
    film_guidance = FilmGuidance(whole, shots)
    if PIPE in (source, output):
        _check_pipe(source, output, size, film_guidance)
        frames = _read_frames(size or "", 2 if pix_fmt == "gray16le" else 1)
        _write_frames(Steady(Colorizer(model), film_guidance, every=every).run(frames))
        return
    if size:
        raise OptionError("--size", "is for raw frames", "leave it out")
    options = FilmOptions(
        codec=codec,
        crf=crf,
        preset=preset,
        start=parse_time("--from", start) if start else 0.0,
        end=parse_time("--to", end) if end else None,
        every=every,
        deinterlace=deinterlace,
        side_by_side=side_by_side,
        sheet=sheet,
        partial=partial,
        overwrite=overwrite,
        jobs=jobs,
    )
    with heeding_signals(), _bar() as show:
        colorizer = Colorizer(model)
        try:
            report = colorize(
                source,
                output,
                film_guidance,
                colorizer=colorizer,
                options=options,
                progress=show,
            )
        except (KeyboardInterrupt, SystemExit):
            if is_folder(Path(f"{output}.colornet")):
                say(f"{output}: not finished; the same command goes on where it was stopped")
            raise
    _tell(report)


def _tell(report: FilmReport) -> None:
    say_all(report.notices)
    for path in report.beside:
        say(f"{path}: written")
    frames, shots = counted(report.frames, "frame"), counted(len(report.cuts), "shot")
    say(f"{report.path}: written, {frames} in {shots}")


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """What shows progress on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    bar = Bar(
        "{task.description}",
        *Bar.get_default_columns()[1:3],
        "{task.fields[left]}",
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("looking at the film", total=None, left="")

    def show(now: Progress) -> None:
        left = "" if now.seconds_left is None else f"{_clock(now.seconds_left)} left"
        done, total = now.frames, now.of_frames or None
        text = f"frame {done} of {total}, shot {now.shots} of {now.of_shots}"
        if now.stage == "looking":
            done, text = now.read, f"looking at the film, frame {now.read}"
        elif not now.frames:
            text = f"reading ahead, frame {now.read} of {total}"
        bar.update(task, description=text, completed=done, total=total, left=left)

    with bar:
        yield show


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _check_pipe(source: Path, output: Path, size: str | None, film_guidance: FilmGuidance) -> None:
    if source != output:
        reason = "is for raw frames, which have to be both the input and the output"
        raise OptionError("-", reason, "use - -o -")
    if not size or not re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", size, re.ASCII):
        raise OptionError(
            "--size", "is missing, or is not a size", "give the size of the frames, such as 640x480"
        )
    if film_guidance.shots:
        reason = "has shots, which cannot be found in raw frames"
        raise OptionError("--guidance", reason, "color a film file instead")
    if sys.stdin is None or sys.__stdout__ is None:
        raise OptionError("-", "stdin or stdout is closed", "connect both")


def _read_frames(size: str, item: int) -> Iterator[Any]:
    """Gray frames from stdin until it ends.

    Raises:
        UnreadableFilm: it ends within a frame.
    """
    import numpy as np

    from colornet.errors import UnreadableFilm

    width, height = map(int, size.split("x"))
    length = width * height * item
    number = 0
    while data := sys.stdin.buffer.read(length):
        if len(data) < length:
            reason = f"ends within frame {number}"
            raise UnreadableFilm("stdin", reason, "check --size and --pix-fmt")
        yield np.frombuffer(data, "<u2" if item == 2 else "u1").reshape(height, width)
        number += 1
    if not number:
        raise UnreadableFilm("stdin", "is empty", "send raw frames")


def _write_frames(frames: Iterator[Any]) -> None:
    from colornet.errors import UnwritableFilm

    for frame in frames:
        try:
            sys.stdout.buffer.write(frame.tobytes())
        except OSError as error:
            reason = f"cannot be written ({system_reason(error)})"
            raise UnwritableFilm("stdout", reason) from None
    sys.stdout.buffer.flush()
