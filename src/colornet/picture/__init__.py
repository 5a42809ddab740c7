"""Pictures in and out: the only place that knows files, formats, metadata and limits.

A picture is read lazily: `read` looks at the header; pixels are decoded in strips, from top to
bottom, while the result is written, so that memory does not grow with the picture.

    formats.py     what is read and written, by suffix
    sniffing.py    what a file is, by its content
    unsupported.py what cannot be read, by its content, to be called by its name
    foreign.py     formats that are read only: HEIC, GIF, BMP, PNM, JPEG 2000, JPEG XL
    pnm.py         PNM's pixels
    limits.py      how large a picture may be
    jpeg.py        a JPEG's segments, and the quality that it was stored with
    ifd.py         TIFF's directories, which EXIF consists of
    attachments.py gain map, video and depth map beside a photograph: told, and left out
    png.py         text in PNG files, as it is stored
    xmp.py         what XMP says of size and orientation
    channels.py    a TIFF's channels beside its colors: alpha, infrared ..
    tiff_images.py which of a TIFF's images are the photograph
    depth.py       bits a channel: read, named or told
    tiff_repair.py what libtiff calls damage in a TIFF, and is none of its pixels'
    tiff_pages.py  a TIFF's pages, chosen and checked
    exif.py        EXIF in TIFF files, which libvips leaves alone
    profiles.py    ICC: into lightness, and out of sRGB
    pixels.py      strips of pixels, and how they are handed to libvips
    tiff_data.py   where a TIFF keeps its pixels, held against their checksums
    cutoff.py      files that end too early
    leftover.py    whether a JPEG's decoder came to the end of its data
    quiet.py       pyvips' log, but for warnings
    listening.py   what libvips warns of, told apart by thread
    decoding.py    which of its complaints make the pixels doubtful
    loader.py      pixels as they are stored, decoded and held to be sound
    partial.py     what there is of a picture that ends too early
    opened.py      `Picture`: what is known before its pixels are decoded
    looking.py     the model's copy and other small ones
    sources.py     paths, bytes and streams, opened
    reading.py     `read`, from a path, bytes, an array ..
    metadata.py    what a result takes over from its source
    provenance.py  how a picture was colored
    note.py        that, and that the colors are computed, in XMP
    whole.py       files that are written whole or not at all
    writing.py     `write`: the result as its source was stored
    faults.py      what libvips and the system say, as errors about a picture
"""

import colornet.picture.quiet  # noqa: F401  first: before pyvips is imported
from colornet.picture.depth import too_dark
from colornet.picture.formats import READ_SUFFIXES, SUFFIXES, Format, is_picture_name, result_name
from colornet.picture.limits import Limits
from colornet.picture.looking import model_ab, model_lightness, model_opacity, shrunk
from colornet.picture.note import provenance
from colornet.picture.opened import Kind, Picture
from colornet.picture.pixels import Pixels, ahead, stacked
from colornet.picture.provenance import Provenance
from colornet.picture.reading import Source, read
from colornet.picture.whole import remove_leftover, whole_file
from colornet.picture.writing import Encoding, Written, write

__all__ = [
    "READ_SUFFIXES",
    "SUFFIXES",
    "Encoding",
    "Format",
    "Kind",
    "Limits",
    "Picture",
    "Pixels",
    "Provenance",
    "Source",
    "Written",
    "ahead",
    "is_picture_name",
    "model_ab",
    "model_lightness",
    "model_opacity",
    "provenance",
    "read",
    "remove_leftover",
    "result_name",
    "shrunk",
    "stacked",
    "too_dark",
    "whole_file",
    "write",
]
