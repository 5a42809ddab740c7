"""Films that are damaged or badly joined: what can be read of them, at the right times."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from colornet import Colorizer
from colornet.errors import UnreadableFilm
from colornet.video import join
from colornet.video.about import about
from colornet.video.packets import move, wanted
from colornet.video.source import Source
from tests.video.films import color, decoded, gray_frames, luma_of, packets, write_film

MPEG = {"container": "mpegts", "sound": "mp2", "base": Fraction(1, 90000)}
STEP = 3600
"""A frame at 25 a second, in such a film."""


def later(path: Path, seconds: int) -> Path:
    """The same film, all of it so much later."""
    other = path.with_stem(f"{path.stem}-later")
    with av.open(str(path)) as film, av.open(str(other), "w") as result:
        streams = [result.add_stream_from_template(stream) for stream in film.streams]
        for packet in film.demux():
            if packet.dts is not None:
                move(packet, Fraction(seconds))
                packet.stream = streams[packet.stream_index]
                result.mux(packet)
    return other


@pytest.mark.parametrize("late", [0.0, 0.02, 500.0])
def test_recordings_that_were_joined_go_on(tiny: Colorizer, tmp_path: Path, late: float) -> None:
    """The second begins at 0 again, or half a frame later, or minutes after the first."""
    frames, joined = gray_frames(100, cuts=(50,)), b""
    for name, part in (("a", frames[:50]), ("b", frames[50:])):
        half = STEP // 2 * (name == "b" and 0 < late < 1)
        pts = [STEP * number + half for number in range(50)]
        path = write_film(tmp_path / f"{name}.ts", part, pts=pts, **MPEG)  # type: ignore[arg-type]
        joined += (later(path, 500) if name == "b" and late > 1 else path).read_bytes()
    source = tmp_path / "joined.ts"
    source.write_bytes(joined)
    report = color(tiny, source, tmp_path / "c.mp4", jobs=2)
    codes = {notice.code for notice in report.notices}
    assert "times-joined" in codes
    assert "frames-missing" not in codes
    colored = decoded(tmp_path / "c.mp4")
    for before, after in zip(frames, colored, strict=True):  # in their order
        assert np.abs(luma_of(after).astype(int) - before).mean() < 6
    times = [float(frame.time or 0) for frame in colored]
    assert 3.9 < times[-1] - times[0] < 4.2
    heard = [float(time) for time, _ in packets(tmp_path / "c.mp4", "audio")]
    second = heard[len(packets(tmp_path / "a.ts", "audio"))]
    assert abs((times[50] - times[0] - late % 1) - (second - heard[0])) < 0.001


def test_what_follows_damage_is_colored(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(120, cuts=(60,)), options={"g": "10"})
    film = bytearray(source.read_bytes())
    film[len(film) // 3 : len(film) // 3 + 400] = bytes(400)
    source.write_bytes(film)
    with pytest.raises(UnreadableFilm, match=r"cannot be decoded after \d\d frames"):
        color(tiny, source, tmp_path / "b.mkv")
    report = color(tiny, source, tmp_path / "b.mkv", partial=True, jobs=2)
    assert "film-damaged" in {notice.code for notice in report.notices}
    assert 90 < report.frames <= 120
    colored = decoded(tmp_path / "b.mkv")
    assert float(colored[-1].time or 0) == pytest.approx(119 / 25)
    last = np.abs(luma_of(colored[-1]).astype(int) - gray_frames(120, cuts=(60,))[-1])
    assert last.mean() < 5


def test_frames_that_are_lost_with_all_their_packets_are_told(
    tiny: Colorizer, tmp_path: Path
) -> None:
    """Nothing that is left of the film is damaged."""
    film = write_film(tmp_path / "a.ts", gray_frames(20), **MPEG).read_bytes()  # type: ignore[arg-type]
    parts = [film[at : at + 188] for at in range(0, len(film), 188)]
    seen = [k for k, part in enumerate(parts) if int.from_bytes(part[1:3]) & 0x1FFF == 0x100]
    first, end = [k for k in seen if parts[k][1] & 0x40][10:12]  # those of one frame
    lost = {k for k in seen if first <= k < end}
    source = tmp_path / "b.ts"
    source.write_bytes(b"".join(part for k, part in enumerate(parts) if k not in lost))
    report = color(tiny, source, tmp_path / "c.mp4")
    assert report.frames == 19
    (told,) = [notice.text for notice in report.notices if notice.code == "frames-missing"]
    assert told == "lost data in 1 place, where frames may be missing"


def test_sound_that_goes_back_in_time(
    tiny: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(30), sound="aac")

    def damaged(*arguments: Any) -> Iterator[Any]:
        for number, packet in enumerate(wanted(*arguments)):
            move(packet, Fraction(-1, 20) if number % 9 == 5 else Fraction(0))
            yield packet

    monkeypatch.setattr(join, "wanted", damaged)
    color(tiny, source, tmp_path / "b.mp4")
    heard, before = (packets(path, "audio") for path in (tmp_path / "b.mp4", source))
    assert [content for _, content in heard] == [content for _, content in before]
    assert max(abs(a - b) for (a, _), (b, _) in zip(heard, before, strict=True)) < 0.05


@pytest.mark.parametrize("name", ["b.mp4", "b.mkv", "b.avi"])
def test_a_recording_with_the_clock_of_its_station_begins_at_0(
    name: str, tiny: Colorizer, tmp_path: Path
) -> None:
    source = later(write_film(tmp_path / "a.ts", gray_frames(20), **MPEG), 45_000)  # type: ignore[arg-type]
    assert Source(source).promised_frames == 20
    color(tiny, source, tmp_path / name)
    seen, heard = (packets(tmp_path / name, kind) for kind in ("video", "audio"))
    assert 0 <= min(seen[0][0], heard[0][0]) <= max(seen[0][0], heard[0][0]) < 0.1
    assert len(seen) == 20
    assert about(tmp_path / name).seconds == pytest.approx(0.8, abs=0.1)


def test_sound_before_the_film_is_not_heard(tiny: Colorizer, tmp_path: Path) -> None:
    """An edit list hides it, which other containers than MP4 do not have."""
    whole = write_film(tmp_path / "a.mp4", gray_frames(50), sound="aac", options={"g": "5"})
    source = later(whole, -1)
    with av.open(str(source)) as film:
        hidden = [packet for packet in film.demux(audio=0) if packet.is_discard]
    assert len(hidden) > 40
    color(tiny, source, tmp_path / "b.mkv")
    seen, heard = (packets(tmp_path / "b.mkv", kind) for kind in ("video", "audio"))
    assert len(seen) == 25
    assert 0 <= seen[0][0] - heard[0][0] <= Fraction(1, 10)


@pytest.mark.parametrize("name", ["b.mp4", "b.mkv"])
def test_a_clock_that_begins_anew_within_the_film(
    name: str, tiny: Colorizer, tmp_path: Path
) -> None:
    """The 33 bits of its 90,000ths of a second: what is before that is below 0."""
    whole = write_film(tmp_path / "a.ts", gray_frames(75), **MPEG)  # type: ignore[arg-type]
    source = later(whole, 95442)
    with av.open(str(source)) as film:
        assert (film.streams.video[0].start_time or 0) < 0
    color(tiny, source, tmp_path / name)
    color(tiny, whole, tmp_path / f"whole-{name}")
    for kind in ("video", "audio"):
        made, wanted_ = (packets(tmp_path / n, kind) for n in (name, f"whole-{name}"))
        assert len(made) == len(wanted_) > 70
        for (time, _), (other, _) in zip(made, wanted_, strict=True):
            assert abs(time - other) <= Fraction(2, 1000)


def test_a_part_is_found_by_the_clock_of_the_whole(tiny: Colorizer, tmp_path: Path) -> None:
    """Sound begins half a second before the pictures: that is where players begin."""
    pts = [STEP * number + 45_000 for number in range(60)]
    source = write_film(tmp_path / "a.ts", gray_frames(60), pts=pts, **MPEG)  # type: ignore[arg-type]
    color(tiny, source, tmp_path / "whole.mkv")
    color(tiny, source, tmp_path / "part.mkv", start=1.0, end=1.4)
    whole = decoded(tmp_path / "whole.mkv")
    shown = [luma_of(frame) for frame in whole if 0.999 <= (frame.time or 0) < 1.399]
    part = decoded(tmp_path / "part.mkv")
    assert len(shown) == len(part) == 10
    for before, after in zip(shown, part, strict=True):
        assert np.abs(luma_of(after).astype(int) - before).mean() < 2
