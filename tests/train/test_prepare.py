import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet.cli.app import main
from colornet.errors import DataError, UnwritablePicture
from colornet.train.prepare import (
    TEST_SHARE_RANGE,
    Split,
    choose_clusters,
    choose_random,
    prepare,
)

PICTURES = 20


@pytest.fixture
def faces(tmp_path):
    """Twenty ellipses, each a face of another color."""
    folder = tmp_path / "face_images"
    folder.mkdir()
    for number in range(PICTURES):
        draw_face(folder / f"image{number:05}.jpg", number)
    return folder


def draw_face(path: Path, number: int) -> None:
    y, x = np.mgrid[-1:1:48j, -1:1:48j]
    skin = np.random.default_rng(number).integers(60, 255, 3)
    face = (x * x * 2 + y * y < 0.8)[..., None]
    Image.fromarray(np.where(face, skin, 255 - skin).astype(np.uint8)).save(path, quality=95)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_makes_the_documents_folders(faces, tmp_path):
    work = tmp_path / "work"
    split = prepare(faces, work)
    assert split.counts == {"test_data": 2, "train_data": 18, "aug_images": 180}
    assert {p.name for p in work.iterdir()} == {*split.counts, "split.json"}
    for folder, count in split.counts.items():
        assert [p.name for p in (work / folder).iterdir()] == ["faces"]
        assert len(files(work / folder / "faces")) == count
    originals = files(work / "test_data/faces") | files(work / "train_data/faces")
    assert originals == files(faces)
    assert Split.from_file(work / "split.json") == split
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_augmented_pictures_tell_where_they_come_from(faces, tmp_path):
    prepare(faces, tmp_path / "work", copies=3)
    stems = [p.stem for p in (tmp_path / "work/train_data/faces").iterdir()]
    augmented = list((tmp_path / "work/aug_images/faces").iterdir())
    assert {p.name for p in augmented} == {f"{stem}-{n}.jpg" for stem in stems for n in range(3)}
    for path in augmented:
        with Image.open(path) as picture:
            assert picture.size == (48, 48)


def test_the_same_seed_makes_the_same_files(faces, tmp_path):
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        prepare(faces, tmp_path / name, seed=seed, copies=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "one") != files(tmp_path / "three")


def test_keeps_class_folders_and_reads_tar_files(tmp_path):
    classed = tmp_path / "classed"
    for name in ("female", "male"):
        (classed / name).mkdir(parents=True)
        for number in range(10):
            draw_face(classed / name / f"{number}.png", number)
    with tarfile.open(tmp_path / "faces.tar", "w") as tar:
        tar.add(classed, arcname=".")
    prepare(classed, tmp_path / "one", copies=1)
    prepare(tmp_path / "faces.tar", tmp_path / "two", copies=1)
    for folder in ("test_data", "train_data", "aug_images"):
        assert {p.name for p in (tmp_path / "one" / folder).iterdir()} == {"female", "male"}
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_single_class_folder_is_no_class(faces, tmp_path):
    beside = tmp_path / "set"
    beside.mkdir()
    faces.rename(beside / "face_images")
    prepare(beside, tmp_path / "work", copies=1)
    assert [p.name for p in (tmp_path / "work/train_data").iterdir()] == ["faces"]


def test_by_person_moves_whole_clusters(faces, tmp_path):
    for number in range(PICTURES, 60):
        draw_face(faces / f"image{number:05}.jpg", number)
    split = prepare(faces, tmp_path / "work", by_person=True, copies=1)
    assert split.clusters is not None
    assert sum(map(len, split.clusters)) == 60
    for keys in split.clusters:
        assert len(set(keys) & set(split.test)) in (0, len(keys))
    least, most = TEST_SHARE_RANGE
    assert least <= split.counts["test_data"] / 60 <= most


def test_never_overwrites(faces, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="not empty"):
        prepare(faces, work)
    assert files(work) == {"mine.txt": b"mine"}
    (work / "mine.txt").unlink()
    prepare(faces, work, copies=1)  # an empty folder is fine


def test_a_run_that_was_ended_leaves_nothing(faces, tmp_path, monkeypatch):
    work = tmp_path / "work"

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Split, "to_file", die)
        with pytest.raises(KeyboardInterrupt):
            prepare(faces, work, copies=1)
    assert not list(tmp_path.glob(".work.*"))
    assert not work.exists()


def test_one_process_at_a_time_prepares_a_folder(faces, tmp_path, monkeypatch):
    def meanwhile(split, path):
        monkeypatch.undo()
        with pytest.raises(UnwritablePicture, match="work: is being written by another process"):
            prepare(faces, tmp_path / "work", copies=1)
        split.to_file(path)

    monkeypatch.setattr(Split, "to_file", meanwhile)
    split = prepare(faces, tmp_path / "work", copies=1)
    assert len(list(tmp_path.glob("work/aug_images/*/*"))) == split.counts["aug_images"]
    assert not list(tmp_path.glob(".work.*"))


def test_unreadable_pictures_are_left_out_and_named(faces, tmp_path, capsys):
    whole = (faces / "image00000.jpg").read_bytes()
    (faces / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (faces / "text.jpg").write_text("not a picture")
    assert main(["prepare", str(faces), "-o", str(tmp_path / "work"), "--copies", "1"]) == 1
    out, err = capsys.readouterr()
    assert "truncated.jpg" in err
    assert "text.jpg" in err
    assert "18 pictures" in out
    split = json.loads((tmp_path / "work/split.json").read_text())
    assert len(split["left_out"]) == 2
    assert split["counts"]["train_data"] == 18


def test_the_command(faces, tmp_path, capsys):
    arguments = ["prepare", str(faces), "-o", str(tmp_path / "work"), "--copies", "1"]
    assert main(arguments) == 0
    assert "split by random" in capsys.readouterr().out
    assert main(arguments) == 1
    assert "not empty" in capsys.readouterr().err
    assert main([*arguments, "--encoder", "weights.npz"]) == 2


def test_too_few_pictures(faces, tmp_path):
    for path in sorted(faces.iterdir())[3:]:
        path.unlink()
    for by_person in (False, True):
        with pytest.raises(DataError, match="too few"):
            prepare(faces, tmp_path / "work", by_person=by_person)
    with pytest.raises(DataError, match="no such folder"):
        prepare(tmp_path / "missing", tmp_path / "new" / "work")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "work").exists()


def test_two_pictures_of_one_name_would_overwrite_each_other(faces, tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "png")
    (faces / "image00000.png").write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match="image00000"):
        prepare(faces, tmp_path / "work")


def test_a_random_tenth_is_drawn_evenly_from_the_classes():
    keys = [f"{name}/{number}.jpg" for name in ("a", "b", "c") for number in range(250)]
    test = choose_random(keys, 0)
    assert len(test) == 75
    assert all(sum(key.startswith(name) for key in test) == 25 for name in ("a", "b", "c"))
    assert choose_random(keys, 1) != test


def test_clusters_are_drawn_from_the_clearest():
    clusters = [[f"{c}/{n}" for n in range(15)] for c in range(50)]
    drawn = [choose_clusters(clusters, 750, seed) for seed in range(5)]
    assert all(len(test) == 75 for test in drawn)
    assert all(int(key.split("/")[0]) < 14 for test in drawn for key in test)
    assert len(set(map(frozenset, drawn))) > 1
    with pytest.raises(DataError, match="too few"):
        choose_clusters([clusters[0], clusters[1]], 30, 0)
