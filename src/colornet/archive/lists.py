"""Lists of names: texts with a path or URL in each line."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from colornet.errors import UnreadablePicture, system_reason
from colornet.stores import patiently, reaching
from colornet.urls import is_url, stripped


def read_list(name: str) -> Iterator[str]:
    """The lines of a list that have something in them.

    It is in UTF-8, with a byte order mark or without, or in UTF-16 with one. Of names that are no
    UTF-8, the bytes are kept.

    Raises:
        UnreadablePicture: it cannot be read, or is no such text.
    """
    with _open(name) as file:
        start = file.read(len(codecs.BOM_UTF8))
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            file.seek(0)
            lines: Iterable[str] = io.TextIOWrapper(file, "utf-16")
        else:
            file.seek(len(start) if start == codecs.BOM_UTF8 else 0)
            lines = map(os.fsdecode, file)
        try:
            for line in lines:
                if "\0" in line:
                    raise ValueError
                if not line.isspace():
                    yield line.rstrip("\r\n")
        except ValueError:
            remedy = "save it as UTF-8, with a path or URL in each line"
            raise UnreadablePicture(name, "is not a list of names", remedy) from None


def _open(name: str) -> BinaryIO:
    try:
        if not is_url(name):
            return open(name, "rb")
        fs, path = stripped(name)
        with reaching(name, FileNotFoundError):
            opened: BinaryIO = patiently(fs, fs.open, path, "rb")
        return opened
    except OSError as error:
        reason = f"cannot be read ({system_reason(error)})"
        raise UnreadablePicture(name, reason, "check the name") from None
