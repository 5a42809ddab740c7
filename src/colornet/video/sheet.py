"""A contact sheet of a film: of each shot its first, middle and last frame, in color."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from colornet.sheets import evenly
from colornet.video.fusion import Colored
from colornet.video.planes import Coding, lightness_of, to_rgb
from colornet.video.target import told

WIDTH = 240
"""Of a frame on the sheet, in pixels."""
GAP = 4
MOST = 200
"""Shots on a sheet; of more, evenly chosen ones."""
TALLEST = 65_500
"""Pixels of a JPEG's side, at most; frames that stand upright have room for fewer shots."""


class Sheet:
    """Frames are kept in the folder of the film in work, so that a rerun has them."""

    def __init__(self, folder: Path, cuts: list[int], end: int) -> None:
        """Choose the frames of a film that ends before a frame."""
        self._folder = folder
        shots = list(zip(cuts, [*cuts[1:], end], strict=True))
        self._rows = [(a, (a + b - 1) // 2, b - 1) for a, b in evenly(shots, MOST)]
        self._wanted = {frame for row in self._rows for frame in row}

    def see(self, colored: Colored, coding: Coding, quarter_turns: int) -> None:
        """Keep a frame if it is wanted; `what` is its number and its luma.

        Raises:
            UnwritableFilm: there is no space, or no permission.
        """
        number, luma = colored.what
        if number in self._wanted:
            ab = np.rot90(colored.ab, -quarter_turns, (1, 2)).copy()
            shade = np.rot90(colored.shade, -quarter_turns).copy()
            rgb = np.rot90(to_rgb(lightness_of(luma, coding), ab, shade), quarter_turns)
            image = Image.fromarray(np.ascontiguousarray(rgb))
            image.thumbnail((WIDTH, 4 * WIDTH))
            path = self._path(number)
            with told(path):
                image.save(path, "PNG")

    def drawn(self, format: str) -> bytes:
        """The sheet, as a file of one of Pillow's formats."""
        with Image.open(self._path(self._rows[0][0])) as first:
            width, height = first.size
        rows = evenly(self._rows, (TALLEST - GAP) // (height + GAP))
        size = (3 * (width + GAP) + GAP, len(rows) * (height + GAP) + GAP)
        sheet = Image.new("RGB", size, (24, 24, 24))
        for y, row in enumerate(rows):
            for x, frame in enumerate(row):
                with Image.open(self._path(frame)) as image:  # systems bound how many are open
                    sheet.paste(image, (GAP + x * (width + GAP), GAP + y * (height + GAP)))
        stored = io.BytesIO()
        sheet.save(stored, format, quality=88)
        return stored.getvalue()

    def _path(self, number: int) -> Path:
        return self._folder / f"sheet-{number:07d}.png"
