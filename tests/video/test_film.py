"""Films from file to file: what comes out has all that went in, and color."""

import json
import os
import shutil
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from colornet import Colorizer
from colornet.errors import (
    GuidanceError,
    ModelLacks,
    OptionError,
    UnreadableFilm,
    UnreadablePicture,
    UnwritableFilm,
)
from colornet.guidance import Guidance, Hint
from colornet.video import (
    FilmGuidance,
    FilmOptions,
    Progress,
    ShotGuidance,
    colorize,
)
from colornet.video.about import about
from tests.video.films import (
    STEP,
    begin,
    chroma_of,
    color,
    decoded,
    gray_frames,
    luma_of,
    packets,
    write_film,
)

LOSSLESS = {"crf": "0"}


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def began(path: Path) -> Fraction:
    """Seconds, by a film's own clock, at which it begins."""
    with av.open(str(path)) as film:
        streams: list[Any] = [*film.streams.video, *film.streams.audio]
        return max(min(s.start_time * s.time_base for s in streams if s.start_time is not None), 0)


def check_same(source: Path, output: Path) -> None:
    """The same frames at the same times from the beginning, and of the luma nearly all."""
    before: list[Any] = decoded(source)
    after: list[Any] = decoded(output)
    assert len(after) == len(before)
    begins = began(source)
    for one, other in zip(before, after, strict=True):
        tick = max(one.time_base, other.time_base)
        exact = one.time_base == other.time_base
        missed = abs(one.pts * one.time_base - begins - other.pts * other.time_base)
        assert missed <= (0 if exact else tick / 2)
        assert (other.width, other.height) == (one.width, one.height)
    bits = after[0].format.components[0].bits - before[0].format.components[0].bits
    last = np.abs(luma_of(before[-1]).astype(int) - (luma_of(after[-1]).astype(int) >> bits))
    assert last.mean() < 5
    assert np.std(chroma_of(after[-1])) > 1 or bits or after[0].format.components[0].bits > 8


@pytest.mark.parametrize(
    ("name", "result", "made", "options"),
    [
        ("a.mp4", "out.mp4", {}, {}),
        ("a.mkv", "out.mkv", {"codec": "ffv1"}, {"codec": "ffv1"}),
        ("a.avi", "out.mkv", {"codec": "mpeg4"}, {}),
        ("a.mov", "out.mov", {"codec": "prores_ks", "pixel_format": "yuv422p10le"}, {}),
        ("a.webm", "out.webm", {"codec": "libvpx-vp9"}, {}),
        ("a.mpg", "out.mp4", {"codec": "mpeg2video", "container": "mpeg"}, {}),
        ("a.mkv", "out.mp4", {"codec": "mpeg2video"}, {"codec": "hevc"}),
        ("a.mp4", "out.mkv", {"codec": "libx265", "pixel_format": "yuv420p10le"}, {}),
        ("a.mp4", "out.mp4", {"codec": "libsvtav1"}, {"codec": "av1"}),
        ("a.mov", "out.mov", {}, {"codec": "prores"}),
        ("a.mkv", "out.webm", {"codec": "libvpx-vp9"}, {"codec": "av1"}),
        ("a.mp4", "out.avi", {}, {}),
        ("a.avi", "out.avi", {"codec": "mpeg4"}, {"codec": "ffv1"}),
    ],
)
def test_containers_and_codecs(
    tiny: Colorizer,
    tmp_path: Path,
    name: str,
    result: str,
    made: dict[str, Any],
    options: dict[str, Any],
) -> None:
    frames: list[Any] = list(gray_frames(10, 64, 64))
    if "10" in made.get("pixel_format", ""):
        frames = [frame.astype(np.uint16) * 4 for frame in frames]
    if made.get("codec") in ("mpeg2video", "mpeg4"):
        made = made | {"base": Fraction(1, 25), "pts": list(range(10))}
    source = write_film(tmp_path / name, frames, **made)
    report = color(tiny, source, tmp_path / result, **options)
    check_same(source, tmp_path / result)
    assert about(tmp_path / result).rate == about(source).rate == 25
    assert report.frames == 10
    assert not (tmp_path / f"{result}.colornet").exists()


