"""What a process beside the server runs: it looks at one film, or colors it.

It reads its order, a line of JSON, from standard input, and ends when that ends: with the server,
however that does. It tells what happens as lines of JSON on standard output, each an object with
one of the keys of `Told`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colornet.errors import (
    ColornetError,
    FilmTooLarge,
    OptionError,
    UnwritableFilm,
    system_reason,
)
from colornet.notices import Notice

if TYPE_CHECKING:
    from colornet.video import Progress
    from colornet.video.source import Source

Told = Literal["opened", "progress", "done", "error"]
Tell = Callable[[Told, dict[str, Any]], None]
LOWEST = 19
"""Added to the process's niceness, so that photographs go first."""


def main() -> None:
    """Do what is ordered."""
    with suppress(OSError):  # where memory is short, this process ends and not the server
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    line = sys.stdin.buffer.readline()
    if not line:  # the server has ended already
        return
    order = json.loads(line)
    threading.Thread(target=_end_with_server, daemon=True).start()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is not for the server to read

    def tell(kind: Told, what: dict[str, Any]) -> None:
        out.write(json.dumps({kind: what}) + "\n")
        out.flush()

    try:
        {"look": _look, "color": _color}[order.pop("do")](order, tell)
    except ColornetError as error:
        texts = {"subject": error.subject, "reason": error.reason, "remedy": error.remedy}
        tell("error", {"type": type(error).__name__, **texts})


def _yield_to_others() -> None:
    """Run at the lowest priority from now on, with all threads that are begun later."""
    if hasattr(os, "nice"):
        os.nice(LOWEST)


def _end_with_server() -> None:
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(1)


def _look(order: dict[str, Any], tell: Tell) -> None:
    """Look at a film, and write its overview beside it."""
    from colornet.video.about import about
    from colornet.video.opening import too_long
    from colornet.video.overview import look
    from colornet.video.source import Source

    path, most = Path(order["source"]), order["max_seconds"]
    promised = about(path)
    _check_size(path, promised.width, promised.height, order["max_pixels"])
    if not order["partial"] and promised.seconds is not None and promised.seconds > most:
        raise too_long(path, most)
    source = Source(path)
    _check_size(path, source.width, source.height, order["max_pixels"])  # the header may lie
    width, height = source.upright
    aspect = float(source.pixel_aspect or 1)
    opened = {
        "width": width,
        "height": height,
        "fps": float(source.rate),
        "pixel_aspect": 1 / aspect if source.quarter_turns % 2 else aspect,
        "suffix": _suffix(source),
    }
    tell("opened", opened)
    _yield_to_others()  # nobody waits for an answer any more
    overview = look(source, order["partial"], most)
    try:
        Path(order["overview"]).write_text(json.dumps(overview.to_json()), "utf-8")
    except OSError as error:
        reason = f"needs more space for what was found in it ({system_reason(error)})"
        raise UnwritableFilm(path, reason, "remove a film, and upload this one again") from None
    tell("done", {"seconds": float(overview.length(source))})


def _check_size(path: Path, width: int, height: int, most: int) -> None:
    """Raises `FilmTooLarge` if frames have more pixels."""
    if width * height > most:
        reason = f"has frames of {width} x {height} pixels, more than {most:,} in all"
        raise FilmTooLarge(path, reason, "make it smaller")


def _suffix(source: Source) -> str:
    """Of a container that holds the film's sound: MP4, which browsers play, if it does."""
    from colornet.video.codecs import coder
    from colornet.video.join import check

    path, size = Path("film.mp4"), (source.width, source.height)
    try:
        check(source, coder(path, size, source.coding.bits, "h264"), size)
    except OptionError:
        return ".mkv"
    return path.suffix


def _color(order: dict[str, Any], tell: Tell) -> None:
    _yield_to_others()
    from colornet.colorizer import Colorizer
    from colornet.guidance import Guidance
    from colornet.video import FilmGuidance, FilmOptions, colorize
    from colornet.video.about import about
    from colornet.video.overview import Overview

    overview = Overview.from_json(json.loads(Path(order["overview"]).read_text("utf-8")))
    shots = FilmGuidance.from_json(order["guidance"]).shots
    output = Path(order["output"])
    report = colorize(
        order["source"],
        output,
        FilmGuidance(Guidance(**order["whole"]), shots),
        colorizer=Colorizer(order["model"]),
        options=FilmOptions(**order["options"], overwrite=True),
        progress=lambda now: tell("progress", _progress(now)),
        overview=overview,
    )
    for path in report.beside:  # which nobody could fetch
        path.unlink()
    notices = [asdict(_told(notice)) for notice in (*report.notices, *_unplayable(order))]
    tell("done", {"seconds": about(output).seconds or 0.0, "notices": notices})


def _unplayable(order: dict[str, Any]) -> Iterator[Notice]:
    """What browsers may not play."""
    from colornet.video.codecs import coder
    from colornet.video.source import Source

    source, options = Source(Path(order["source"])), order["options"]
    size, bits = (source.width, source.height), source.coding.bits
    made = coder(Path(order["output"]), size, bits, options["codec"], options["crf"])
    if made.codec == "h264" and made.pixel_format != "yuv420p":
        text = f"is colored as H.264 of the kind {made.pixel_format}, which few browsers play"
        yield Notice("few-play", text, order["source"])


def _told(notice: Notice) -> Notice:
    """The same for a result of one file."""
    if notice.code != "subtitles-beside":
        return notice
    text = f"{notice.text.partition(',')[0]}, which are left out"
    return replace(notice, code="subtitles-left-out", text=text)


def _progress(now: Progress) -> dict[str, Any]:
    """A `Progress` as the API tells it."""
    return {
        "frames": now.frames,
        "of": now.of_frames,
        "shots": now.shots,
        "left_seconds": now.seconds_left,
        "read": now.read,
    }


if __name__ == "__main__":
    main()
