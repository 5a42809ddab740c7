"""How large a picture may be: checked on the header, before any pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from colornet.errors import PictureTooLarge, UnreadablePicture


@dataclass(frozen=True)
class Limits:
    """How large a picture may be; checked before any pixel is decoded."""

    bytes: int = 2 << 30
    """Of the file or stream."""
    pixels: int = 400_000_000
    """Width times height, of all pages."""
    pages: int = 1000
    """Of a TIFF."""
    min_side: int = 1
    """Of the shorter side, in pixels."""

    scans: int = 100
    """Of a JPEG: each costs as much as decoding it once, and progressive ones need about ten."""

    def check_scans(self, name: str, scans: int) -> None:
        """Raises `PictureTooLarge` for a JPEG that would take forever to decode."""
        if scans > self.scans:
            reason = f"{scans:,} scans, more than {self.scans:,}"
            raise PictureTooLarge(name, reason, "save it anew, or raise the limit")

    def check_bytes(self, name: str, size: int) -> None:
        """Raises `PictureTooLarge` for too large a file."""
        if size > self.bytes:
            reason = f"{size:,} bytes, more than {self.bytes:,}"
            raise PictureTooLarge(name, reason, "raise the limit")

    def check_size(self, name: str, width: int, height: int, pages: int = 1) -> None:
        """Raises `UnreadablePicture` for too small a picture, `PictureTooLarge` for the others."""
        size = f"{width} x {height} pixels" + (f" on {pages} pages" if pages > 1 else "")
        if min(width, height) < max(1, self.min_side):
            remedy = f"give one of at least {max(1, self.min_side)} pixels a side"
            raise UnreadablePicture(name, f"{size}: too small to colorize", remedy)
        if pages > self.pages:
            remedy = "split it, or raise the limit"
            raise PictureTooLarge(name, f"{pages:,} pages, more than {self.pages:,}", remedy)
        if width * height * pages > self.pixels:
            remedy = "make it smaller, or raise the limit"
            raise PictureTooLarge(name, f"{size}, more than {self.pixels:,} in all", remedy)