def test_odd_sizes_and_times_that_vary(tiny: Colorizer, tmp_path: Path) -> None:
    pts = [0, 500, 1400, 1500, 3000, 4100, 4200, 6000]
    frames = gray_frames(8, 65, 49)
    source = write_film(tmp_path / "a.mp4", frames, pixel_format="yuv444p", pts=pts)
    for codec in ("h264", "vp9", "av1"):
        output = tmp_path / f"{codec}.mp4"
        color(tiny, source, output, codec=codec)
        check_same(source, output)
        assert [frame.pts for frame in decoded(output)] == pts


def test_a_lossless_film_keeps_its_luma(
    tiny: Colorizer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(6), codec="ffv1")
    color(tiny, source, tmp_path / "b.mkv", codec="ffv1")
    assert not caplog.records
    for one, other in zip(decoded(source), decoded(tmp_path / "b.mkv"), strict=True):
        assert np.array_equal(luma_of(one), luma_of(other))
        assert np.std(chroma_of(other)) > 1


def chapters_of(film: Any) -> list[Any]:
    return [
        (c["start"] * c["time_base"], c["end"] * c["time_base"], c["metadata"])
        for c in film.chapters()
    ]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_sound_chapters_and_tags_are_kept(tiny: Colorizer, tmp_path: Path, suffix: str) -> None:
    tags = {"color_primaries": 6, "color_trc": 6, "colorspace": 6, "color_range": 1}
    source = write_film(
        tmp_path / f"a{suffix}",
        gray_frames(12),
        sound="aac",
        chapters=True,
        pixel_aspect=Fraction(4, 3),
        tags=tags,
    )
    output = tmp_path / f"b{suffix}"
    color(tiny, source, output)
    assert packets(output, "audio") == packets(source, "audio")
    with av.open(str(source), "r") as before, av.open(str(output), "r") as after:
        assert chapters_of(after) == chapters_of(before) != []
        assert after.metadata["title"] == "a film"
        comment = {k.lower(): v for k, v in after.metadata.items()}["comment"]
        assert comment.startswith("Colors computed by colornet")
        one, other = before.streams.video[0], after.streams.video[0]
        assert other.sample_aspect_ratio == one.sample_aspect_ratio == Fraction(4, 3)
        for name, value in tags.items():
            assert getattr(other.codec_context, name) == value


@pytest.mark.parametrize(
    ("name", "codec"),
    [("b.mkv", "ffv1"), ("b.webm", None), ("b.webm", "av1"), ("b.mp4", "hevc"), ("b.avi", None)],
)
def test_pixels_that_are_not_square_stay_so(
    tiny: Colorizer, tmp_path: Path, name: str, codec: str | None
) -> None:
    aspect = Fraction(16, 11)
    source = write_film(tmp_path / "a.mp4", gray_frames(3), pixel_aspect=aspect)
    color(tiny, source, tmp_path / name, codec=codec)
    with av.open(str(tmp_path / name), "r") as film:
        shown: Any = film.streams.video[0].sample_aspect_ratio
    assert abs(shown / aspect - 1) < 0.01  # AVI has it by the frame's width and height


def test_what_avi_cannot_tell_is_refused_or_told(tiny: Colorizer, tmp_path: Path) -> None:
    varying = write_film(tmp_path / "v.mp4", gray_frames(4), pts=[0, 500, 1400, 1500])
    turned = write_film(tmp_path / "t.mp4", gray_frames(3), rotation=90)
    for source, reason in ((varying, "variable frame rate"), (turned, "is rotated")):
        with pytest.raises(OptionError, match=reason):
            color(tiny, source, tmp_path / "out.avi")
    source = write_film(tmp_path / "c.mp4", gray_frames(12), chapters=True, sound="mp3")
    report = color(tiny, source, tmp_path / "out.avi")
    assert [notice.code for notice in report.notices] == ["chapters-left-out"]
    assert [data for _, data in packets(tmp_path / "out.avi", "audio")] == [
        data for _, data in packets(source, "audio")
    ]
    assert not list(tmp_path.glob("*.colornet"))


def test_a_turned_film_stays_turned_and_is_colored_upright(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(5), rotation=90)
    color(tiny, source, tmp_path / "b.mp4", sheet=tmp_path / "sheet.jpg")
    assert decoded(tmp_path / "b.mp4")[0].rotation == decoded(source)[0].rotation != 0
    check_same(source, tmp_path / "b.mp4")
    width, height = size_of(tmp_path / "sheet.jpg")
    assert height > width / 3  # frames stand upright on it


