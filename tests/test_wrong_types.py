"""Values of a wrong type are errors of colornet that name the argument."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colornet import (
    Colorizer,
    ColornetError,
    Encoding,
    Guidance,
    GuidanceError,
    Hint,
    Limits,
    OptionError,
    Prior,
    UnreadablePicture,
    UnwritablePicture,
    colorize,
)
from colornet.picture import write

GRAY = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
WRONG = [5, 0, True, "", [], {}, {"version": 1}, b"x", object(), np.zeros(3), Guidance]
NO_PATHS = [5, True, [], {}, b"x", object(), np.zeros(3), Path]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
def test_what_is_no_guidance(value: Any, guided: Colorizer) -> None:
    canvas = guided.open(GRAY)
    calls: list[Callable[[], object]] = [
        lambda: canvas.ab(value),
        lambda: canvas.colorize(value),
        lambda: canvas.save(guidance=value),
        lambda: canvas.variants(2, value),
        lambda: canvas.save_variants(2, "a.png", value),
        lambda: guided.prepare(value),
        lambda: guided.colorize(GRAY, guidance=value),
        lambda: guided.write(GRAY, None, value),
        lambda: Guidance().over(value),
    ]
    for call in calls:
        with pytest.raises(GuidanceError, match=r"guidance: .* is not a Guidance; use"):
            call()


@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
def test_what_is_no_encoding(value: Any, guided: Colorizer) -> None:
    canvas = guided.open(GRAY)
    calls: list[Callable[[], object]] = [
        lambda: canvas.save(encoding=value),
        lambda: canvas.save_variants(2, "a.png", encoding=value),
        lambda: guided.colorize(GRAY, encoding=value),
        lambda: write(canvas.picture, canvas.colorize(), encoding=value),
    ]
    for call in calls:
        with pytest.raises(OptionError, match=r"encoding: .* is not an Encoding; use"):
            call()


@pytest.mark.parametrize("value", NO_PATHS, ids=lambda value: type(value).__name__)
def test_what_is_no_path(value: Any, guided: Colorizer, tmp_path: Path) -> None:
    canvas = guided.open(GRAY)
    calls: list[Callable[[], object]] = [
        lambda: canvas.save(value),
        lambda: canvas.save_variants(2, value),
        lambda: guided.colorize(GRAY, value),
        lambda: guided.colorize(tmp_path / "a.png", value, in_place=True),
        lambda: colorize(GRAY, model=value),
        lambda: Colorizer(value),
        lambda: Guidance.load(value),
        lambda: Guidance().save(value),
    ]
    for call in calls[:4]:
        with pytest.raises(OptionError, match=r"output: .* is not a path; use"):
            call()
    for call in calls[4:]:
        with pytest.raises(OptionError, match=r"(model|path): .* is not a path; use"):
            call()


@pytest.mark.parametrize("value", [None, "x", {}, object()], ids=lambda value: type(value).__name__)
def test_what_is_no_number_and_no_hints(value: Any, guided: Colorizer) -> None:
    canvas = guided.open(GRAY)
    calls: list[tuple[str, Callable[[], object]]] = [
        ("x", lambda: canvas.suggest(value, 1)),
        ("hints", lambda: Guidance(hints=value or [value])),
        *(("n", lambda n=n: canvas.suggest(1, 1, n)) for n in (value, 3.5, -1, (1, 2))),
        *(("n", lambda n=n: canvas.variants(n)) for n in (value, 3.5, -1, (1, 2))),
    ]
    for name, call in calls:
        with pytest.raises(ColornetError) as caught:
            call()
        assert caught.value.subject.partition("[")[0] == name
        assert caught.value.remedy


def test_other_values_of_wrong_types(guided: Colorizer, guided_model: Path) -> None:
    canvas, array = guided.open(GRAY), np.zeros(3)
    value: Any
    for value in (5, [], "x", array, GRAY):
        with pytest.raises(OptionError, match=r"picture: .* is not a Picture; use"):
            canvas.colorize(picture=value)
    threads: Any
    for threads in (0, -1, 2.5, 2**40, True, "x", [], array):
        with pytest.raises(OptionError, match=r"threads: .* is not a number of threads; use 1"):
            Colorizer(guided_model, threads=threads)
    Colorizer(guided_model, threads=np.int64(1))  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"turn: False is unknown"):
        guided.open(GRAY, turn=False)
    with pytest.raises(GuidanceError, match="prior: is not a vector of finite numbers"):
        Prior([10**400])  # type: ignore[arg-type]
    for value in (array, 5, [], "gif"):
        with pytest.raises(
            OptionError, match=r"format: .* is unknown; use jpeg, png, tiff, webp or"
        ):
            Encoding(value)  # type: ignore[arg-type]
        with pytest.raises(OptionError, match=r"turn: .* is unknown"):
            guided.open(GRAY, turn=value)  # type: ignore[arg-type]
        with pytest.raises(GuidanceError, match=r"unit: .* is unknown"):
            Hint([(1, 1)], "red", unit=value)  # type: ignore[arg-type]
    for quality in (array, 0, 101, 90.5, True, "90"):
        with pytest.raises(OptionError, match=r"quality: .* is out of range"):
            Encoding(quality=quality)  # type: ignore[arg-type]
    assert Encoding(quality=np.int64(90)).quality == 90  # type: ignore[arg-type]
    for value in (array, 5, "x", {}):
        with pytest.raises(OptionError, match=r"limits: .* is not a Limits; use"):
            Colorizer(guided_model, limits=value)
    with pytest.raises(OptionError, match=r"page: '1' is not in the file"):
        guided.open(GRAY, page="1")  # type: ignore[call-overload]


@pytest.mark.parametrize("value", ["no", "", 2, None, [], np.zeros(3)], ids=repr)
def test_what_is_no_flag(value: Any, guided: Colorizer, tmp_path: Path) -> None:
    """Each would count as true or false, and "no" would replace a file."""
    canvas, path = guided.open(GRAY), tmp_path / "a.png"
    path.write_bytes(b"mine")
    calls: dict[str, list[Callable[[], object]]] = {
        "overwrite": [
            lambda: guided.colorize(GRAY, path, overwrite=value),
            lambda: canvas.save(path, overwrite=value),
            lambda: canvas.save_variants(1, path, overwrite=value),
        ],
        "in_place": [lambda: guided.colorize(path, in_place=value)],
        "partial": [
            lambda: guided.colorize(GRAY, partial=value),
            lambda: guided.open(GRAY, partial=value),
        ],
        "mark": [lambda: Encoding(mark=value)],
        "strip_metadata": [lambda: Encoding(strip_metadata=value)],
    }
    for name, each in calls.items():
        for call in each:
            with pytest.raises(OptionError, match=rf"{name}: .* is not a bool; use True or False"):
                call()
    assert path.read_bytes() == b"mine"
    assert Encoding(mark=np.bool_(True)).mark  # type: ignore[arg-type]


def test_numbers_and_flags_of_numpy(guided: Colorizer) -> None:
    """The note in a result's metadata is JSON, which knows only Python's."""
    numbers: Any = {
        "strength": np.float32(0.5),
        "saturation": np.int64(2),
        "variant": np.int64(1),
        "quality": np.int64(80),
        "mark": np.True_,
        "before_after": np.True_,
        "keep_times": np.False_,
    }
    file = io.BytesIO()
    Image.fromarray(GRAY.repeat(8, 0).repeat(8, 1)).save(file, "JPEG")
    result = guided.colorize(file.getvalue(), **numbers)
    assert b"strength&#34;: 0.5" in result
    told = Guidance(**{name: numbers[name] for name in ("strength", "saturation", "variant")})
    assert Guidance.from_json(json.loads(json.dumps(told.to_json()))) == told


@pytest.mark.parametrize("value", ["9", None, True, -1, np.nan, [], {}], ids=repr)
def test_what_is_no_limit(value: Any) -> None:
    for name in ("bytes", "pixels", "pages", "min_side", "scans"):
        limit: Any = {name: value}
        with pytest.raises(OptionError, match=rf"{name}: .* is not a limit; use a number"):
            Limits(**limit)


def test_a_limit_may_be_any_number(guided_model: Path) -> None:
    file = io.BytesIO()
    Image.fromarray(GRAY).save(file, "PNG")
    file.seek(0)
    limits: Any = {"bytes": 1e9, "pixels": np.inf}
    limited = Colorizer(guided_model, limits=Limits(**limits))
    assert len(limited.colorize(file)) > 0


@pytest.mark.parametrize("value", [None, "x", 1.0, [[1.0]], [np.nan], [np.inf], {}], ids=repr)
def test_what_is_no_prior(value: Any) -> None:
    with pytest.raises(GuidanceError, match="prior: is not a vector of finite numbers; use one of"):
        Prior(value)
    assert Prior([1, 2]).values.dtype == np.float32  # type: ignore[arg-type]


@pytest.mark.parametrize("box", [(-1, 0, 9, 9), (0, 0, 65, 9), (60, 0, 9, 9), (0, 0, 0, 9)])
def test_what_is_no_part_of_a_picture(box: Any, guided: Colorizer) -> None:
    with pytest.raises(OptionError, match=r"crop: .* lies partly outside; keep within 64 x 48"):
        guided.open(GRAY).colorize().crop(*box)


def test_flags_and_formats_that_are_empty(guided: Colorizer) -> None:
    empty: Any
    for empty in ("", [], None, 0):
        with pytest.raises(OptionError, match=r"mark: .* is not a bool"):
            guided.colorize(GRAY, mark=empty)
    empty = ""
    with pytest.raises(OptionError, match=r"format: '' is unknown"):
        guided.colorize(GRAY, format=empty)


@pytest.mark.parametrize("name", [".", "/", "..", "folder", "folder/.."])
def test_a_folder_has_no_result_in_its_place(
    name: str, guided: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadablePicture, match="is a folder, not a picture; name a picture in it"):
        guided.colorize(name, in_place=True)


def test_a_picture_that_is_only_called_orig(guided: Colorizer, tmp_path: Path) -> None:
    path = tmp_path / ".orig"
    Image.fromarray(GRAY).save(path, "JPEG")
    with pytest.raises(UnwritablePicture, match=r"\.orig: its name has no suffix"):
        guided.colorize(path, in_place=True)


def test_names_in_bytes_and_of_other_encodings(guided: Colorizer, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/f\xfcr.png"
    Image.fromarray(GRAY).save(Path(os.fsdecode(name)))
    (entry,) = os.scandir(os.fsencode(tmp_path))
    source: Any = entry
    assert guided.colorize(source) == Path(os.fsdecode(name.replace(b".png", b"-color.png")))


def test_paths_that_cannot_be(guided: Colorizer) -> None:
    impossible = {
        "": "is empty",
        "a\0b.png": "contains a NUL character",
        "a\ud800.png": "contains a character that no name of a file can have",
    }
    for value, reason in impossible.items():
        with pytest.raises(OptionError, match=rf"output: .*{reason}; "):
            guided.colorize(GRAY, value)
        with pytest.raises(OptionError, match=rf"source: .*{reason}; "):
            guided.colorize(value, in_place=True)
        with pytest.raises(OptionError, match=rf"model: .*{reason}; "):
            Colorizer(value)


def test_values_that_are_not_numbers(guided: Colorizer) -> None:
    """Clipping them would leave them as they are."""
    gray = GRAY / 255
    gray[3, 3] = np.nan
    with pytest.raises(UnreadablePicture, match=r"the array: has values that are not numbers; "):
        guided.colorize(gray)
