"""Measure a model: turn true pictures gray, colorize them as a user would, compare, report.

    data -> true rgb8 -> black_white/<class>/<name>.png -> Colorizer -> color/<class>/<name>.png
                 └────────────── figures, perceptual metrics ─────────┘

The pictures go through the files and the runtime that users have, so what is measured is what they
get. One picture is held in memory at a time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colornet import color
from colornet.colorizer import Colorizer
from colornet.errors import (
    CHECK_FOLDER,
    DataError,
    OptionError,
    PictureTooLarge,
    UnreadablePicture,
    UnwritablePicture,
    system_reason,
)
from colornet.evaluation import report as reports
from colornet.evaluation.files import COLOR, GRAY, begun, mark
from colornet.evaluation.metrics import Rgb8, score
from colornet.evaluation.perceptual_metrics import PerceptualMetrics
from colornet.evaluation.report import PictureScores, Report
from colornet.guidance import Guidance
from colornet.notices import ColornetWarning
from colornet.paths import path_of, refuse_file
from colornet.sheets import thumbnail
from colornet.temporary import temporary_folder
from colornet.train.data.cache import no_color
from colornet.train.data.samples import Sample, decode_rgb8, is_colorless, iter_samples


def evaluate(
    model: str | Path,
    data: Path,
    report: Path,
    size: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
    perceptual_metrics: Path | None = None,
    setting: str | None = None,
) -> Report:
    """Measure a model on pictures whose colors are known; an earlier report is overwritten.

    Args:
        model: a model's name, a model folder, or a checkpoint (`.ckpt`), which is exported first.
        data: a folder or tar file of `class/picture`.
        report: the folder that gets `black_white/`, `color/`, `labels.png`, `predictions.png`,
            `report.json` and `report.html`.
        size: make every picture a square of that side first; by default each keeps its own size.
        progress: called with the number of pictures done.
        perceptual_metrics: weights of a SqueezeNet 1.1 (.npz), which then says how true the colors
            look.
        setting: a named decoding of the model; its default if None.

    Raises:
        DataError: there is no picture in color to measure on.
        OptionError: the report would be written into the data, or replace files that are not of an
            earlier one.
        ModelError, CheckpointError: the model or the SqueezeNet cannot be used, or the model has no
            such setting.
        UnwritablePicture: a picture of the report cannot be written.
    """
    refuse_file(report)
    _keep_apart(data, report)
    perceptual = PerceptualMetrics(perceptual_metrics) if perceptual_metrics else None
    guidance = Guidance(setting=setting)
    with begun(report), temporary_folder("colornet-evaluate-") as workspace:
        true = workspace / "true"
        colorizer = Colorizer(_runnable(model, workspace / "model"))
        colorizer.card.setting(setting)
        pictures: list[PictureScores] = []
        colorless: list[str] = []
        unreadable: list[str] = []
        taken: set[str] = set()
        for sample in iter_samples(data):
            try:
                rgb8 = _resized(decode_rgb8(sample), size)
                if is_colorless(rgb8):
                    colorless.append(sample.key)
                    continue
                file = _file_name(sample, taken)
                mark(report)
                gray, predicted = _colorize(colorizer, guidance, rgb8, file, report)
            except (DataError, UnreadablePicture, PictureTooLarge):
                unreadable.append(sample.key)
                continue
            pictures.append(_compare(predicted, gray, rgb8, sample, file))
            if perceptual:
                perceptual.add(predicted, gray, rgb8)
            _save(thumbnail(rgb8, reports.THUMBNAIL), true / file)
            progress(len(pictures))
        if not pictures:
            raise no_color(data)
        result = Report(
            f"{model}, {setting}" if setting else str(model),
            str(data),
            size,
            tuple(pictures),
            tuple(colorless),
            tuple(unreadable),
            perceptual.read() if perceptual else None,
        )
        reports.write(result, report, true)
    return result


def to_gray(rgb8: Rgb8) -> NDArray[np.uint8]:
    """The gray picture (H, W) whose L* is that of the color one (H, W, 3), to the nearest level."""
    luminance = color.srgb_to_linear(rgb8.astype(np.float32) / 255) @ color.RGB_TO_XYZ[1]
    return color.to_rgb8(color.linear_to_srgb(luminance))


def _colorize(
    colorizer: Colorizer, guidance: Guidance, true: Rgb8, file: str, report: Path
) -> tuple[Rgb8, Rgb8]:
    """The picture turned gray, and colorized from that; (H, W, 3) both."""
    gray = to_gray(true)
    before, after = report / GRAY / file, report / COLOR / file
    _save(Image.fromarray(gray), before)
    after.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ColornetWarning)  # a picture that stays gray scores as such
        colorizer.colorize(before, after, guidance, overwrite=True)
    with Image.open(after) as picture:
        return np.repeat(gray[..., None], 3, axis=-1), np.asarray(picture.convert("RGB"))


def _compare(predicted: Rgb8, gray: Rgb8, true: Rgb8, sample: Sample, file: str) -> PictureScores:
    return PictureScores(
        key=sample.key,
        class_name=sample.class_name,
        file=file,
        prediction=score(predicted, true),
        gray=score(gray, true),
        true_colorfulness=color.colorfulness(true),
    )


def _runnable(model: str | Path, folder: Path) -> str | Path:
    """A model that the runtime can open; a checkpoint becomes one in `folder`."""
    path = path_of("model", model)
    if path.suffix != ".ckpt":
        return model
    from colornet.train.export import export_checkpoint  # brings the whole exporter with it

    export_checkpoint(path, folder)
    return folder


def _keep_apart(data: Path, report: Path) -> None:
    """The report's pictures must neither replace the true ones nor become data themselves."""
    source = data.resolve()
    for name in (GRAY, COLOR):
        target = (report / name).resolve()
        if source.is_relative_to(target) or target.is_relative_to(source):
            raise OptionError(report, f"lies in the data {data}", "choose another folder with -o")


def _resized(rgb8: Rgb8, size: int | None) -> Rgb8:
    """(H, W, 3) -> (size, size, 3), area averaged where that is smaller."""
    if size is None:
        return rgb8
    smaller = size <= min(rgb8.shape[:2])
    method = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(rgb8).resize((size, size), method))


def _file_name(sample: Sample, taken: set[str]) -> str:
    """`class/name.png`, numbered where two pictures differ only in suffix or in outer folder."""
    stem = f"{sample.class_name}/{Path(sample.key).stem}"
    name, number = f"{stem}.png", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.png"
    taken.add(name)
    return name


def _save(picture: Image.Image, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except OSError as error:
        reason = f"cannot be written ({system_reason(error)})"
        raise UnwritablePicture(path, reason, CHECK_FOLDER) from None
