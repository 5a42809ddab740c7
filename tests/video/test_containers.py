"""What containers hold of a film, and what becomes of that which they do not."""

import itertools
import runpy
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from colornet import Colorizer, OptionError
from colornet.video import FilmOptions, colorize
from colornet.video.about import about
from tests.video.films import decoded, gray_frames, luma_of, packets, write_film

TABLE = Path(__file__).parents[2] / "benchmarks" / "video" / "containers.py"


def test_h264_in_avi_has_its_times_put_in_order(tiny: Colorizer, tmp_path: Path) -> None:
    """FFmpeg reads them at other frames, since AVI holds none and frames are not in order."""
    frames = gray_frames(20)
    source = write_film(tmp_path / "a.avi", frames, base=Fraction(1, 25), pts=range(20))
    pts = [frame.pts or 0 for frame in decoded(source)]
    assert sorted(pts) != pts
    colorize(source, tmp_path / "b.mp4", colorizer=tiny)
    made = decoded(tmp_path / "b.mp4")
    assert {round(b.time - a.time, 6) for a, b in itertools.pairwise(made)} == {0.04}


def test_avi_holds_films_that_leave_frames_out(tiny: Colorizer, tmp_path: Path) -> None:
    pts = [0, 2, 3, 4, 7, 8]
    source = write_film(
        tmp_path / "a.avi", gray_frames(6), codec="mpeg4", base=Fraction(1, 25), pts=pts
    )
    colorize(source, tmp_path / "b.avi", colorizer=tiny)
    assert [frame.pts for frame in decoded(tmp_path / "b.avi")] == pts


@pytest.mark.parametrize(
    ("name", "codec", "full"),
    [
        ("b.mp4", "h264", True),
        ("b.mp4", "hevc", True),
        ("b.webm", "vp9", True),
        ("b.mkv", "ffv1", True),
        ("b.mkv", "prores", True),
        ("b.mov", "prores", False),
        ("b.avi", "ffv1", False),
        ("b.avi", "mpeg4", False),
    ],
)
def test_full_range_is_told_or_becomes_limited(
    tiny: Colorizer, tmp_path: Path, name: str, codec: Any, full: bool
) -> None:
    frames = gray_frames(3)
    source = write_film(tmp_path / "a.mkv", frames, codec="ffv1", pixel_format="gray")
    report = colorize(source, tmp_path / name, colorizer=tiny, options=FilmOptions(codec=codec))
    assert ("limited-range" in [notice.code for notice in report.notices]) == (not full)
    made = decoded(tmp_path / name)[0]
    luma = luma_of(made) / float(1 << (made.format.components[0].bits - 8))
    expected = frames[0] if full else frames[0] * (219 / 255) + 16
    assert np.abs(luma - expected).mean() < 3
    with av.open(str(tmp_path / name), "r") as film:
        assert (film.streams.video[0].codec_context.color_range == 2) == full


@pytest.mark.parametrize(
    ("pixel_format", "name", "codec", "bits"),
    [
        ("bgr0", "b.mp4", "h264", 8),
        ("bgr0", "b.mkv", "ffv1", 8),
        ("gbrp10le", "b.mp4", "hevc", 10),
        ("gbrp16le", "b.mkv", "ffv1", 16),
    ],
)
def test_films_of_red_green_and_blue_keep_their_lightness_and_depth(
    tiny: Colorizer, tmp_path: Path, pixel_format: str, name: str, codec: str, bits: int
) -> None:
    """As scanners of films and QuickTime's Animation make them; they become Y'CbCr."""
    source, frames = tmp_path / "a.mkv", gray_frames(4)
    with av.open(str(source), "w") as film:
        stream: Any = film.add_stream("ffv1", rate=25)
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt = pixel_format
        for luma in frames:
            rgb = np.repeat(luma[..., np.newaxis].astype(np.uint16) * 257, 3, 2)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb48le").reformat(format=pixel_format)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    options = FilmOptions(codec=codec)  # type: ignore[arg-type]
    colorize(source, tmp_path / name, colorizer=tiny, options=options)
    for before, after in zip(frames, decoded(tmp_path / name), strict=True):
        assert (int(after.color_range), int(after.colorspace)) == (1, 2)
        assert after.format.components[0].bits == bits
        share = (luma_of(after) / (1 << (bits - 8)) - 16) / 219
        assert np.abs(share - before / 255).mean() < (1 / 219 if codec == "ffv1" else 0.012)


