import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import color
from colornet.cli.app import main
from colornet.errors import (
    CheckpointError,
    DataError,
    ModelLacks,
    OptionError,
    UnwritablePicture,
)
from colornet.evaluation.evaluate import evaluate, to_gray
from colornet.evaluation.squeezenet import SqueezeNet
from colornet.train.config import Recipe
from colornet.train.run import train
from tests.evaluation import squeezenets


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes; one picture has no color, one is damaged, two differ only in their suffix."""
    folder = tmp_path_factory.mktemp("photographs")
    for name, rgb8 in {
        "people/astronaut.png": data.astronaut()[:120, 150:300],
        "things/cup.png": data.coffee()[100:200, 200:320],
        "things/cup.webp": data.coffee()[100:200, 100:200],
        "things/gray.png": data.camera()[:100, :100],
    }.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rgb8).save(path)
    (folder / "things/damaged.jpg").write_bytes(b"no picture")
    return folder


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_report_has_every_file(photographs: Path, tiny_model: Path, tmp_path: Path) -> None:
    report = evaluate(str(tiny_model), photographs, tmp_path, progress=print)

    names = ["people/astronaut.png", "things/cup-2.png", "things/cup.png"]
    for kind in ("black_white", "color"):
        folder = tmp_path / kind
        assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*.png")) == names
    gray = pixels(tmp_path / "black_white/people/astronaut.png")
    assert gray.shape == (120, 150)
    assert pixels(tmp_path / "color/people/astronaut.png").shape == (120, 150, 3)
    assert report.colorless == ("things/gray.png",)
    assert report.unreadable == ("things/damaged.jpg",)
    labels, predictions = (pixels(tmp_path / f"{n}.png") for n in ("labels", "predictions"))
    assert labels.shape == predictions.shape
    assert (labels != predictions).any()


def test_figures_agree_with_the_pictures(
    photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    report = evaluate(str(tiny_model), photographs, tmp_path)

    written = json.loads((tmp_path / "report.json").read_text())
    assert written["count"] == len(report.pictures) == 3
    assert written["prediction"]["delta_e"] == pytest.approx(report.prediction.delta_e)
    assert written["pictures"][0]["prediction"]["psnr"] == report.pictures[0].prediction.psnr
    assert report.gray.colorfulness == 0
    true = [picture.true_colorfulness for picture in report.pictures]
    assert report.gray.delta_colorfulness == pytest.approx(np.mean(true))
    astronaut = next(p for p in report.pictures if p.key == "people/astronaut.png")
    predicted = pixels(tmp_path / "color" / astronaut.file)
    assert astronaut.prediction.colorfulness == color.colorfulness(predicted)


def test_page_stands_alone_and_begins_with_the_worst(
    photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    report = evaluate(str(tiny_model), photographs, tmp_path)

    page = (tmp_path / "report.html").read_text()
    by_delta_e = sorted(report.pictures, key=lambda p: -p.prediction.delta_e)
    places = [page.index(picture.key) for picture in by_delta_e]
    assert places == sorted(places)
    assert page.count("data:image/jpeg;base64,") == 9
    assert "http" not in page


def test_tar_file_and_common_size(photographs: Path, tiny_model: Path, tmp_path: Path) -> None:
    tar = tmp_path / "set.tar"
    with tarfile.open(tar, "w") as archive:
        archive.add(photographs / "people", "people")

    report = evaluate(str(tiny_model), tar, tmp_path / "report", size=64)

    assert report.size == 64
    assert pixels(tmp_path / "report/color/people/astronaut.png").shape == (64, 64, 3)


def test_nothing_to_measure_is_an_error(
    photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    shutil.copytree(photographs, tmp_path / "data")
    for path in (tmp_path / "data").rglob("[ac]*.*"):
        path.unlink()

    with pytest.raises(DataError, match="no picture in color"):
        evaluate(str(tiny_model), tmp_path / "data", tmp_path / "report")


@pytest.mark.parametrize(("source", "report"), [("x", "x"), ("x/color", "x"), ("x", "x/y")])
def test_true_pictures_are_never_overwritten(
    tiny_model: Path, tmp_path: Path, source: str, report: str
) -> None:
    with pytest.raises(OptionError, match="choose another folder"):
        evaluate(str(tiny_model), tmp_path / source, tmp_path / report)


def test_command_prints_figures_and_fails_over_a_damaged_picture(
    photographs: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["evaluate", str(tiny_model), str(photographs), "-o", str(tmp_path)])

    out, err = capsys.readouterr()
    assert code == 1
    assert "left gray" in out
    assert str(tmp_path / "report.html") in out
    assert "things/damaged.jpg" in err


@pytest.mark.parametrize("name", ["color", "black_white"])
def test_what_cannot_be_written_is_not_called_unreadable(
    name: str, photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    evaluate(str(tiny_model), photographs / "people", tmp_path)
    figures = (tmp_path / "report.json").read_bytes()
    taken = next((tmp_path / name).glob("*/*.png"))
    taken.unlink()
    taken.mkdir()
    with pytest.raises(UnwritablePicture) as caught:
        evaluate(str(tiny_model), photographs / "people", tmp_path)
    assert caught.value.subject == str(taken)
    assert (tmp_path / "report.json").read_bytes() == figures


@pytest.mark.parametrize("name", ["color", "black_white/a.png", "labels.png", "report.json"])
def test_files_that_are_of_no_report_are_kept(
    name: str, photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "report" / name
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"{}")
    with pytest.raises(OptionError, match="is not of a report, which would replace it; choose"):
        evaluate(str(tiny_model), photographs / "people", tmp_path / "report")
    assert mine.read_bytes() == b"{}"


def test_a_report_that_was_interrupted_leaves_nothing(
    photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    def interrupt(done: int) -> None:
        assert len(list(tmp_path.glob("report/*/*/*.png"))) == 2 * done
        raise KeyboardInterrupt

    data, report = photographs / "people", tmp_path / "report"
    with pytest.raises(KeyboardInterrupt):
        evaluate(str(tiny_model), data, report, progress=interrupt)
    assert not list(report.iterdir())
    evaluate(str(tiny_model), data, report)
    with pytest.raises(KeyboardInterrupt):
        evaluate(str(tiny_model), data, report, progress=interrupt)
    assert (report / "report.html").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_not_taken_for_that_of_stdout(
    photographs: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(tiny_model), str(photographs), "-o", str(tmp_path)]) == 1
    (tmp_path / "report.html").unlink()
    (tmp_path / "report.html").symlink_to("/dev/full")
    assert main(["evaluate", str(tiny_model), str(photographs), "-o", str(tmp_path)]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == "colornet: the output: cannot be written (no space left on device)"


def test_perceptual_metrics_stands_in_every_form_of_the_report(
    photographs: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = squeezenets.save(SqueezeNet(), tmp_path / "squeezenet.npz")
    folder = tmp_path / "report"
    main(
        [
            *("evaluate", str(tiny_model), str(photographs / "people"), "-o", str(folder)),
            *("--perceptual-metrics", str(weights)),
        ]
    )

    written = json.loads((folder / "report.json").read_text())["perceptual_metrics"]
    assert list(written) == ["prediction", "gray", "true"]
    assert written["prediction"]["frechet_feature_distance"] > 0
    assert written["true"]["frechet_feature_distance"] == pytest.approx(0, abs=1e-9)
    assert written["true"]["top1_agreement"] == 1
    confidence = f"{written['gray']['top1_confidence']:.1%}"
    for text in (capsys.readouterr().out, (folder / "report.html").read_text()):
        assert "Frechet feature distance" in text
        assert confidence in text


def test_without_perceptual_metrics_none_is_mentioned(
    photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    report = evaluate(str(tiny_model), photographs / "people", tmp_path)

    assert report.perceptual_metrics is None
    assert "perceptual_metrics" not in json.loads((tmp_path / "report.json").read_text())
    assert "SqueezeNet" not in (tmp_path / "report.html").read_text()


def test_foreign_perceptual_metrics_is_refused_before_anything_is_written(
    photographs: Path, tiny_model: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, weight=np.zeros(3))

    with pytest.raises(CheckpointError, match=r"foreign\.npz"):
        evaluate(str(tiny_model), photographs, tmp_path / "report", perceptual_metrics=foreign)
    assert not (tmp_path / "report").exists()


def test_a_setting_is_measured_by_name(photographs: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelLacks, match="lurid"):
        evaluate("general", photographs, tmp_path / "none", setting="lurid")
    assert not (tmp_path / "none").exists()
    vivid, faithful = (
        evaluate("general", photographs, tmp_path / name, 64, setting=name)
        for name in ("vivid", "faithful")
    )
    assert vivid.model == "general, vivid"
    colors = [
        sum(picture.prediction.colorfulness for picture in report.pictures)
        for report in (vivid, faithful)
    ]
    assert colors[0] > colors[1]


@pytest.mark.slow
def test_checkpoint_is_exported_first(photographs: Path, tmp_path: Path) -> None:
    recipe = Recipe(
        network={"name": "iizuka", "width": 0.1, "global_size": 32},
        size=32,
        crop=32,
        epochs=1,
        batch=2,
        workers=1,
    )
    checkpoint = train([photographs], recipe, tmp_path / "run", [photographs])

    report = evaluate(checkpoint, photographs, tmp_path / "report")

    assert len(report.pictures) == 3


def test_gray_keeps_lightness() -> None:
    rgb8 = data.astronaut()[::8, ::8]
    gray = np.repeat(to_gray(rgb8)[..., None], 3, axis=-1)
    before, after = (color.rgb_to_lab(picture / 255.0)[..., 0] for picture in (rgb8, gray))

    assert np.abs(before - after).max() < 0.3  # half a level of 255, where L* is steepest


def test_what_is_no_set_of_photographs_is_told_in_plain_words(tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("no tar file")
    with pytest.raises(DataError) as caught:
        evaluate("general", text, tmp_path / "report")
    assert str(caught.value) == (
        f"{text}: is not a tar file, or a damaged one; name a folder or a tar file of photographs"
    )
