"""What is trained: a network and a head, the loss, the optimizer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.color import rgb_to_lab
from colornet.errors import CheckpointError
from colornet.modelfile import find
from colornet.train.config import Recipe
from colornet.train.data.cache import PictureCache
from colornet.train.data.degradations import age
from colornet.train.heads import bin_shares, build_head, find_bins
from colornet.train.lab import split_lab
from colornet.train.losses.affinity import hint_loss, thing_loss
from colornet.train.losses.teacher import Adversary, FeatureLoss, RecognitionLoss, see, skin_loss
from colornet.train.networks import Encoded, build_network
from colornet.train.networks.mobilenet_edgetpu import MobileNetEdgeTPU
from colornet.train.weights import read_model, read_npz

HINT_WEIGHT, THING_WEIGHT = 0.3, 1.0
VIVIDNESS, SATURATION = (0.3, 1.0), (1.1, 1.25)
"""Of the colors that hints are learned for: what settings have."""
WARMUP, COOLDOWN = 0.05, 0.2
"""Shares of a run over which a schedule's rate rises at first, and falls in the end."""


class ColorizationTask(L.LightningModule):
    """A network and a head, trained end to end: color loss + alpha x cross-entropy of the class.

    Args:
        recipe: what to build and how to train it.
        classes: names of the scene classes.
        bins, share: ab bins of the data, (Q,2) and (Q,); None where the head needs none.

    Attributes:
        total_steps: length of the schedule; set before training. Asking the trainer for it would
            make Lightning set up the data before it restores how far the data was read.
        time_spent: share of the recipe's minutes that a run has had, 0..1; kept up to date from
            outside, and what the schedule follows in such a run.
    """

    def __init__(
        self,
        recipe: Recipe,
        classes: list[str],
        bins: Tensor | None = None,
        share: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.classes = classes
        self.total_steps = 1
        self.time_spent = 0.0
        self.network = build_network(classes=len(classes), **recipe.network)
        self.head = build_head(
            trunk_channels=self.network.trunk_channels, bins=bins, share=share, **recipe.head
        )
        self.adversary = Adversary() if recipe.adversary else None
        self._original: tuple[MobileNetEdgeTPU] | None = None  # hidden from torch: not learned
        self.network.to(memory_format=torch.channels_last)
        if recipe.only:
            for name, parameter in self.named_parameters():
                parameter.requires_grad_(name.startswith(recipe.only))

    @staticmethod
    def for_data(
        recipe: Recipe, cache: PictureCache, start: Sequence[Path] = ()
    ) -> ColorizationTask:
        """A new task for these pictures.

        Args:
            recipe: what to build; without `start` its seed decides the weights.
            cache: where the ab bins are found, if the head has any.
            start: weights to begin with, as for `start_from`, one after the other; the first's ab
                bins are kept.
        """
        bins = share = None
        if recipe.head["name"] != "regression":
            ab = sample_ab(cache, recipe.seed)
            bins, share = find_bins(ab)
            if start and (known := bins_of(load_weights(start[0]))) is not None and len(known):
                bins, share = known, bin_shares(ab, known)
        torch.manual_seed(recipe.seed)
        task = ColorizationTask(recipe, cache.summary.classes, bins, share)
        for path in start:
            task.start_from(path)
        return task

    def start_from(self, path: Path) -> None:
        """Take the weights of another run, as far as this network has them.

        Raises:
            CheckpointError: missing, damaged, or of a network that has nothing in common.
        """
        state = self.state_dict()
        there = load_weights(path)
        common = [n for n in state if n in there and state[n].shape == there[n].shape]
        if not any(state[name].dim() > 1 for name in common):
            raise CheckpointError(path, "has no weights in common with this network")
        for name in common:
            state[name].copy_(there[name])

    @staticmethod
    def from_checkpoint(path: Path, **head: Any) -> ColorizationTask:
        """The task of a checkpoint, in evaluation mode, on the CPU.

        Args:
            path: from `colornet train`.
            head: options of the head that replace those it was trained with, such as how its
                distribution is decoded.

        Raises:
            CheckpointError: missing, damaged, or not a checkpoint of colornet.
            RecipeError: the head has no such option.
        """
        checkpoint = load_checkpoint(path)
        state = checkpoint["state_dict"]
        recipe = Recipe.from_dict(checkpoint["recipe"], path)
        recipe = recipe.changed(
            network={**recipe.network, **without_pretraining(recipe)},
            head={**recipe.head, **head},
            feature=0.0,
            recognition=0.0,
        )
        bins = bins_of(state)
        if bins is None:
            raise CheckpointError(path, "is a checkpoint of another program")
        share = torch.full((len(bins),), 1 / max(1, len(bins)))  # only training needs the real one
        task = ColorizationTask(recipe, checkpoint["classes"], bins, share)
        try:
            task.load_state_dict(state)
        except RuntimeError as error:
            raise CheckpointError(path, "holds the weights of another network") from error
        return task.eval()

    def forward(self, lightness: Tensor) -> Tensor:
        """Lightness (B,1,H,W) 0..100 -> ab (B,2,H,W): the whole table, its last up x2 included."""
        encoded = self.network.encode(lightness)
        ab = self.head.to_ab(self.head(self.network.decode(encoded.features, encoded.prior)))
        return F.interpolate(ab.float(), scale_factor=self.network.stride, mode="nearest")

    def losses(
        self, batch: tuple[Tensor, Tensor], rng: np.random.Generator | None = None
    ) -> dict[str, Tensor]:
        """Losses of a batch (rgb8 (B,3,S,S), labels (B,)) by name: `color` is the head's.

        With a generator, that is in training, the lightness is aged and the colors are jittered if
        the recipe says so, and there are the losses that only training needs.

        Color is compared at the trunk's resolution, with the mean ab of the pixels under each of
        its cells: for the squared error of a nearest-neighbor up x2 that is the same up to a
        constant, and it costs a quarter.
        """
        rgb8, labels = batch
        device = rgb8.device.type
        with torch.no_grad(), torch.autocast(device, enabled=False):
            true_lightness, ab = split_lab(rgb8)  # (B,1,S,S), (B,2,S,S)
            lightness = true_lightness
            if rng is not None and self.recipe.aging:
                lightness = age(rgb8, lightness, rng)
            ab = F.avg_pool2d(ab, self.network.stride)  # (B,2,S/2,S/2)
            if rng is not None and self.recipe.color_jitter > 1:
                factors = rng.uniform(1, self.recipe.color_jitter, (len(ab), 1, 1, 1))
                ab = ab * torch.as_tensor(factors, dtype=ab.dtype, device=ab.device)
        frozen = self.recipe.only and not "network.encoder".startswith(self.recipe.only)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
            encoded: Encoded = self.network.encode(lightness.contiguous())
            trunk = self.network.decode(encoded.features, encoded.prior)
        output = self.head(trunk)
        losses = {}
        if rng is None or not self.recipe.only.startswith("network.affinity"):
            losses["color"] = self.head.loss(output, ab)
        if encoded.class_logits is not None:
            losses["class"] = F.cross_entropy(encoded.class_logits.float(), labels)
        if rng is None:
            return losses
        affinity = self.network.relate(encoded.features, trunk)
        seen, shade = (F.avg_pool2d(x, self.network.stride) for x in (lightness, true_lightness))
        if affinity is not None:
            with torch.autocast(device, enabled=False):
                own = self._in_some_setting(output, rng)
                surest = next(iter(self.head.decodings(output).values()))
                looks = torch.cat([seen, surest.float()], dim=1)
                losses["hints"] = hint_loss(own, affinity, looks, ab, rng)
                losses["things"] = thing_loss(affinity, looks, shade, ab, rng)
        with_teacher = rng.random() < self.recipe.teacher_share
        if not with_teacher and self.adversary is None:
            return losses
        with torch.autocast(device, enabled=False):
            decoded = self.head.to_ab(output)
        if self.adversary is not None:
            fooling, judging = self.adversary.losses(true_lightness, decoded, ab)
            losses |= {"adversary": fooling, "judging": judging}
        if with_teacher and self.recipe.skin:
            losses["skin"] = skin_loss(decoded, shade, ab)
        if with_teacher and (self.recipe.recognition or self.recipe.feature):
            true = see(self.original, rgb8)
            if self.recipe.recognition:
                named = self.network.named(encoded.features[-1])
                judge = RecognitionLoss(self.original)
                losses["recognition"] = judge(encoded.features, named, true)
            if self.recipe.feature:
                look = FeatureLoss(self.original)
                losses["feature"] = look(true_lightness, decoded, true)
        return losses

    def _in_some_setting(self, output: Tensor, rng: np.random.Generator) -> Tensor:
        """Colors (B,2,h,w) as vivid as any setting may ask for, which hints have to correct."""
        safe, *vivid = self.head.decodings(output).values()
        colors = torch.lerp(safe, vivid[0], rng.uniform(*VIVIDNESS)) if vivid else safe
        return colors * rng.uniform(*SATURATION)

    @property
    def original(self) -> MobileNetEdgeTPU:
        """The network that the encoder began as, for pictures in color; it does not learn."""
        if self._original is None:
            original = MobileNetEdgeTPU.from_npz(Path(self.recipe.network["encoder"]))
            self._original = (original.eval().requires_grad_(False),)
        return self._original[0]

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        """The weighted sum of all losses."""
        rng = np.random.default_rng([self.recipe.seed, self.global_step, self.global_rank])
        losses = self.losses(batch, rng)
        weights = {
            "color": 1.0,
            "class": self.recipe.alpha,
            "skin": self.recipe.skin,
            "feature": self.recipe.feature,
            "recognition": self.recipe.recognition,
            "adversary": self.recipe.adversary,
            "judging": 1.0,  # moves the adversary alone
            "hints": HINT_WEIGHT,  # this and the next move the affinity alone
            "things": THING_WEIGHT,
        }
        return torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()

    def on_train_epoch_start(self) -> None:
        """What is not trained keeps the statistics of its batch norm, too."""
        if self.recipe.only:
            self.eval().get_submodule(self.recipe.only.rstrip(".")).train()

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """Logs the color loss alone: the classes of other pictures may be others."""
        rgb8, labels = batch
        loss = self.losses((rgb8, torch.zeros_like(labels)))["color"]
        self.log("validation", loss, batch_size=len(labels), sync_dist=True)

    def configure_optimizers(self) -> Any:
        """Adam, at a constant rate or along a cosine."""
        rate = self.recipe.rate
        trained = [(name, p) for name, p in self.named_parameters() if p.requires_grad]
        encoder = [p for name, p in trained if name.startswith("network.encoder.")]
        others = [p for name, p in trained if not name.startswith("network.encoder.")]
        groups: list[dict[str, Any]] = [{"params": others}]
        if encoder:
            groups.append({"params": encoder, "lr": rate * self.recipe.encoder_rate})
        optimizer = torch.optim.AdamW(
            groups, lr=rate, weight_decay=self.recipe.weight_decay, fused=True
        )
        if self.recipe.schedule == "constant":
            return optimizer
        factor = SCHEDULES[self.recipe.schedule]
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: factor(self._progress(step))
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _progress(self, step: int) -> float:
        """How much of the run is over before this step, 0..1."""
        return self.time_spent if self.recipe.minutes else (step + 0.5) / self.total_steps

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what is needed to build the task again."""
        checkpoint["recipe"] = self.recipe.to_dict()
        checkpoint["classes"] = self.classes


def without_pretraining(recipe: Recipe) -> dict[str, Any]:
    """Network options that keep a checkpoint from asking for the weights it was started from."""
    return {"encoder": None} if "encoder" in recipe.network else {}


def cosine(progress: float) -> float:
    """Factor on the learning rate: a linear rise over WARMUP of the run, then a cosine to 0."""
    if progress < WARMUP:
        return progress / WARMUP
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - WARMUP) / (1 - WARMUP))))


def cooldown(progress: float) -> float:
    """Factor on the learning rate: a linear rise over WARMUP, 1, a linear fall over COOLDOWN to 0.

    A run can go on from any point before the fall as if it had been meant to be longer.
    """
    return min(1.0, progress / WARMUP, max(0.0, (1 - progress) / COOLDOWN))


SCHEDULES = {"cosine": cosine, "cooldown": cooldown}


def sample_ab(cache: PictureCache, seed: int, pictures: int = 2000) -> np.ndarray:
    """Colors (N,2) of a sample of the pictures, every fourth pixel of each row and column."""
    count = min(pictures, len(cache))
    chosen = np.sort(np.random.default_rng(seed).choice(len(cache), count, replace=False))
    blocks = [rgb_to_lab(cache.rgb8[i, ::4, ::4] / 255.0)[..., 1:].reshape(-1, 2) for i in chosen]
    return np.concatenate(blocks)


def bins_of(weights: dict[str, Tensor]) -> Tensor | None:
    """The head's ab bins (Q,2) among these weights."""
    return next((value for name, value in weights.items() if name.endswith("bins")), None)


def load_weights(path: Path) -> dict[str, Tensor]:
    """The weights, as fp32, of a checkpoint, a model, or a file of bare weights (`.npz`).

    Raises:
        CheckpointError: missing, damaged, or none of these.
        ModelNotFound, ModelDamaged: no file, and no model either, or a damaged one.
    """
    if path.is_dir() or not (path.suffix or path.exists()):
        return read_model(find(path))
    if path.suffix == ".npz":
        return read_npz(path)
    return {k: v.float() for k, v in load_checkpoint(path)["state_dict"].items()}


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a checkpoint, without unpickling anything but tensors and plain types.

    Raises:
        CheckpointError: missing, damaged, or not a checkpoint of colornet.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CheckpointError(path, f"cannot be read ({error.strerror})") from error
    except Exception as error:  # torch names no one type for a damaged file
        raise CheckpointError(path, "is damaged or no checkpoint") from error
    if not isinstance(checkpoint, dict) or not {"state_dict", "recipe", "classes"} <= set(
        checkpoint
    ):
        raise CheckpointError(path, "is a checkpoint of another program")
    return checkpoint