def test_subtitles_stay(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(8), subtitles=True)
    color(tiny, source, tmp_path / "b.mkv")
    assert packets(tmp_path / "b.mkv", "subtitles") == packets(source, "subtitles")


def test_interlaced_frames_are_made_whole(tiny: Colorizer, tmp_path: Path) -> None:
    frames = gray_frames(8)
    for number, frame in enumerate(frames):
        frame[1::2] = np.roll(frame, 3, axis=1)[1::2] + number % 2
    source = write_film(
        tmp_path / "a.mkv",
        frames,
        codec="mpeg2video",
        interlaced=True,
        base=Fraction(1, 25),
        pts=range(8),
    )
    report = color(tiny, source, tmp_path / "b.mkv", codec="ffv1")
    kept = color(tiny, source, tmp_path / "c.mkv", codec="ffv1", deinterlace="off")
    assert [notice.code for notice in report.notices] == ["deinterlaced"]
    assert not kept.notices
    combed = luma_of(decoded(tmp_path / "c.mkv")[4]).astype(int)
    whole = luma_of(decoded(tmp_path / "b.mkv")[4]).astype(int)
    assert np.abs(np.diff(whole, axis=0)).mean() < 0.8 * np.abs(np.diff(combed, axis=0)).mean()
    assert [f.pts for f in decoded(tmp_path / "b.mkv")] == [f.pts for f in decoded(source)]


def test_high_dynamic_range_is_refused_by_name(tiny: Colorizer, tmp_path: Path) -> None:
    tags = {"color_primaries": 9, "color_trc": 16, "colorspace": 9}
    frames = [frame.astype(np.uint16) * 4 for frame in gray_frames(3)]
    source = write_film(
        tmp_path / "a.mkv", frames, codec="ffv1", pixel_format="yuv420p10le", tags=tags
    )
    with pytest.raises(UnreadableFilm, match="PQ"):
        color(tiny, source, tmp_path / "b.mkv")


def test_a_part_of_a_film(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(40, cuts=(15,)), sound="aac")
    report = color(tiny, source, tmp_path / "b.mp4", start=0.4, end=1.0)
    frames = decoded(tmp_path / "b.mp4")
    assert report.frames == len(frames) == 15
    assert report.cuts == (0, 5)
    assert frames[0].pts == 0
    assert frames[-1].pts == 14 * STEP
    whole = decoded(source)[10:25]
    for one, other in zip(whole, frames, strict=True):
        assert np.abs(luma_of(one).astype(int) - luma_of(other)).mean() < 2
    times = [float(when) for when, _ in packets(tmp_path / "b.mp4", "audio")]
    assert 0 <= times[0] < 0.03
    assert times[-1] < 0.6
    with pytest.raises(OptionError, match="select no frame"):
        color(tiny, source, tmp_path / "c.mp4", start=5.0)
    with pytest.raises(OptionError, match=r"the film lasts 1\.60 s"):
        color(tiny, source, tmp_path / "c.mp4", start=5.0)


def test_side_by_side_and_sheet(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(20, cuts=(8,)))
    color(tiny, source, tmp_path / "b.mp4", side_by_side=True, sheet=tmp_path / "s.jpg")
    frame = decoded(tmp_path / "b.mp4")[4]
    assert (frame.width, frame.height) == (128, 48)
    chroma = chroma_of(frame)
    assert np.std(chroma[..., :31]) < 1.5 < np.std(chroma[..., 33:])
    assert size_of(tmp_path / "s.jpg") == (3 * 68 + 4, 2 * 52 + 4)


