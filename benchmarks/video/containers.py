"""Whether films keep what ffprobe tells of them: `python containers.py [-o FILE] [NAME ..]`.

Films of containers and codecs are made by the program ffmpeg, colored, and compared by ffprobe:
frames and their times, packets of sound and subtitles, chapters, and tags of film and streams. Both
programs must be installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colornet import Colorizer
from colornet.errors import ColornetError
from colornet.video import FilmOptions, colorize

X264, X265 = "-c:v libx264", "-c:v libx265 -x265-params log-level=none"
AV1, VP9 = "-c:v libsvtav1 -preset 12", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"
PRORES = "-c:v prores_ks"
VARIED = "-vf setpts='(N+0.4*mod(N\\,3))/(25*TB)' -fps_mode vfr -enc_time_base 1:1000"
PAL = "-color_range tv -colorspace bt470bg -color_primaries bt470bg -color_trc gamma28"
HD = "-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709"
FULL = "-vf scale=out_range=pc -color_range pc -pix_fmt yuv420p"
TITLES = "-metadata title=Harbor -metadata artist=Somebody -metadata date=1931"
SECONDS, RATE = 0.8, 25
TICK = 0.0011
"""Seconds by which times in Matroska may differ."""


@dataclass(frozen=True)
class Case:
    """A film that is made, and what it is colored to.

    Attributes:
        source: suffix.
        codec: ffmpeg's options of the pictures.
        output: suffix of the result; empty: the same.
        size: of the pictures.
        sound: ffmpeg's name of the sound's codec; empty: silent.
        subtitles: ffmpeg's name of their codec; empty: there are none.
        chapters: whether there are two.
        rotation: by which players turn it, degrees.
        differs: what is known to be otherwise in the result, and is told by a notice.
    """

    source: str
    codec: str
    output: str = ""
    size: str = "96x64"
    sound: str = ""
    subtitles: str = ""
    chapters: bool = False
    rotation: int = 0
    differs: tuple[str, ...] = ()


CASES = {
    "mp4 H.264": Case(".mp4", X264, sound="aac"),
    "mp4 H.264, no B-frames": Case(".mp4", f"{X264} -bf 0", sound="aac"),
    "mp4 HEVC": Case(".mp4", X265, sound="aac"),
    "mp4 AV1": Case(".mp4", AV1, sound="libopus"),
    "mp4 VP9": Case(".mp4", VP9, sound="aac"),
    "mp4 MPEG-4": Case(".mp4", "-c:v mpeg4", sound="libmp3lame"),
    "mp4 MPEG-2": Case(".mp4", "-c:v mpeg2video", sound="ac3"),
    "mkv H.264": Case(".mkv", X264, sound="aac"),
    "mkv HEVC": Case(".mkv", X265, sound="flac"),
    "mkv VP9": Case(".mkv", VP9, sound="libopus"),
    "mkv AV1": Case(".mkv", AV1, sound="libvorbis"),
    "mkv FFV1": Case(".mkv", "-c:v ffv1 -level 3", sound="pcm_s16le"),
    "mkv MPEG-2": Case(".mkv", "-c:v mpeg2video -bf 2", sound="mp2"),
    "mkv ProRes": Case(".mkv", PRORES, sound="pcm_s24le"),
    "mov H.264": Case(".mov", X264, sound="aac"),
    "mov HEVC": Case(".mov", X265, sound="pcm_s16le"),
    "mov ProRes": Case(".mov", PRORES, sound="pcm_s16le"),
    "mov MJPEG": Case(".mov", "-c:v mjpeg", sound="pcm_s16le"),
    "webm VP9": Case(".webm", VP9, sound="libopus"),
    "webm VP8": Case(
        ".webm", "-c:v libvpx -deadline realtime", sound="libvorbis", differs=("color_space",)
    ),  # VP8 is BT.601 by definition, and the result says so
    "webm AV1": Case(".webm", AV1, sound="libopus"),
    "avi MPEG-4": Case(".avi", "-c:v mpeg4", sound="libmp3lame"),
    "mkv to mp4, late": Case(".mkv", f"{X264} -output_ts_offset 1.5", ".mp4", sound="aac"),
    "avi FFV1": Case(".avi", "-c:v ffv1", sound="pcm_s16le"),
    "avi MJPEG": Case(
        ".avi", "-c:v mjpeg", sound="pcm_s16le", differs=("color_range", "color_space")
    ),  # MPEG-4 in AVI has no place for them; a notice says so
    "avi H.264": Case(
        ".avi", X264, ".mp4", sound="libmp3lame", differs=("start_time", "times")
    ),  # ffprobe reads these times late, and not all
    "mpg MPEG-2": Case(".mpg", "-c:v mpeg2video", ".mkv", sound="mp2"),
    "mpg MPEG-2 to mp4": Case(".mpg", "-c:v mpeg2video", ".mp4", sound="mp2", differs=("streams",)),
    # in MP4, layers II and III of MPEG audio have one name
    "ts H.264": Case(".ts", X264, ".mp4", sound="aac", differs=("sound",)),  # no ADTS headers
    "ts H.264 to mkv": Case(".ts", X264, ".mkv", sound="ac3"),
    "mp4, times that vary": Case(".mp4", f"{X264} {VARIED}", sound="aac"),
    "mkv, times that vary": Case(".mkv", f"{X264} {VARIED}", sound="aac"),
    "mov, times that vary": Case(".mov", f"{X264} {VARIED}", sound="aac"),
    "webm, times that vary": Case(".webm", f"{VP9} {VARIED}", sound="libopus"),
    "mp4, NTSC's rate": Case(".mp4", f"{X264} -r 30000/1001", sound="aac"),
    "mkv, NTSC's rate": Case(".mkv", f"{X264} -r 24000/1001", sound="aac"),
    "mp4, 10 bits": Case(".mp4", f"{X265} -pix_fmt yuv420p10le", sound="aac"),
    "mkv, 10 bits": Case(".mkv", "-c:v ffv1 -pix_fmt yuv420p10le"),
    "mov, 10 bits": Case(".mov", f"{PRORES} -pix_fmt yuv422p10le"),
    "webm, 10 bits": Case(".webm", f"{AV1} -pix_fmt yuv420p10le", differs=("bits",)),
    "webm VP9, 10 bits": Case(".webm", f"{VP9} -pix_fmt yuv420p10le", differs=("bits",)),
    "mp4, odd sizes": Case(".mp4", f"{X264} -pix_fmt yuv444p", size="95x65"),
    "mkv, odd sizes": Case(".mkv", "-c:v ffv1 -pix_fmt yuv420p", size="95x65"),
    "webm, odd sizes": Case(".webm", f"{VP9} -pix_fmt yuv420p", size="95x65"),
    "avi, odd sizes": Case(".avi", "-c:v ffv1 -pix_fmt yuv420p", size="95x65"),
    "mp4, turned": Case(".mp4", X264, sound="aac", rotation=90),
    "mov, turned": Case(".mov", X264, sound="aac", rotation=270),
    "mp4, upside down": Case(".mp4", X264, rotation=180),
    "mkv, turned": Case(".mp4", X264, ".mkv", rotation=90),
    "mp4, anamorphic": Case(".mp4", f"{X264} -aspect 16:9", sound="aac"),
    "mkv, anamorphic": Case(".mkv", f"{X264} -aspect 16:9"),
    "mkv FFV1, anamorphic": Case(".mkv", "-c:v ffv1 -aspect 16:9"),
    "webm, anamorphic": Case(".webm", f"{VP9} -aspect 16:9"),
    "mov ProRes, anamorphic": Case(".mov", f"{PRORES} -aspect 16:9"),
    "mpg, anamorphic": Case(".mpg", "-c:v mpeg2video -aspect 16:9", ".mp4"),
    "mp4, interlaced": Case(".mp4", f"{X264} -flags +ildct+ilme", differs=("field_order",)),
    "mkv, interlaced": Case(
        ".mkv", "-c:v mpeg2video -flags +ildct+ilme -top 1", differs=("field_order",)
    ),
    "mkv, subtitles": Case(".mkv", X264, sound="aac", subtitles="srt"),
    "mkv, ASS": Case(".mkv", X264, sound="aac", subtitles="ass"),
    "mp4, subtitles": Case(".mp4", X264, sound="aac", subtitles="mov_text"),
    "mov, subtitles": Case(".mov", X264, sound="aac", subtitles="mov_text"),
    "webm, subtitles": Case(".webm", VP9, sound="libopus", subtitles="webvtt"),
    "mkv to mp4, subtitles": Case(
        ".mkv", X264, ".mp4", sound="aac", subtitles="srt", differs=("subtitles", "streams")
    ),
    "mp4, chapters": Case(".mp4", X264, sound="aac", chapters=True),
    "mkv, chapters": Case(".mkv", X264, sound="aac", chapters=True),
    "mov, chapters": Case(".mov", X264, sound="aac", chapters=True),
    "webm, chapters": Case(".webm", VP9, sound="libopus", chapters=True),
    "avi, chapters": Case(".mkv", "-c:v ffv1", ".avi", chapters=True, differs=("chapters",)),
    "mp4, BT.601 tags": Case(".mp4", f"{X264} {PAL}"),
    "mkv, BT.601 tags": Case(".mkv", f"{X264} {PAL}"),
    "mov, BT.709 tags": Case(".mov", f"{PRORES} {HD}"),
    "webm, BT.709 tags": Case(".webm", f"{VP9} {HD}"),
    "mp4, full range": Case(".mp4", f"{X264} {FULL}"),
    "mkv FFV1, full range": Case(".mkv", f"-c:v ffv1 {FULL}"),
    "mp4 HEVC, full range": Case(".mp4", f"{X265}:range=full {FULL}"),
    "mkv VP9, full range": Case(".mkv", f"{VP9} {FULL}", ".webm"),
    "mkv gray, full range": Case(".mkv", "-c:v ffv1 -pix_fmt gray"),
    "mp4 to mov, full range": Case(".mp4", f"{X264} {FULL}", ".mov"),
    "mp4, late": Case(".mp4", f"{X264} -output_ts_offset 1.5", sound="aac"),
    "mkv, late": Case(".mkv", f"{X264} -output_ts_offset 1.5", sound="aac"),
}
KEPT_TAGS = ("title", "artist", "date")
STREAM = (
    *("width", "height", "sample_aspect_ratio", "display_aspect_ratio"),
    *("color_space", "color_transfer", "color_primaries"),
    *("r_frame_rate", "avg_frame_rate", "start_time"),
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--keep", type=Path, help="folder to leave the films in")
    parser.add_argument("names", nargs="*")
    given = parser.parse_intermixed_args()
    colorizer, results = Colorizer(), {}
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        for number, case in enumerate(given.names or CASES):
            results[case] = compared(CASES[case], folder / f"{number:02d}", colorizer)
            told = "; ".join(results[case]["differs"]) or "equal"
            print(f"{case}: {told}", *results[case]["notices"], sep="\n    ", flush=True)
    wrong = [case for case, result in results.items() if result["unexpected"]]
    print(f"{len(results) - len(wrong)} of {len(results)} as expected", *wrong, sep="\n  ")
    if given.output:
        given.output.write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(bool(wrong))


def compared(case: Case, folder: Path, colorizer: Colorizer) -> dict[str, Any]:
    """Make a film, color it, and tell what differs."""
    folder.mkdir(parents=True, exist_ok=True)
    source = made(case, folder)
    output = folder / f"color{case.output or case.source}"
    try:
        options = FilmOptions(overwrite=True)
        report = colorize(source, output, colorizer=colorizer, options=options)
    except ColornetError as error:
        return {"differs": [str(error)], "unexpected": True, "notices": []}
    before, after = described(source), described(output)
    differs = {
        what: f"{what} {before[what]} -> {after[what]}"
        for what in before
        if not same(before[what], after[what])
    }
    notices = [str(notice) for notice in report.notices if notice.code != "color-discarded"]
    return {
        "differs": list(differs.values()),
        "unexpected": set(differs) != set(case.differs),
        "notices": notices,
    }


def same(before: Any, after: Any) -> bool:
    """Whether these are equal, or are times less than a tick of Matroska (1 ms) apart."""
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(same(*pair) for pair in pairs)
    if isinstance(before, str) and isinstance(after, str) and "." in before + after:
        try:
            return abs(float(before) - float(after)) < TICK
        except ValueError:
            return before == after
    return bool(before == after)


def made(case: Case, folder: Path) -> Path:
    """The film of a case."""
    path = folder / f"film{case.source}"
    looks = f"testsrc2=size={case.size}:rate={RATE}:duration={SECONDS}"
    told = ["-f", "lavfi", "-i", looks]
    if case.sound:
        told += ["-f", "lavfi", "-i", f"sine=duration={SECONDS}:sample_rate=48000"]
    if case.subtitles:
        lines = folder / "lines.srt"
        lines.write_text("1\n00:00:00,080 --> 00:00:00,400\na line\n\n")
        told += ["-i", str(lines)]
    if case.chapters:
        marks = folder / "marks.txt"
        marks.write_text(f";FFMETADATA1\n{_chapter(0, 400, 'one')}{_chapter(400, 800, 'two')}")
        told += ["-i", str(marks), "-map_metadata", "0"]
    inputs = 1 + bool(case.sound) + bool(case.subtitles)
    told += [part for number in range(inputs) for part in ("-map", str(number))]
    told += case.codec.replace("'", "").split()
    if "-pix_fmt" not in told and "mjpeg" not in case.codec and "prores" not in case.codec:
        told += ["-pix_fmt", "yuv420p"]
    told += ["-c:a", case.sound, "-metadata:s:a", "language=deu"] if case.sound else []
    told += ["-c:s", case.subtitles, "-metadata:s:s", "language=fra"] if case.subtitles else []
    first = folder / f"upright{case.source}" if case.rotation else path
    _ran("ffmpeg", "-y", *told, *TITLES.split(), str(first))
    if case.rotation:
        turned = ["-metadata:s:v", f"rotate={case.rotation}", "-c", "copy", "-map", "0"]
        _ran("ffmpeg", "-y", "-i", str(first), *turned, str(path))
    return path


def _chapter(start: int, end: int, title: str) -> str:
    return f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"


def described(path: Path) -> dict[str, Any]:
    """What ffprobe tells of a film, but for how its pictures are encoded."""
    told = _probed(path, "-show_format", "-show_streams", "-show_chapters")
    streams: dict[str, list[dict[str, Any]]] = {}
    for stream in told["streams"]:
        streams.setdefault(stream["codec_type"], []).append(stream)
    pictures = streams["video"][0]
    frames = _probed(path, "-select_streams", "v:0", "-show_frames")["frames"]
    result = {key: pictures.get(key) for key in STREAM}
    result["field_order"] = pictures.get("field_order", "progressive")
    result["color_range"] = pictures.get("color_range", "tv")
    result["bits"] = _bits(pictures["pix_fmt"])
    result["rotation"] = [
        side["rotation"] for side in pictures.get("side_data_list", ()) if "rotation" in side
    ]
    result["frames"] = len(frames)
    if int(pictures.get("nb_frames", len(frames))) != len(frames):
        del result["avg_frame_rate"]  # it counts those that an edit list cuts off
    result["times"] = [frame.get("best_effort_timestamp_time") for frame in frames]
    result["sound"] = _packets(path, "a")
    result["subtitles"] = _packets(path, "s")
    result["streams"] = [
        (kind, stream["codec_name"], stream.get("tags", {}).get("language", "und"))
        for kind in ("audio", "subtitle")
        for stream in streams.get(kind, ())
    ]
    result["chapters"] = [
        (mark["start_time"], mark["end_time"], mark.get("tags", {}).get("title"))
        for mark in told["chapters"]
    ]
    tags = {key.lower(): value for key, value in told["format"].get("tags", {}).items()}
    result["tags"] = {key: tags.get(key) for key in KEPT_TAGS}
    return result


def _bits(pixel_format: str) -> int:
    return next((n for n in (10, 12, 16) if f"p{n}" in pixel_format), 8)


def _packets(path: Path, kind: str) -> list[tuple[str, ...]]:
    options = ("-select_streams", kind, "-show_packets", "-show_data_hash", "md5")
    keys = ("pts_time", "size", "data_hash")
    return [
        tuple(packet.get(key, "") for key in keys) for packet in _probed(path, *options)["packets"]
    ]


def _probed(path: Path, *options: str) -> dict[str, Any]:
    told = _ran("ffprobe", *options, "-of", "json", str(path))
    read: dict[str, Any] = json.loads(told)
    return read


def _ran(program: str, *options: str) -> str:
    done = subprocess.run([program, "-v", "error", *options], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{program}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
