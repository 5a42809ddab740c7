"""What a file says besides its pixels: EXIF, XMP, IPTC, text, and what is attached."""