@pytest.mark.parametrize(("matrix", "told"), [(8, 2), (9, 9), (5, 5)])
def test_the_matrix_that_is_told_is_that_of_the_colors(
    tiny: Colorizer, tmp_path: Path, matrix: int, told: int
) -> None:
    """Chroma is computed by none such as YCgCo, as which players would show it in other colors."""
    source = write_film(tmp_path / "a.mp4", gray_frames(3), tags={"colorspace": matrix})
    with av.open(str(source)) as film:
        assert film.streams.video[0].codec_context.colorspace == matrix
    colorize(source, tmp_path / "b.mp4", colorizer=tiny)
    assert int(decoded(tmp_path / "b.mp4")[0].colorspace) == told


def test_limited_range_is_told_where_no_colors_are(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(3), tags={"color_range": 1}, codec="ffv1")
    colorize(source, tmp_path / "b.mp4", colorizer=tiny)
    with av.open(str(tmp_path / "b.mp4"), "r") as film:
        assert film.streams.video[0].codec_context.color_range == 1


@pytest.mark.skipif(not TABLE.exists(), reason="an sdist has no benchmarks")
@pytest.mark.skipif(
    not (shutil.which("ffprobe") and shutil.which("ffmpeg")), reason="they are not installed"
)
@pytest.mark.parametrize(
    "case",
    [
        "mp4 H.264",
        "mkv FFV1",
        "avi MPEG-4",
        "mov, times that vary",
        "mkv, 10 bits",
        "mp4, turned",
        "mkv, subtitles",
        "mkv, chapters",
    ],
)
def test_ffprobe_tells_the_same_of_the_result(tiny: Colorizer, tmp_path: Path, case: str) -> None:
    """All cases of the table: `benchmarks/video/containers.py`."""
    table = runpy.run_path(str(TABLE))
    result = table["compared"](table["CASES"][case], tmp_path, tiny)
    assert not result["unexpected"], result["differs"]


@pytest.mark.parametrize("name", ["a.avi", "a.mkv"])
def test_stereo_that_is_not_told_is_written_to_mp4(
    name: str, tiny: Colorizer, tmp_path: Path
) -> None:
    """MP4 has to tell it, and was refused when all frames were colored."""
    made: dict[str, Any] = {"codec": "ffv1", "base": Fraction(1, 25), "pts": range(5)}
    source = write_film(tmp_path / name, gray_frames(5), sound="pcm_s16le", layout="stereo", **made)
    colorize(source, tmp_path / "b.mp4", colorizer=tiny)
    heard, before = (packets(path, "audio") for path in (tmp_path / "b.mp4", source))
    assert b"".join(sound for _, sound in heard) == b"".join(sound for _, sound in before)
    with av.open(str(tmp_path / "b.mp4")) as film:
        assert film.streams.audio[0].layout.name == "stereo"


def test_raw_dv_has_the_rate_of_its_frames(tiny: Colorizer, tmp_path: Path) -> None:
    """FFmpeg takes the ticks of its clock for it."""
    made: dict[str, Any] = {"codec": "dvvideo", "base": Fraction(1, 25), "pts": range(5)}
    frames = gray_frames(5, 720, 576)
    source = write_film(tmp_path / "a.dv", frames, sound="pcm_s16le", layout="stereo", **made)
    assert about(source).rate == 25
    colorize(source, tmp_path / "b.mp4", colorizer=tiny)
    assert about(tmp_path / "b.mp4").rate == 25
    assert len(decoded(tmp_path / "b.mp4")) == len(decoded(source))


def test_an_avi_of_twice_the_rate_is_whole(tiny: Colorizer, tmp_path: Path) -> None:
    """As FFmpeg makes it of a MOV: every other of its frames is empty, also the last."""
    base, pts = Fraction(1, 50), range(0, 20, 2)
    source = write_film(tmp_path / "a.avi", gray_frames(10), codec="mpeg4", base=base, pts=pts)
    with av.open(str(source)) as film:
        assert film.streams.video[0].frames == 20
    assert colorize(source, tmp_path / "b.mp4", colorizer=tiny).frames == 10


