"""What is written beside a colored film: its contact sheet and its subtitles."""

from __future__ import annotations

import errno
import io
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from colornet import Colorizer, Guidance, OptionError
from colornet.errors import UnwritableFilm
from colornet.video import (
    FilmGuidance,
    FilmOptions,
    Progress,
    ShotGuidance,
    colorize,
)
from colornet.video.about import about
from colornet.video.sheet import Sheet
from colornet.video.supported import supported
from colornet.whole_files import whole_file
from tests.full_disk import full_disk
from tests.video.films import begin, color, gray_frames, packets, write_film


def test_a_sheet_replaces_nothing_unasked(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(3))
    film = source.read_bytes()
    mine = tmp_path / "mine.jpg"
    mine.write_bytes(b"mine")
    output = tmp_path / "b.mp4"
    link = tmp_path / "link.jpg"
    link.symlink_to(source)
    with pytest.raises(OptionError, match=r"link\.jpg: is the film itself"):
        color(tiny, source, output, sheet=link, overwrite=True)
    link.unlink()
    link.symlink_to(mine)  # a reference, of the film or of a shot
    told = Guidance(reference=mine)
    for guidance in (FilmGuidance(told), FilmGuidance(shots=(ShotGuidance(0, told),))):
        options = FilmOptions(sheet=link, overwrite=True)
        with pytest.raises(OptionError, match=r"link\.jpg: is a reference"):
            colorize(source, output, guidance, colorizer=tiny, options=options)
    link.unlink()
    link.symlink_to(output)  # which is not there yet
    with pytest.raises(UnwritableFilm, match=r"link\.jpg: already exists"):
        color(tiny, source, output, sheet=link)
    link.unlink()
    output.symlink_to(tmp_path / "nowhere.mp4")
    with pytest.raises(UnwritableFilm, match=r"b\.mp4: already exists"):
        color(tiny, source, output)
    output.unlink()
    with pytest.raises(UnwritableFilm, match=r"mine\.jpg: already exists"):
        color(tiny, source, output, sheet=mine)
    with pytest.raises(UnwritableFilm, match="its folder does not exist"):
        color(tiny, source, output, sheet=tmp_path / "no/s.jpg")
    folder = tmp_path / "folder.png"
    folder.mkdir()
    with pytest.raises(UnwritableFilm, match="is a folder; name a file"):
        color(tiny, source, output, sheet=folder, overwrite=True)
    assert (source.read_bytes(), mine.read_bytes()) == (film, b"mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "folder.png", "mine.jpg"]
    color(tiny, source, output, sheet=str(mine), overwrite=True)
    assert mine.read_bytes()[:2] == b"\xff\xd8"  # a JPEG


@pytest.mark.parametrize(("name", "format"), [("s.PNG", "PNG"), ("s.jpeg", "JPEG")])
def test_a_sheet_is_what_its_suffix_says(
    name: str, format: str, tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(3))
    color(tiny, source, tmp_path / "b.mp4", sheet=tmp_path / name)
    with Image.open(tmp_path / name) as sheet:
        assert sheet.format == format


@pytest.mark.parametrize("name", ["s.gif", "s", "b.mp4", "/dev/null"])
def test_a_sheet_of_another_kind_is_refused_first(name: str) -> None:
    with pytest.raises(OptionError, match=r"is not the name of a sheet; end it in \.jpg or \.png"):
        FilmOptions(sheet=Path(name))


def test_a_sheet_of_upright_frames_has_room_for_fewer_shots(tmp_path: Path) -> None:
    """A JPEG of 200 rows would be taller than one can be; the last row is still the last."""
    sheet = Sheet(tmp_path, list(range(0, 600, 3)), 600)
    for number in range(600):
        Image.new("L", (2, 425), number % 256).save(tmp_path / f"sheet-{number:07d}.png")
    with Image.open(io.BytesIO(sheet.drawn("JPEG"))) as drawn:
        assert drawn.height == 152 * (425 + 4) + 4
        assert drawn.convert("L").getpixel((5, drawn.height - 200)) == pytest.approx(
            597 % 256, abs=6
        )


def test_a_sheet_has_frames_of_every_run(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(120, cuts=(60,)), codec="ffv1")
    begin(tiny, source, tmp_path / "b.mkv")
    with pytest.raises(UnwritableFilm, match="was begun with other options"):
        color(tiny, source, tmp_path / "b.mkv", sheet=tmp_path / "s.jpg")
    assert color(tiny, source, tmp_path / "b.mkv").resumed == 60
    (tmp_path / "b.mkv").unlink()
    begin(tiny, source, tmp_path / "b.mkv", sheet=tmp_path / "s.jpg")
    assert color(tiny, source, tmp_path / "b.mkv", sheet=tmp_path / "t.jpg").resumed == 60
    with Image.open(tmp_path / "t.jpg") as sheet:
        assert np.asarray(sheet).std() > 20


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_who_may_not_read_a_film_cannot_read_its_successor(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(12))
    output = tmp_path / "b.mp4"
    output.touch(0o600)
    seen = set()

    def see(now: Progress) -> None:
        seen.add((tmp_path / "b.mp4.colornet").stat().st_mode & 0o777)

    colorize(source, output, colorizer=tiny, options=FilmOptions(overwrite=True), progress=see)
    assert seen == {0o700}
    assert output.stat().st_mode & 0o777 == 0o600
    assert output.stat().st_size


def test_a_full_disk_under_the_frames_of_a_sheet_is_an_error_of_the_film(
    tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mp4", gray_frames(12))
    with full_disk(2000), pytest.raises(UnwritableFilm, match=r"sheet-\d+\.png: cannot be written"):
        color(tiny, source, tmp_path / "b.mp4", sheet=tmp_path / "s.png")
    color(tiny, source, tmp_path / "b.mp4", sheet=tmp_path / "s.png")  # goes on with it
    assert (tmp_path / "s.png").is_file()


def test_subtitles_beside_replace_nothing_unasked(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(8), subtitles=True)
    (tmp_path / "b.srt").write_text("mine")
    with pytest.raises(UnwritableFilm, match=r"b\.srt: already exists"):
        color(tiny, source, tmp_path / "b.mp4")
    assert (tmp_path / "b.srt").read_text() == "mine"
    report = color(tiny, source, tmp_path / "b.mp4", overwrite=True)
    assert report.beside == (tmp_path / "b.srt",)
    assert "subtitles-beside" in {notice.code for notice in report.notices}
    assert "a line of text" in (tmp_path / "b.srt").read_text()


def test_where_the_sheet_fails_no_subtitles_are_left(
    tiny: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With them, the same command would be refused, as they are there."""
    source = write_film(tmp_path / "a.mkv", gray_frames(8), subtitles=True)

    def full(sheet: Sheet, format: str) -> bytes:
        raise OSError(errno.ENOSPC, "no space left on device")

    drawn = Sheet.drawn
    monkeypatch.setattr(Sheet, "drawn", full)
    with pytest.raises(UnwritableFilm, match=r"s\.jpg: cannot be written"):
        color(tiny, source, tmp_path / "b.mp4", sheet=tmp_path / "s.jpg")
    assert not (tmp_path / "b.srt").exists()
    monkeypatch.setattr(Sheet, "drawn", drawn)
    report = color(tiny, source, tmp_path / "b.mp4", sheet=tmp_path / "s.jpg")
    assert (report.resumed, report.beside) == (8, (tmp_path / "b.srt",))


def test_a_sheet_that_another_process_writes_is_an_error_of_the_film(
    tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(3))
    told = (
        r"s\.jpg: is being written by another process; wait for its end, and color the film again"
    )
    with whole_file(tmp_path / "s.jpg"), pytest.raises(UnwritableFilm, match=told):
        color(tiny, source, tmp_path / "b.mkv", sheet=tmp_path / "s.jpg", overwrite=True)
    report = color(tiny, source, tmp_path / "b.mkv", sheet=tmp_path / "s.jpg", overwrite=True)
    assert report.resumed == 3


def test_subtitles_beside_never_replace_the_film(tiny: Colorizer, tmp_path: Path) -> None:
    """FFmpeg knows a film by its content, whatever its name is."""
    source = write_film(tmp_path / "a.mkv", gray_frames(3), subtitles=True)
    source = source.rename(tmp_path / "b.srt")
    film = source.read_bytes()
    with pytest.raises(OptionError, match=r"b\.srt: is the film itself"):
        color(tiny, source, tmp_path / "b.mp4", overwrite=True)
    assert source.read_bytes() == film


def test_a_sheet_of_many_shots_opens_one_frame_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """macOS lets a process have 256 files open, unless it is told to allow more."""
    sheet = Sheet(tmp_path, list(range(0, 90, 3)), 90)
    for number in range(90):
        Image.new("RGB", (8, 6), (number, 0, 0)).save(tmp_path / f"sheet-{number:07d}.png")
    opened: list[Any] = []
    really = Image.open

    def counted(path: Path) -> Image.Image:
        assert all(image.fp is None for image in opened)
        opened.append(really(path))
        return opened[-1]

    monkeypatch.setattr(Image, "open", counted)
    drawn = sheet.drawn("PNG")
    assert len(opened) >= 90
    with really(io.BytesIO(drawn)) as whole:
        assert whole.size == (3 * (8 + 4) + 4, 30 * (6 + 4) + 4)


def test_subtitles_beside_begin_with_the_part(tiny: Colorizer, tmp_path: Path) -> None:
    """The line is shown from 0.04 s on."""
    source = write_film(tmp_path / "a.mkv", gray_frames(20), subtitles=True)
    color(tiny, source, tmp_path / "b.mp4", start=0.04)
    assert "00:00:00,000 --> 00:00:00,100" in (tmp_path / "b.srt").read_text()
    color(tiny, source, tmp_path / "c.mp4", start=0.4)
    assert "a line of text" not in (tmp_path / "c.srt").read_text()


def test_two_processes_do_not_write_the_same_film(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(10), codec="ffv1")

    def another(now: Progress) -> None:
        with pytest.raises(UnwritableFilm, match=r"b\.mkv: is being written by another process"):
            color(tiny, source, tmp_path / "b.mkv")

    colorize(source, tmp_path / "b.mkv", colorizer=tiny, progress=another)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "b.mkv"]


def test_what_a_container_takes_is_known_by_the_names_of_what_is_coded() -> None:
    """FFmpeg's decoder of DTS is `dca`, and that of subtitles of DVDs `dvdsub`."""
    kinds = {"dts", "dvd_subtitle", "dvb_subtitle", "hdmv_pgs_subtitle", "aac", "subrip"}
    assert kinds <= supported("matroska")
    assert not supported("webm") & {"dts", "dvd_subtitle", "aac"}


def test_dts_stays_in_matroska(tiny: Colorizer, tmp_path: Path) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(20), sound="mp2")
    mp2, dts = b"\x86\x89A_MPEG/L2", b"\x86\x85A_DTS\xec\x82\0\0"  # RFC 9559: CodecID, Void
    source.write_bytes(source.read_bytes().replace(mp2, dts, 1))
    assert about(source).sound == ("dts",)
    color(tiny, source, tmp_path / "b.mkv")
    assert packets(tmp_path / "b.mkv", "audio") == packets(source, "audio")


def test_a_cover_is_told_to_be_left_out(tiny: Colorizer, tmp_path: Path) -> None:
    plain, source, stored = (
        write_film(tmp_path / "plain.mp4", gray_frames(4)),
        "a.mp4",
        io.BytesIO(),
    )
    Image.new("RGB", (64, 64), "red").save(stored, "JPEG")
    with av.open(str(plain)) as film, av.open(str(tmp_path / source), "w") as result:
        frames = result.add_stream_from_template(film.streams.video[0])
        cover: Any = result.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 64
        cover.pix_fmt, cover.disposition = "yuvj420p", Disposition.attached_pic
        picture = av.Packet(stored.getvalue())
        picture.stream, picture.pts, picture.dts, picture.time_base = cover, 0, 0, Fraction(1)
        result.mux(picture)
        for packet in film.demux():
            if packet.dts is not None:
                packet.stream = frames
                result.mux(packet)
    report = color(tiny, tmp_path / source, tmp_path / "b.mp4")
    assert [notice.text for notice in report.notices] == ["has a cover, which is left out"]


@pytest.mark.parametrize("name", ["b.mkv", "b.mp4"])  # in the film, and beside it
def test_a_line_that_is_shown_already_is_in_a_part(
    name: str, tiny: Colorizer, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "a.mkv", gray_frames(10), codec="ffv1", subtitles=True)
    color(tiny, source, tmp_path / name, start=0.08)
    path = tmp_path / name if name == "b.mkv" else tmp_path / "b.srt"
    with av.open(str(path)) as film:
        lines = [packet for packet in film.demux(subtitles=0) if packet.pts is not None]
        times = [(p.pts * p.time_base, p.duration * p.time_base) for p in lines]  # type: ignore[operator]
    assert times == [(0, Fraction(60, 1000))]
    color(tiny, source, tmp_path / "c.mp4", start=0.16)  # after its end
    assert (tmp_path / "c.srt").read_bytes() == b""