def test_hints_count_in_their_shot_only(guided: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(16, cuts=(8,)), codec="ffv1")
    hint = Hint(((0.5, 0.5),), "#3050c0", unit="fractions")
    guidance = FilmGuidance(shots=(ShotGuidance(0.4, Guidance(hints=(hint,))),))
    options = FilmOptions(codec="ffv1")
    colorize(source, tmp_path / "p.mkv", colorizer=guided, options=options)
    colorize(source, tmp_path / "h.mkv", guidance, colorizer=guided, options=options)
    plain, hinted = (
        [chroma_of(f) for f in decoded(tmp_path / name)] for name in ("p.mkv", "h.mkv")
    )
    changed = [not np.array_equal(a, b) for a, b in zip(plain, hinted, strict=True)]
    assert changed == [False] * 8 + [True] * 8
    bad = FilmGuidance(shots=(ShotGuidance(99, Guidance(hints=(hint,))),))
    with pytest.raises(GuidanceError, match=r"no frame 99; .* lasts 0\.64 s"):
        colorize(source, tmp_path / "x.mkv", bad, colorizer=guided, options=options)
    late = FilmGuidance(shots=(ShotGuidance(0.7, Guidance(hints=(hint,))),))
    with pytest.raises(GuidanceError, match=r"0\.7 s is not in"):
        colorize(source, tmp_path / "x.mkv", late, colorizer=guided, options=options)


def test_hints_before_a_part_that_begins_within_their_shot_count(
    guided: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(20, cuts=(8,)), codec="ffv1")
    hint = Hint(((0.5, 0.5),), "#3050c0", unit="fractions")
    options = FilmOptions(codec="ffv1", start=0.48, end=0.64)
    colorize(source, tmp_path / "plain.mkv", colorizer=guided, options=options)
    plain = [chroma_of(frame) for frame in decoded(tmp_path / "plain.mkv")]
    assert len(plain) == 4
    for at, counts in ((9, True), (19, True), (2, False)):
        guidance = FilmGuidance(shots=(ShotGuidance(at, Guidance(hints=(hint,))),))
        path = tmp_path / f"{at}.mkv"
        colorize(source, path, guidance, colorizer=guided, options=options)
        hinted = [chroma_of(frame) for frame in decoded(path)]
        changed = [not np.array_equal(a, b) for a, b in zip(plain, hinted, strict=True)]
        assert changed == [counts] * 4


