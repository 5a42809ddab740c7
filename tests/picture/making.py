"""Files with whatever a photograph may come with, made for the tests."""

import io
import struct
import zlib

import numpy as np
import pyvips
from PIL import Image
from skimage import data

from colornet import picture
from colornet.notices import warn
from colornet.picture import model_lightness, read
from colornet.upsample import recombine

GRAY = data.camera()[:300:2, :400:2]  # (150, 200)
COLOR = data.astronaut()[:300:2, :400:2]
FORMATS = list(picture.SUFFIXES)
INTERPRETATIONS = {(1, 8): "b-w", (3, 8): "srgb", (1, 16): "grey16", (3, 16): "rgb16"}
BLOB, INT, TEXT = (
    pyvips.GValue.blob_type,
    pyvips.GValue.gint_type,
    pyvips.GValue.gstr_type,
)
P3 = bytes(pyvips.Operation.call("profile_load", "p3"))
CMYK = bytes(pyvips.Operation.call("profile_load", "cmyk"))
SRGB = bytes(pyvips.Operation.call("profile_load", "srgb"))
D50 = np.array([0.9642, 1, 0.8249])


def vips(array, **fields):
    """An array (H, W) or (H, W, C) as libvips would load it from a file, with metadata."""
    array = np.atleast_3d(array)
    height, width, bands = array.shape
    depth = 8 * array.itemsize
    kind = "uchar" if depth == 8 else "ushort"
    image = pyvips.Image.new_from_memory(array.tobytes(), width, height, bands, kind)
    image = image.copy(interpretation=INTERPRETATIONS[1 if bands < 3 else 3, depth])
    for key, value in fields.items():
        gtype = {bytes: BLOB, int: INT, str: TEXT}[type(value)]
        image.set_type(gtype, key.replace("_", "-"), value)
    return image


def png_chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def stored(array, format="png", **fields):
    return vips(array, **fields).write_to_buffer(picture.SUFFIXES[format][0])


def layered(bands, depth):
    """GRAY as gray or RGB, with a gradient for alpha at 2 and 4 bands."""
    array = np.repeat(GRAY[..., None], bands, axis=2)
    if bands in (2, 4):
        array[..., -1] = np.arange(GRAY.shape[1])
    return array if depth == 8 else array.astype(np.uint16) * 257 + 1


def pil_bytes(image, format, **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def pages_of(count, format="TIFF", **options):
    first, *rest = [Image.fromarray(np.roll(GRAY, 20 * k, axis=1)) for k in range(count)]
    return pil_bytes(first, format, save_all=True, append_images=rest, **options)


def colorized(seen, ab=(15, 25)):
    field = np.empty((2, 16, 16), np.float32)
    field[:] = np.reshape(ab, (2, 1, 1))
    return recombine(seen, field, model_lightness(seen, 64))


def write(*args, **options):
    """What `colornet.picture.write` gives, its notices as warnings."""
    written = picture.write(*args, **options)
    warn(written.notices)
    return written.result


def result_of(source, **options):
    """What comes out when such a file is colorized: its bytes."""
    seen = read(source)
    return write(seen, colorized(seen), **options)


def opened(data):
    return pyvips.Image.new_from_buffer(data, "")


def xyz(values):
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * 65536) for value in values))


def icc(tags, kind, pcs, space=b"RGB "):
    """An ICC profile, version 2, of these tags."""
    text = b"made for a test\0"
    tags |= {
        b"desc": struct.pack(">4s4xI", b"desc", len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": xyz(D50),
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">4sI4s4s4s6H", b"none", 0x02400000, kind, space, pcs, 2020, 1, 1, 0, 0, 0)
    head += struct.pack(">4s4sI4s4sQI", b"acsp", b"APPL", 0, b"none", b"none", 0, 0)
    head += xyz(D50)[8:]
    size = struct.pack(">I", 128 + len(table) + len(body))
    return (size + head).ljust(128, b"\0") + table + body


def gray_profile(curve):
    """An ICC profile for gray: a gamma, or the output 0..65535 of evenly spaced levels."""
    values = [round(curve * 256)] if isinstance(curve, float) else list(curve)
    steps = struct.pack(f">4s4xI{len(values)}H", b"curv", len(values), *values)
    return icc({b"kTRC": steps}, b"mntr", b"XYZ ", b"GRAY")


def dot_gain(percent):
    """Gray whose ink spreads: a half-tone dot of 50 % prints as one of 50 + percent %."""
    ink = 1 - np.arange(256) / 255
    spread = ink + percent / 100 * 4 * ink * (1 - ink)
    return gray_profile(np.rint((1 - np.clip(spread, 0, 1)) * 65535).astype(int))


def ultra_hdr(array, xmp=None):
    """As libvips makes it, with ISO 21496-1's marks and a multi-picture index."""
    light = (np.atleast_3d(array).repeat(3 // np.atleast_3d(array).shape[2], 2) / 85).astype("f4")
    image = pyvips.Image.new_from_array(light).copy(interpretation="scrgb")
    data = image.uhdrsave_buffer()
    return with_segment(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp) if xmp else data


def with_segment(jpeg, marker, body):
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]
