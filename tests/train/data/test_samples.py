from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from colornet.train.data.samples import decode_rgb8, iter_samples

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