def damaged(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / "bad.mkv"
    if kind == "empty":
        path.touch()
    elif kind == "junk":
        path.write_bytes(np.random.default_rng(0).bytes(5000))
    elif kind == "picture":
        Image.new("L", (8, 8)).save(path, "PNG")
    elif kind == "sound only":
        with av.open(str(path), "w") as film:
            stream: Any = film.add_stream("pcm_s16le", rate=8000)
            stream.codec_context.layout = "mono"
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = 8000, 0
            film.mux(stream.encode(frame))
    elif kind == "no frames":
        with av.open(str(path), "w") as film:
            stream = film.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            film.start_encoding()
    elif kind == "truncated":
        write_film(path, gray_frames(60), codec="mpeg4", options={"b": "2M"})
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "no index":
        write_film(tmp_path / "whole.mp4", gray_frames(60))
        whole = (tmp_path / "whole.mp4").read_bytes()
        assert whole.index(b"moov") > whole.index(b"mdat")
        path = tmp_path / "cut.mp4"
        path.write_bytes(whole[: len(whole) // 2])
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("missing", "there is no such file"),
        ("empty", "is empty"),
        ("junk", "cannot be read as a film"),
        ("picture", "is a picture, not a film; color it as a photograph"),
        ("sound only", "has sound only"),
        ("no frames", "holds no frame|end of file"),
        ("truncated", "ends after|cannot be decoded"),
        ("no index", "ends before its index"),
    ],
)
def test_what_cannot_be_colored_is_told(
    tiny: Colorizer, tmp_path: Path, kind: str, reason: str
) -> None:
    path = damaged(tmp_path, kind)
    with pytest.raises(UnreadableFilm, match=reason) as caught:
        color(tiny, path, tmp_path / "out.mkv")
    assert caught.value.subject == str(path)
    assert not list(tmp_path.glob("out*.mkv"))


def test_of_a_truncated_film_what_could_be_read(tiny: Colorizer, tmp_path: Path) -> None:
    path = damaged(tmp_path, "truncated")
    report = color(tiny, path, tmp_path / "out.mkv", partial=True)
    assert 5 < report.frames < 60
    assert len(decoded(tmp_path / "out.mkv")) == report.frames
    assert "film-damaged" in {notice.code for notice in report.notices}


def test_the_last_frames_that_a_header_states_are_missed(tiny: Colorizer, tmp_path: Path) -> None:
    """Of a film whose header comes first, the last tenth of a second is lost."""
    whole, path = write_film(tmp_path / "a.mp4", gray_frames(20)), tmp_path / "b.mp4"
    with av.open(str(whole), "r") as given:
        options = {"movflags": "+faststart"}
        with av.open(str(path), "w", options=options) as film:
            stream: Any = film.add_stream_from_template(given.streams.video[0])
            for packet in given.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    film.mux(packet)
    color(tiny, path, tmp_path / "whole.mp4")
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(UnreadableFilm, match=r"ends after 1. of the 20 frames that"):
        color(tiny, path, tmp_path / "out.mp4")
    report = color(tiny, path, tmp_path / "out.mp4", partial=True)
    assert 10 < report.frames < 20


def test_results_are_not_replaced_unasked(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(3))
    (tmp_path / "b.mp4").write_bytes(b"mine")
    with pytest.raises(UnwritableFilm, match="already exists"):
        color(tiny, source, tmp_path / "b.mp4")
    with pytest.raises(OptionError, match="is the film itself"):
        color(tiny, source, source, overwrite=True)
    with pytest.raises(UnwritableFilm, match="its folder does not exist"):
        color(tiny, source, tmp_path / "no/b.mp4")
    assert (tmp_path / "b.mp4").read_bytes() == b"mine"
    color(tiny, source, tmp_path / "b.mp4", overwrite=True)
    assert len(decoded(tmp_path / "b.mp4")) == 3


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("b.flv", {}, "cannot be written as .flv"),
        ("b.webm", {"codec": "h264"}, "cannot hold h264"),
        ("b.mov", {"codec": "prores", "crf": 20}, "no such setting"),
        ("b.webm", {}, "cannot hold its aac sound"),
        ("b.mp4", {"preset": "silly"}, "preset: h264 has no preset 'silly'; use ultrafast, "),
        ("b.mp4", {"codec": "av1", "preset": "medium"}, "av1 has no preset 'medium'; use 0, 1, "),
        ("b.mkv", {"codec": "vp9", "preset": "slow"}, "vp9 has no preset 'slow'; use 0, 1, "),
        ("b.mkv", {"codec": "ffv1", "preset": "slow"}, "ffv1 has no such setting"),
        ("b.mp4", {"crf": 60}, "crf: 60 is out of range for h264; use 0 to 51"),
    ],
)
def test_options_that_do_not_go_together(
    tiny: Colorizer, tmp_path: Path, name: str, options: dict[str, Any], reason: str
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(3), sound="aac")
    with pytest.raises(OptionError, match=reason):
        color(tiny, source, tmp_path / name, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4"]


def test_sound_that_the_container_refuses_late_is_told_at_once(
    tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(3), sound="libopus")
    with pytest.raises(OptionError, match="mov cannot hold its opus sound"):
        color(tiny, source, tmp_path / "b.mov")
    color(tiny, source, tmp_path / "b.mp4")
    assert packets(tmp_path / "b.mp4", "audio") == packets(source, "audio")


def test_frames_of_odd_width_side_by_side(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(3, 65, 49), codec="ffv1")
    color(tiny, source, tmp_path / "b.webm", side_by_side=True)
    assert decoded(tmp_path / "b.webm")[0].width == 130


def test_a_film_of_files_elsewhere_is_not_read(tiny: Colorizer, tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", gray_frames(3))
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.mp4\n#EXT-X-ENDLIST\n")
    with pytest.raises(UnreadableFilm, match="cannot be read as a film"):
        color(tiny, playlist, tmp_path / "b.mp4")


LONG = """
import sys
from pathlib import Path
from colornet import Colorizer
from colornet.video import FilmOptions, colorize, recorder
recorder.LONG = 0.6
def tell(now):
    if now.frames:
        print(now.frames, flush=True)
        sys.stdin.readline()
colorize(sys.argv[1], sys.argv[2], colorizer=Colorizer(sys.argv[3], threads=1),
         options=FilmOptions(codec="ffv1"), progress=tell)
"""
"""Waits for a line whenever it has told how far it has come, until nobody writes any more."""


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on(tiny_model: Path, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(240, cuts=(50,)), codec="ffv1")

    def start(output: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", LONG, str(source), str(output), str(tiny_model)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, text=True, bufsize=1, stdin=pipe, stdout=pipe)

    with start(tmp_path / "whole.mkv") as undisturbed:
        undisturbed.communicate(timeout=120)
    first = []
    for stop in (20, 140):
        with start(tmp_path / "b.mkv") as run:
            assert run.stdin
            assert run.stdout
            first.append(int(run.stdout.readline()))
            now = first[-1]
            while now < stop:
                run.stdin.write("\n")
                now = int(run.stdout.readline())
            run.send_signal(signal.SIGKILL)
    assert not (tmp_path / "b.mkv").exists()
    assert (tmp_path / "b.mkv.colornet").is_dir()
    with start(tmp_path / "b.mkv") as run:
        out, _ = run.communicate(timeout=120)
    assert int(out.split()[0]) > first[0]  # it did not begin anew
    whole, again = decoded(tmp_path / "whole.mkv"), decoded(tmp_path / "b.mkv")
    assert len(whole) == len(again) == 240
    for one, other in zip(whole, again, strict=True):
        assert np.array_equal(luma_of(one), luma_of(other))
        assert np.array_equal(chroma_of(one), chroma_of(other))


def test_several_processes_make_the_same_film(tiny: Colorizer, tmp_path: Path) -> None:
    """Also where interlaced frames are made of those before and after, beyond a cut."""
    frames = gray_frames(180, cuts=(60, 70, 125))
    base = Fraction(1, 25)
    source = write_film(
        tmp_path / "a.mkv",
        frames,
        codec="mpeg2video",
        interlaced=True,
        base=base,
        pts=range(180),
        sound="aac",
    )
    seen: list[Progress] = []
    one = color(tiny, source, tmp_path / "b.mkv", codec="ffv1", sheet=tmp_path / "b.jpg")
    two = colorize(
        source,
        tmp_path / "c.mkv",
        colorizer=tiny,
        options=FilmOptions(codec="ffv1", jobs=3, sheet=tmp_path / "c.jpg"),
        progress=seen.append,
    )
    for kind in ("video", "audio"):
        assert packets(tmp_path / "b.mkv", kind) == packets(tmp_path / "c.mkv", kind)
    assert (tmp_path / "b.jpg").read_bytes() == (tmp_path / "c.jpg").read_bytes()
    assert (two.frames, two.cuts, two.observed) == (one.frames, one.cuts, one.observed)
    assert [notice.code for notice in two.notices] == ["deinterlaced"]
    assert (seen[-1].frames, seen[-1].shots, seen[-1].read) == (180, 4, 180)
    assert not list(tmp_path.glob("*.colornet"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_is_told_before_the_first_frame_is_colored(
    tiny: Colorizer, tmp_path: Path, jobs: int
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(130, cuts=(60,)))
    seen: list[Progress] = []
    colorize(
        source,
        tmp_path / "b.mp4",
        colorizer=tiny,
        options=FilmOptions(jobs=jobs),
        progress=seen.append,
    )
    looking = [now.read for now in seen if now.stage == "looking"]
    assert looking == list(range(0, 130, 16))
    assert {now.of_frames for now in seen} == {130}
    ahead = [now.read for now in seen if now.stage == "coloring" and not now.frames]
    assert ahead == sorted(ahead)
    if jobs == 1:
        assert len(ahead) >= 5
    assert (seen[-1].frames, seen[-1].read) == (130, 130)


def test_what_was_asked_wrongly_may_be_asked_again(tiny: Colorizer, tmp_path: Path) -> None:
    """Nothing is left behind that other options would have to be the same as."""
    source = write_film(tmp_path / "a.mkv", gray_frames(10), codec="ffv1")
    bad = FilmGuidance(shots=(ShotGuidance(99, Guidance()),))
    with pytest.raises(GuidanceError, match="no frame 99"):
        colorize(source, tmp_path / "b.mkv", bad, colorizer=tiny)
    assert not (tmp_path / "b.mkv.colornet").exists()

    def stop(now: Progress) -> None:
        if now.frames:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # before the first segment is whole
        colorize(source, tmp_path / "b.mkv", colorizer=tiny, progress=stop)
    report = color(tiny, source, tmp_path / "b.mkv", codec="ffv1", every=1)
    assert report.frames == len(decoded(tmp_path / "b.mkv")) == 10


def test_an_error_before_coloring_keeps_what_was_done(tiny: Colorizer, tmp_path: Path) -> None:
    """Also where, of several processes, that of a later part was the first to end one."""
    source = write_film(tmp_path / "a.mkv", gray_frames(120, cuts=(60,)), codec="ffv1")
    guidance = Guidance(reference=tmp_path / "reference.png")
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "reference.png")
    begin(tiny, source, tmp_path / "b.mkv", guidance)
    done = tmp_path / "b.mkv.colornet/00001-000.npz"
    done.with_stem("00000-000").rename(done)
    (tmp_path / "reference.png").unlink()
    with pytest.raises(UnreadablePicture):
        colorize(source, tmp_path / "b.mkv", guidance, colorizer=tiny)
    assert done.exists()


@pytest.mark.parametrize("where", ["film", "shot"])
def test_what_the_model_lacks_is_told_before_the_film_is_looked_at(
    where: str, tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(20))
    for wrong, error in (
        (Guidance(setting="xyzzy"), ModelLacks),
        (Guidance(reference=tmp_path / "missing.jpg"), UnreadablePicture),
    ):
        shots = (ShotGuidance(0, wrong),)
        guidance = wrong if where == "film" else FilmGuidance(shots=shots)
        seen: list[Progress] = []
        with pytest.raises(error):
            colorize(source, tmp_path / "b.mkv", guidance, colorizer=tiny, progress=seen.append)
        assert not seen
        assert not (tmp_path / "b.mkv.colornet").exists()


def test_a_film_does_not_go_on_with_another_reference_of_the_same_name(
    tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(120, cuts=(60,)), codec="ffv1")
    guidance = Guidance(reference=tmp_path / "reference.png")
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "reference.png")
    begin(tiny, source, tmp_path / "b.mkv", guidance)
    Image.new("RGB", (64, 64), "red").save(tmp_path / "reference.png")
    with pytest.raises(UnwritableFilm, match="was begun with another guidance"):
        colorize(source, tmp_path / "b.mkv", guidance, colorizer=tiny)


def test_a_film_whose_state_another_version_kept_is_refused(
    tiny: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(120, cuts=(60,)), codec="ffv1")
    begin(tiny, source, tmp_path / "b.mkv")
    plan = tmp_path / "b.mkv.colornet/plan.json"
    told = json.loads(plan.read_text())
    del told["state"]
    plan.write_text(json.dumps(told))
    with pytest.raises(UnwritableFilm, match="was begun with another version"):
        colorize(source, tmp_path / "b.mkv", colorizer=tiny)


def test_transparency_is_left_out_with_a_notice(tiny: Colorizer, tmp_path: Path) -> None:
    for name, codec, pixel_format, codes in (
        ("a.mkv", "ffv1", "yuva420p", ["transparency-left-out"]),
        ("b.gif", "gif", "gray", []),
    ):
        source = write_film(tmp_path / name, gray_frames(3), codec=codec, pixel_format=pixel_format)
        report = color(tiny, source, tmp_path / f"{name}.mkv")
        assert [notice.code for notice in report.notices] == codes


def test_of_ten_bits_a_webm_keeps_eight_and_says_so(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(3), codec="ffv1", pixel_format="gray10le")
    report = color(tiny, source, tmp_path / "b.webm")
    assert [notice.code for notice in report.notices] == ["fewer-bits"]
    assert len(decoded(tmp_path / "b.webm")) == 3


def test_a_folder_of_that_name_with_other_files_is_left_alone(
    tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(4), codec="ffv1")
    mine = tmp_path / "b.mkv.colornet" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UnwritableFilm, match="has other files; move them"):
        color(tiny, source, tmp_path / "b.mkv")
    assert mine.read_text() == "mine"


def test_an_error_in_another_process_is_told(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(120, cuts=(60,)), codec="ffv1")
    (tmp_path / "b.mkv.colornet").mkdir()
    (tmp_path / "b.mkv.colornet/00001-000.new").mkdir()
    with pytest.raises(UnwritableFilm, match=r"00001-000\.new"):
        color(tiny, source, tmp_path / "b.mkv", jobs=2)
    (tmp_path / "b.mkv.colornet/00001-000.new").rmdir()
    report = color(tiny, source, tmp_path / "b.mkv", jobs=2)
    assert len(decoded(tmp_path / "b.mkv")) == report.frames == 120


SEVERAL = """
import sys
from colornet import Colorizer
from colornet.video import FilmOptions, colorize
if __name__ == "__main__":
    colorize(sys.argv[1], sys.argv[2], colorizer=Colorizer(sys.argv[3], threads=1),
             options=FilmOptions(codec="ffv1", jobs=2),
             progress=lambda now: now.frames and print(now.frames, flush=True))
"""


def test_several_processes_that_were_killed_go_on(
    tiny: Colorizer, tiny_model: Path, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(250, cuts=(60, 120, 180)), codec="ffv1")
    color(tiny, source, tmp_path / "whole.mkv", codec="ffv1")
    line = [sys.executable, "-c", SEVERAL, str(source), str(tmp_path / "b.mkv"), str(tiny_model)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        for text in run.stdout:
            if int(text) >= 100:
                break
        run.send_signal(signal.SIGKILL)
        run.stdout.read()  # until those that it began have ended, too
    assert not (tmp_path / "b.mkv").exists()
    again = subprocess.run(line, capture_output=True, text=True, check=True)
    assert int(again.stdout.split()[0]) > 50  # it did not begin anew
    for one, other in zip(
        decoded(tmp_path / "whole.mkv"), decoded(tmp_path / "b.mkv"), strict=True
    ):
        assert np.array_equal(luma_of(one), luma_of(other))
        assert np.array_equal(chroma_of(one), chroma_of(other))


def test_a_film_that_grows_is_told_before_it_is_colored(tiny: Colorizer, tmp_path: Path) -> None:
    """As one that is still recorded: at the end, all the work would be in vain."""
    source = write_film(tmp_path / "a.ts", gray_frames(40), container="mpegts")

    def record(now: Progress) -> None:
        assert now.stage == "looking"
        with source.open("ab") as film:
            film.write(bytes(188))

    with pytest.raises(UnreadableFilm, match="has changed while it was read"):
        colorize(source, tmp_path / "b.mp4", colorizer=tiny, progress=record)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ts"]


def test_a_film_that_was_replaced_meanwhile(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(10), codec="ffv1")
    other = write_film(tmp_path / "other.mkv", gray_frames(12), codec="ffv1")

    def replace_it(now: Progress) -> None:
        if now.frames:
            shutil.copy(other, source)

    with pytest.raises(UnreadableFilm, match="was replaced while"):
        colorize(source, tmp_path / "b.mkv", colorizer=tiny, progress=replace_it)
    with pytest.raises(UnwritableFilm, match="begun with another source"):
        color(tiny, source, tmp_path / "b.mkv")
    assert not (tmp_path / "b.mkv").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk(tiny: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(10), codec="ffv1")
    (tmp_path / "b.mkv.colornet").mkdir()
    (tmp_path / "b.mkv.colornet/00000-000.new").symlink_to("/dev/full")
    with pytest.raises(UnwritableFilm, match="no space"):
        color(tiny, source, tmp_path / "b.mkv", codec="ffv1")
    assert not (tmp_path / "b.mkv").exists()


SMALL = """
from colornet.errors import UnwritableFilm
from tests.full_disk import full_disk
try:
    with full_disk(60_000):
        exec(compile(sys.argv[4], "run", "exec"))
except UnwritableFilm as error:
    print(error)
    sys.exit(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on files")
def test_a_disk_that_is_full_in_the_middle(tiny_model: Path, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(60, 160, 120), codec="ffv1")
    output = tmp_path / "b.mkv"
    line = [str(source), str(output), str(tiny_model)]
    run = [sys.executable, "-c", f"import sys{SMALL}", *line, LONG]
    full = subprocess.run(run, capture_output=True, text=True)
    assert full.returncode == 1, full.stderr
    assert f"{output}.colornet" in full.stdout
    assert "cannot be written" in full.stdout
    assert not output.exists()
    subprocess.run([sys.executable, "-c", LONG, *line], check=True, capture_output=True)
    assert len(decoded(output)) == 60


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_to_be_written_to(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(3))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(UnwritableFilm, match="permission"):
        color(tiny, source, closed / "b.mkv")
    assert not list(closed.iterdir())