def test_a_container_that_holds_the_sound_is_named(tiny: Colorizer, tmp_path: Path) -> None:
    frames = gray_frames(5)
    made: dict[str, Any] = {"base": Fraction(1, 25), "pts": range(5)}
    source = write_film(tmp_path / "a.avi", frames, codec="mpeg4", sound="adpcm_ms", **made)
    with pytest.raises(OptionError, match=r"matroska cannot hold its adpcm_ms sound; use \.avi"):
        colorize(source, tmp_path / "b.mkv", colorizer=tiny)
    source = write_film(tmp_path / "a.nut", frames, codec="mpeg4", sound="pcm_s8")
    with pytest.raises(OptionError, match="matroska cannot hold its pcm_s8 sound; use"):
        colorize(source, tmp_path / "b.mkv", colorizer=tiny)


@pytest.mark.parametrize("codec", ["pcm_s16le", "libmp3lame"])
def test_sound_that_begins_late_is_not_early_in_avi(
    tiny: Colorizer, tmp_path: Path, codec: str
) -> None:
    whole = write_film(tmp_path / "a.mkv", gray_frames(25), codec="mpeg4", sound=codec)
    source = tmp_path / "late.mkv"
    with av.open(str(whole)) as film, av.open(str(source), "w") as result:
        streams = [result.add_stream_from_template(s, opaque=True) for s in film.streams]
        for packet in film.demux():
            if packet.dts is not None and (packet.stream_index == 0 or packet.dts > 500):
                packet.stream = streams[packet.stream_index]
                result.mux(packet)
    with pytest.raises(OptionError, match=r"0\.5 s early in avi.*; use \.mkv") as raised:
        colorize(source, tmp_path / "b.avi", colorizer=tiny)
    assert raised.value.remedy == "use .mkv or .mp4"
    assert list(tmp_path.glob("b.avi*")) == []
    colorize(whole, tmp_path / "b.avi", colorizer=tiny)


def test_a_container_that_cannot_hold_the_sound_is_no_remedy(
    tiny: Colorizer, tmp_path: Path
) -> None:
    """AVI alone can be written with such sound, and it holds no times."""
    pts = [0, 40, 80, 157, 160, 200]
    options: Any = {"pts": pts, "base": Fraction(1, 1000), "sound": "adpcm_ms"}
    source = write_film(tmp_path / "a.wmv", gray_frames(6), codec="wmv2", **options)
    with pytest.raises(OptionError, match="cannot hold its adpcm_ms sound") as raised:
        colorize(source, tmp_path / "b.mkv", colorizer=tiny)
    assert raised.value.remedy == "use .avi, which can"
    with pytest.raises(OptionError, match="variable frame rate") as raised:
        colorize(source, tmp_path / "b.avi", colorizer=tiny)
    assert raised.value.remedy == "convert its sound, and use .mkv or .mp4"


@pytest.mark.parametrize("end", [None, 1.0])
def test_the_last_frame_of_a_varying_rate_is_shown_as_long(
    tiny: Colorizer, tmp_path: Path, end: float | None
) -> None:
    pts = [0, 1, 2, 9, 10, 14, 15, 29, 30]
    times = [number * 512 for number in pts]
    source = write_film(tmp_path / "a.mp4", gray_frames(9), pts=times, options={"bf": "0"})
    with av.open(str(source)) as film:
        lasts = (film.streams.video[0].duration or 0) - times[-1]
    assert 0 < lasts <= 512
    colorize(source, tmp_path / "b.mp4", colorizer=tiny, options=FilmOptions(end=end))
    film_bytes = (tmp_path / "b.mp4").read_bytes()
    edit = film_bytes.index(b"elst") + 12  # its only edit lasts so many thousandths of a second
    milliseconds = int.from_bytes(film_bytes[edit : edit + 4])
    ends = times[-1] + lasts if end is None else times[7]
    assert abs(milliseconds - Fraction(ends, 12800) * 1000) <= 1
    assert len(decoded(tmp_path / "b.mp4")) == (9 if end is None else 7)


