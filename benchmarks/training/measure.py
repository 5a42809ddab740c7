"""What a step of a training recipe costs, part by part, and in all beside another checkout.

    python benchmarks/training/measure.py recipes/general.yaml [--threads 1] [--crop 160]
        [--batch 16] [--beside CHECKOUT] [--json FILE]

Run it where the encoder's weights lie that the recipe names. Pictures are noise: what they show
makes no difference to the time. Every part is timed apart, forward and backward where it learns,
and counts by how often a step has it (`teacher_share`); its time is the least of ROUNDS. Whole
steps are timed of both checkouts in turns, each by its own recipe at this crop and batch, so that
whatever else the machine does slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from colornet.train.config import Recipe
from colornet.train.task import ColorizationTask

ROUNDS = 6
TURNS = 4
"""Times that each checkout has its turn, with STEPS steps."""
STEPS = 10
BINS = 185
PICTURES = 256
"""Of noise, to cut crops from."""
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Alone(ColorizationTask):
    """A task with no trainer."""

    global_step = 0


def build(recipe: Recipe) -> Alone:
    """The recipe's task, with random weights and as many bins as the shipped model has."""
    torch.manual_seed(0)
    bins = 10.0 * torch.cartesian_prod(*2 * [torch.arange(-7, 8)])[:BINS].float()
    return Alone(recipe, ["any"], bins, torch.full((BINS,), 1 / BINS)).to(DEVICE).train()


def noise(recipe: Recipe) -> tuple[Tensor, Tensor]:
    """A batch of pictures and their labels."""
    shape = recipe.batch, recipe.crop, recipe.crop, 3
    rgb8 = torch.randint(0, 256, shape, dtype=torch.uint8, device=DEVICE).permute(0, 3, 1, 2)
    return rgb8, torch.zeros(recipe.batch, dtype=torch.int64, device=DEVICE)


def seconds(work: Callable[[], Any]) -> float:
    """Of one run of the work."""
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def backward_flops(
    grad_shape: Any, x_shape: Any, weight_shape: Any, *given: Any, out_shape: Any = None
) -> int:
    """Of a convolution going backward; torch's own count takes depthwise ones for dense ones."""
    asked_for: list[bool] = given[-1]  # gradients of the input, the weights and the bias
    return 2 * prod(grad_shape) * prod(weight_shape[1:]) * sum(asked_for[:2])


def whole_steps(recipe: Recipe) -> list[float]:
    """Seconds of STEPS steps, the losses of each share of the batches in their turn."""
    task, batch = build(recipe), noise(recipe)
    made = task.configure_optimizers()
    optimizer = made["optimizer"] if isinstance(made, dict) else made

    def step() -> None:
        with torch.autocast(DEVICE, torch.bfloat16, enabled=recipe.precision != "32-true"):
            loss = task.training_step(batch, 0)["loss"]
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.parameters(), recipe.grad_clip or 1e9)
        optimizer.step()

    step()
    times = []
    for _ in range(STEPS):
        task.global_step += 1
        times.append(seconds(step))
    return times


def parts(recipe: Recipe) -> dict[str, tuple[float, Callable[[], Any]]]:
    """What a step is made of: how often it has that, and the work."""
    from colornet.train.data.degradations import degrade
    from colornet.train.data.sampler import Batches
    from colornet.train.heads import color_loss
    from colornet.train.lab import split_lab
    from colornet.train.losses.distillation import distillation_loss, feature_loss

    task, (rgb8, _) = build(recipe), noise(recipe)
    made = task.configure_optimizers()
    optimizer = made["optimizer"] if isinstance(made, dict) else made
    network, head, teacher = task.network, task.head, task.teacher
    rng = np.random.default_rng(0)
    pictures: Any = Noise(recipe.size)
    scale = recipe.min_crop_scale
    crops = iter(Batches(pictures, recipe.batch, recipe.crop, min_crop_scale=scale))
    lightness, ab = split_lab(rgb8)
    lightness = lightness.contiguous()
    encoded = network.encode(lightness)
    features = [x.detach().requires_grad_(x.requires_grad) for x in encoded.features]
    prior = encoded.prior.detach().requires_grad_()
    trunk = network.decode(features, prior).detach().requires_grad_()
    coarse = torch.nn.functional.avg_pool2d(ab, network.stride)
    output = head(trunk).detach().requires_grad_()
    assert teacher is not None
    head_features = network.head_features(features[-1]).detach().requires_grad_()
    with torch.no_grad():
        seen = teacher.maps(rgb8)
    sum(x.sum() for x in network.parameters() if x.requires_grad).backward()  # type: ignore[union-attr]

    def colors() -> Tensor:
        return feature_loss(teacher, lightness, head.to_ab(output), seen)

    def optimize() -> None:
        torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()

    share = recipe.teacher_share
    return {
        "data": (1, lambda: next(crops)),
        "degradations and Lab": (1, lambda: degrade(rgb8, split_lab(rgb8)[0], rng)),
        "encoder": (1, lambda: learn([*(e := network.encode(lightness)).features, e.prior])),
        "decoder": (1, lambda: learn([network.decode(features, prior)])),
        "head and color loss": (1, lambda: learn([color_loss(head, head(trunk), coarse)])),
        "teacher": (share, lambda: teacher.maps(rgb8)),
        "distillation": (
            share,
            lambda: learn([distillation_loss(teacher, features, head_features, seen)]),
        ),
        "feature loss": (share, lambda: learn([colors()])),
        "optimizer": (1, optimize),
    }


