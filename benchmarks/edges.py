"""How color should get from the model's grid to the picture, and the picture to the model.

    python benchmarks/edges.py [PICTURES]

Enlarging: the true ab, brought down to the grid of the model's colors and up again. Aspect: the
shipped model's colors if it sees the picture squashed to a square, or whole within a square, or
with its shorter side as long as the square's and the other in proportion. PICTURES is a folder or
tar file of `class/picture` with the Kodak pictures as class `kodak`; panoramas are strips of them.
Large pictures are mosaics, and scikit-image's own. Prints dB of PSNR over ab, of a range of 255.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from colornet.color import lab_to_rgb, rgb_to_lab
from colornet.model import DECODER, DEFAULT_MODEL, ENCODER, find
from colornet.picture import read
from colornet.pipeline import chroma_left
from colornet.privacy import import_onnxruntime
from colornet.resample import averaged
from colornet.train.data.samples import decode_rgb8, iter_samples
from colornet.upsample import recombine

Floats = NDArray[np.float32]
FOLDER = find(DEFAULT_MODEL)
SIDE = FOLDER.card.input_size
GRID = SIDE // 4  # of the model's colors
STEP = 32  # the network halves its input so often that sides are multiples of this


def resized(maps: Floats, width: int, height: int, how: Image.Resampling) -> Floats:
    """(H, W, C) -> (height, width, C)."""
    channels = np.moveaxis(np.asarray(maps, np.float32), -1, 0)
    return np.stack(
        [np.asarray(Image.fromarray(one).resize((width, height), how)) for one in channels], -1
    )


def psnr(one: Floats, other: Floats) -> float:
    """Over ab, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one - other) ** 2)))


# Enlarging


def enlarged(lab: Floats) -> dict[str, float]:
    """PSNR of each way up, from the grid of the model's colors to (H, W, 3)."""
    height, width, _ = lab.shape
    small = resized(lab, SIDE, SIDE, Image.Resampling.BOX)[..., 0]
    ab = resized(lab[..., 1:], GRID, GRID, Image.Resampling.BOX)
    gray = lab_to_rgb(lab[..., 0], 0 * lab[..., 1:])[..., 0]
    picture = read((gray * 65535).round().astype(np.uint16))
    pixels = recombine(picture, np.moveaxis(ab, -1, 0).copy(), small)
    found = {"edge-aware": rgb_to_lab(pixels.array() / 65535)[..., 1:]}
    for how in (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC):
        rgb = lab_to_rgb(lab[..., 0], resized(ab, width, height, how))  # resolves the gamut, too
        found[how.name.lower()] = rgb_to_lab(rgb)[..., 1:]
    return {name: psnr(one, lab[..., 1:]) for name, one in found.items()}


# Aspect


def free(file: str) -> Any:
    """A shipped graph for inputs of any multiple of STEP."""
    model = onnx.load(str(FOLDER.path / file))
    if file == DECODER:  # colors alone, and the prior spread over whatever there is
        inputs = [one.name for one in model.graph.input]
        model = onnx.utils.Extractor(model).extract_model(inputs, ["ab", "vivid"])
        expand = next(node for node in model.graph.node if node.op_type == "Expand")
        shape = onnx.helper.make_node("Shape", ["features_3"], ["sides"], start=2)
        ones = onnx.numpy_helper.from_array(np.array([1, 1]), "ones")
        joined = onnx.helper.make_node("Concat", ["ones", "sides"], ["spread"], axis=0)
        expand.input[1] = "spread"
        model.graph.initializer.append(ones)
        model.graph.node.insert(0, joined)
        model.graph.node.insert(0, shape)
    del model.graph.value_info[:]
    for value in (*model.graph.input, *model.graph.output):
        for dimension in value.type.tensor_type.shape.dim[2:]:
            dimension.dim_param = f"{value.name}_{id(dimension)}"
    return import_onnxruntime().InferenceSession(model.SerializeToString())


class AnyShape:
    """The shipped model in its usual setting, for any sides that are multiples of STEP."""

    def __init__(self) -> None:
        self.encoder, self.decoder = free(ENCODER), free(DECODER)
        self.names = [*FOLDER.card.features, "prior"]
        self.setting = FOLDER.card.setting(None)

    def __call__(self, lightness: Floats) -> Floats:
        """(h, w) -> ab (h / 4, w / 4, 2)."""
        encoded = self.encoder.run(self.names, {"lightness": lightness[None, None]})
        inputs = dict(zip(self.names, encoded, strict=True))
        ab, vivid = (one[0] for one in self.decoder.run(["ab", "vivid"], inputs))
        mixed = ab + self.setting.vividness * (vivid - ab)
        mixed *= chroma_left(averaged(lightness, *ab.shape[1:]), self.setting.shadow)
        return np.moveaxis(mixed * self.setting.saturation, 0, -1)


