"""Metadata of files: EXIF, XMP, IPTC, text, and attachments."""