class Noise:
    """As a `PictureCache`, of noise."""

    def __init__(self, size: int) -> None:
        self.rgb8 = np.random.default_rng(0).integers(0, 256, (PICTURES, size, size, 3), np.uint8)
        self.labels = self.sources = np.zeros(PICTURES, dtype=np.int64)
        self.summary = argparse.Namespace(sources=["noise"])

    def __len__(self) -> int:
        return PICTURES


def learn(outputs: list[Tensor]) -> None:
    """Go backward from all that learns."""
    learned = [x for x in outputs if x.requires_grad]
    torch.autograd.backward(learned, [torch.ones_like(x) for x in learned])


BACKWARD = {torch.ops.aten.convolution_backward: backward_flops}


def by_parts(recipe: Recipe) -> list[dict[str, Any]]:
    """Milliseconds, share of the step and GFLOP/s of each part."""
    rows = []
    for name, (often, work) in parts(recipe).items():
        with FlopCounterMode(display=False, custom_mapping=BACKWARD) as counter:
            work()
        least = min(seconds(work) for _ in range(ROUNDS))
        rows.append(
            {
                "part": name,
                "ms": 1000 * least,
                "ms_per_step": 1000 * often * least,
                "gflops": counter.get_total_flops() / least / 1e9,
            }
        )
    total = sum(row["ms_per_step"] for row in rows)
    return [{**row, "share": row["ms_per_step"] / total} for row in rows]


def matrix_product() -> float:
    """GFLOP/s of a product of matrices of 1024 x 1024."""
    matrix = torch.randn(1024, 1024, device=DEVICE)
    return 2 * 1024**3 / min(seconds(lambda: matrix @ matrix) for _ in range(20)) / 1e9


def changed(path: Path, crop: int, batch: int) -> Recipe:
    """The recipe at this crop and batch."""
    recipe = Recipe.from_file(path)
    return recipe.changed(crop=crop, batch=batch, size=max(recipe.size, crop), precision="32-true")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--crop", type=int, default=160)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--beside", type=Path, help="another checkout, with the same recipe")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--steps-only", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    recipe = changed(given.recipe, given.crop, given.batch)
    if given.steps_only:
        print(json.dumps(whole_steps(recipe)))
        return
    rows = by_parts(recipe)
    for row in rows:
        print(f"{row['part']:22} {row['ms']:7.1f} ms  {row['share']:5.0%}  {row['gflops']:5.0f}")
    product = matrix_product()
    print(f"matrix product: {product:.0f} GFLOP/s")
    here = Path(__file__).resolve().parents[2]
    checkouts = [here] + ([given.beside.resolve()] if given.beside else [])
    times: dict[str, list[float]] = {str(c): [] for c in checkouts}
    for _ in range(TURNS):
        for checkout in checkouts:
            command = [sys.executable, __file__, str(checkout / "recipes/general.yaml")]
            command += ["--steps-only", "--threads", str(given.threads)]
            command += ["--crop", str(given.crop), "--batch", str(given.batch)]
            environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
            environment |= {"OMP_NUM_THREADS": str(given.threads)}
            out = subprocess.run(command, env=environment, capture_output=True, check=True)
            times[str(checkout)] += json.loads(out.stdout)
    speeds = [given.batch / float(np.mean(times[str(c)])) for c in checkouts]
    for checkout, speed in zip(checkouts, speeds, strict=True):
        print(f"{checkout}: {speed:.1f} pictures a second")
    if given.json:
        result = {"device": DEVICE, "threads": given.threads, "crop": given.crop}
        result |= {"batch": given.batch, "matrix_product_gflops": product, "parts": rows}
        result |= {"pictures_per_second": speeds}
        given.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