def test_tags_of_phones_are_kept_or_told(tiny: Colorizer, tmp_path: Path) -> None:
    source, place = tmp_path / "a.mov", "com.apple.quicktime.location.ISO6709"
    with av.open(str(source), "w", options={"movflags": "use_metadata_tags"}) as film:
        stream: Any = film.add_stream("mpeg4", rate=25)
        stream.height, stream.width = 48, 64
        film.metadata.update({place: "+52.5+013.4/", "title": "a film"})
        for luma in gray_frames(3):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(luma, format="gray")))
        film.mux(stream.encode(None))
    assert not colorize(source, tmp_path / "b.mov", colorizer=tiny).notices
    with av.open(str(tmp_path / "b.mov")) as film:
        assert (film.metadata[place], film.metadata["title"]) == ("+52.5+013.4/", "a film")
    provenance = about(tmp_path / "b.mov").provenance
    assert provenance is not None
    (told,) = colorize(source, tmp_path / "b.mp4", colorizer=tiny).notices
    assert told.code == "tags-left-out"
    assert told.text == f"has tags that mp4 cannot hold, which are left out: {place}"


def test_data_that_is_left_out_is_told(tiny: Colorizer, tmp_path: Path) -> None:
    """As cameras store their places; titles of chapters, which MP4 stores so, are kept."""
    source = tmp_path / "a.ts"
    with av.open(str(source), "w") as film:
        stream: Any = film.add_stream("mpeg2video", rate=25)
        stream.height, stream.width = 48, 64
        data = film.add_data_stream("bin_data")
        for number, luma in enumerate(gray_frames(12)):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(luma, format="gray")))
            told = av.Packet(b"52.5 N, 13.4 E")
            told.stream, told.pts, told.dts = data, number * 3600, number * 3600
            film.mux(told)
        film.mux(stream.encode(None))
    (notice,) = colorize(source, tmp_path / "b.mp4", colorizer=tiny).notices
    assert notice.code == "streams-left-out"
    assert notice.text == "has data beside pictures and sound, left out (1 stream)"
    source = write_film(tmp_path / "c.mp4", gray_frames(12), chapters=True)
    with av.open(str(source)) as film:
        assert len(film.streams.data) == 1
    assert not colorize(source, tmp_path / "d.mp4", colorizer=tiny).notices


@pytest.mark.parametrize("pixel_format", ["uyvy422", "rgb24"])
def test_interlaced_films_without_compression(
    tiny: Colorizer, tmp_path: Path, pixel_format: str
) -> None:
    """As capture cards write them: the filter gives their frames another format."""
    source, frames = tmp_path / "a.mov", gray_frames(8, width=96)
    with av.open(str(source), "w") as film:
        stream: Any = film.add_stream("rawvideo", rate=25)
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt, stream.codec_context.field_order = pixel_format, 2  # the top field first
        for luma in frames:
            frame = av.VideoFrame.from_ndarray(luma, format="gray").reformat(format=pixel_format)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    report = colorize(source, tmp_path / "b.mp4", colorizer=tiny)
    assert [notice.code for notice in report.notices] == ["deinterlaced"]
    for before, after in zip(frames, decoded(tmp_path / "b.mp4"), strict=True):
        first_field = (luma_of(after)[::2].astype(float) - 16) / 219 - before[::2] / 255
        assert np.abs(first_field).mean() < 0.02


def test_a_tag_that_says_nothing_is_not_missed(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(3))
    before = source.read_bytes()
    assert before.count(b"a film") == 1
    source.write_bytes(before.replace(b"a film", bytes(6)))
    with av.open(str(source)) as film:
        assert film.metadata["title"] == ""
    assert not colorize(source, tmp_path / "b.mp4", colorizer=tiny).notices


@pytest.mark.parametrize("sound", ["libmp3lame", "ac3", "aac"])
def test_sound_from_one_avi_is_as_long_in_another(
    tiny: Colorizer, tmp_path: Path, sound: str
) -> None:
    """FFmpeg's programs played a tenth of AC-3, and a quarter of AAC."""
    made: dict[str, Any] = {"codec": "mpeg4", "base": Fraction(1, 25), "pts": range(25)}
    source = write_film(tmp_path / "a.avi", gray_frames(25), sound=sound, layout="stereo", **made)
    colorize(source, tmp_path / "b.avi", colorizer=tiny)
    assert packets(tmp_path / "b.avi", "audio") == packets(source, "audio")
    with av.open(str(source)) as before, av.open(str(tmp_path / "b.avi")) as after:
        old, new = (film.streams.audio[0] for film in (before, after))
        assert new.frames == old.frames
        assert new.codec_context.bit_rate == old.codec_context.bit_rate
