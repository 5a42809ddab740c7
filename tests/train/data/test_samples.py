from __future__ import annotations

import errno
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from colornet.errors import DataError
from colornet.train.data.samples import Sample, decode_rgb8, iter_samples

MakePictures = Callable[..., Path]


def pack(folder: Path, path: Path) -> Path:
    with tarfile.open(path, "w") as tar:
        for file in sorted(folder.rglob("*.png"), reverse=True):
            tar.add(file, str(file.relative_to(folder)))
    return path


def test_a_folder_and_its_tar_file_hold_the_same(make_pictures: MakePictures) -> None:
    folder = make_pictures("set", ["cat", "dog"], 3)
    tar = pack(folder, folder.with_suffix(".tar"))
    assert list(iter_samples(folder)) == list(iter_samples(tar))
    assert [s.key for s in iter_samples(folder)][:2] == ["cat/00.png", "cat/01.png"]


def test_pictures_in_no_folder_are_faces(make_pictures: MakePictures) -> None:
    folder = make_pictures("set", ["."], 2)
    assert {s.class_name for s in iter_samples(folder)} == {"faces"}


def test_decoding_turns_the_picture_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    Image.new("RGB", (20, 10), "red").save(tmp_path / "a.jpg", exif=exif)
    (sample,) = iter_samples(tmp_path)
    assert decode_rgb8(sample).shape == (20, 10, 3)


def test_what_cannot_be_read_in_a_folder_is_no_picture(make_pictures: MakePictures) -> None:
    folder = make_pictures("set", ["cat"], 1) / "cat"
    (folder / "folder.jpg").mkdir()
    (folder / "nowhere.jpg").symlink_to("missing")
    (folder / "round.jpg").symlink_to("round.jpg")
    os.mkfifo(folder / "pipe.jpg")
    samples = list(iter_samples(folder.parent))
    assert [sample.key for sample in samples] == [
        *("cat/00.png", "cat/nowhere.jpg", "cat/pipe.jpg", "cat/round.jpg")
    ]
    for sample in samples[1:]:
        with pytest.raises(DataError, match="is not a picture, or a damaged one"):
            decode_rgb8(sample)


def test_a_folder_that_cannot_be_read_is_an_error(
    make_pictures: MakePictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pictures would be missing in silence. Root may read everything: the system is told no."""
    folder = make_pictures("set", ["cats", "dogs"], 1)
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "dogs":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"dogs: cannot be read .*; allow reading the folder"):
        list(iter_samples(folder))


def test_damage_that_pillow_has_other_errors_for_is_no_picture() -> None:
    """A struct.error of odd EXIF and a RuntimeError of AVIF, each of which would end a training."""
    picture, file = Image.new("RGB", (24, 32), "teal"), io.BytesIO()
    exif = Image.Exif()
    exif[274], exif[270] = 6, "hello"
    picture.save(file, "JPEG", exif=exif)
    odd = file.getvalue().replace(b"\1\x0e\0\2", b"\1\0\0\2")  # a width that is a text
    file = io.BytesIO()
    picture.save(file, "AVIF")
    lost = file.getvalue().replace(b"pitm", b"????")  # which of its items is the picture
    for data in (odd, lost):
        with pytest.raises(DataError, match="is not a picture, or a damaged one"):
            decode_rgb8(Sample("a/b.jpg", "a", data))
