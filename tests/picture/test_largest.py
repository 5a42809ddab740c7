"""A result larger than its format allows is refused, with a remedy that helps everywhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet import Colorizer, UnwritablePicture
from colornet.picture.formats import LARGEST_SIDE, Format


def strip(width: int, height: int = 16) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width), 90, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer()


@pytest.mark.parametrize(("format", "most"), LARGEST_SIDE.items())
def test_the_largest_side(colorizer: Colorizer, format: Format, most: int, tmp_path: Path) -> None:
    result = colorizer.colorize(strip(most), format=format)
    with Image.open(io.BytesIO(result)) as image:
        assert image.size == (most, 16)
    reason = f"{most + 1} x 16 pixels, and {format.upper()} holds {most:,} a side; store it as PNG"
    (tmp_path / "a.png").write_bytes(strip(most + 1))
    attempts: list[Callable[[], object]] = [
        lambda: colorizer.colorize(strip(most + 1), format=format),
        lambda: colorizer.colorize(tmp_path / "a.png", tmp_path / f"b.{format}"),
    ]
    for attempt in attempts:
        with pytest.raises(UnwritablePicture) as caught:
            attempt()
        assert reason in str(caught.value)
        assert "folder" not in str(caught.value)
        assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    with pytest.raises(UnwritablePicture, match=f"16 x {most + 1} pixels"):
        colorizer.colorize(strip(16, most + 1), format=format)