def seen(lightness: Floats, width: int, height: int) -> Floats:
    """(H, W) -> (height, width)."""
    return resized(lightness[..., None], width, height, Image.Resampling.BOX)[..., 0]


def squashed(model: AnyShape, lightness: Floats) -> Floats:
    """As shipped."""
    return model(seen(lightness, SIDE, SIDE))


def padded(model: AnyShape, lightness: Floats) -> Floats:
    """In the middle of a square of its mean lightness."""
    scale = SIDE / max(lightness.shape)
    height, width = (max(4, round(side * scale / 4) * 4) for side in lightness.shape)
    square = np.full((SIDE, SIDE), lightness.mean(), np.float32)
    top, left = (SIDE - height) // 8 * 4, (SIDE - width) // 8 * 4
    square[top : top + height, left : left + width] = seen(lightness, width, height)
    top, left, height, width = (n // 4 for n in (top, left, height, width))
    return model(square)[top : top + height, left : left + width]


def short_side(model: AnyShape, lightness: Floats) -> Floats:
    """The longer side 1, 1.25, 1.5 .. 4 times the shorter."""
    scale = SIDE / min(lightness.shape)
    height, width = (min(4 * SIDE, round(side * scale / 64) * 64) for side in lightness.shape)
    return model(seen(lightness, width, height))


WAYS: dict[str, Callable[[AnyShape, Floats], Floats]] = {
    "squashed": squashed,
    "padded": padded,
    "short side": short_side,
}


def by_aspect(model: AnyShape, lab: Floats) -> dict[str, float]:
    """PSNR of each way, all enlarged bilinearly."""
    height, width, _ = lab.shape
    return {
        name: psnr(
            resized(way(model, lab[..., 0]), width, height, Image.Resampling.BILINEAR),
            lab[..., 1:],
        )
        for name, way in WAYS.items()
    }


# Pictures


def lab_of(rgb8: NDArray[np.uint8]) -> Floats:
    return rgb_to_lab(rgb8 / 255.0).astype(np.float32)


def mosaics(pictures: list[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    """Of four each, 3 megapixels of detail."""
    wide = [each if each.shape[1] > each.shape[0] else np.rot90(each) for each in pictures]
    for k in range(0, len(wide) - 3, 4):
        a, b, c, d = wide[k : k + 4]
        four = np.vstack([np.hstack([a, b]), np.hstack([c, d])])
        yield np.asarray(Image.fromarray(four).resize((2048, 1365), Image.Resampling.LANCZOS))


def panorama(picture: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """So many times as wide as high, from the middle."""
    height, width, _ = picture.shape
    top = (height - width // times) // 2
    return picture[top : top + width // times]


def tell(title: str, rows: list[dict[str, Any]]) -> None:
    """Print the means."""
    means = ", ".join(f"{name} {np.mean([row[name] for row in rows]):.2f}" for name in rows[0])
    print(f"{title:32} {len(rows):3} pictures: {means}", flush=True)


def main(source: str | None = None) -> None:
    """Print both tables."""
    model = AnyShape()
    own = [make() for make in (data.astronaut, data.coffee, data.chelsea, data.rocket)]
    large = [data.retina(), data.hubble_deep_field()]
    tell("enlarging, scikit-image", [enlarged(lab_of(each)) for each in own])
    tell("enlarging, its large ones", [enlarged(lab_of(each)) for each in large])
    if source is None:
        return
    kodak = [decode_rgb8(x) for x in iter_samples(Path(source)) if x.class_name == "kodak"]
    tell("enlarging, kodak", [enlarged(lab_of(each)) for each in kodak])
    tell("enlarging, mosaics of kodak", [enlarged(lab_of(each)) for each in mosaics(kodak)])
    tell("aspect, kodak 3:2", [by_aspect(model, lab_of(each)) for each in kodak])
    for times in (2, 4):
        panoramas = [lab_of(panorama(each, times)) for each in kodak]
        tell(f"aspect, panoramas {times}:1", [by_aspect(model, lab) for lab in panoramas])


if __name__ == "__main__":
    main(*sys.argv[1:2])
