"""The Lightning task: a network and a head, their losses and the optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from colornet.errors import CheckpointError
from colornet.train.ab_bins import bin_shares, find_bins, sample_ab
from colornet.train.checkpoint import NAME_ONE, bins_of, load_checkpoint, load_weights
from colornet.train.config import Recipe
from colornet.train.data.cache import PictureCache
from colornet.train.heads import build_head, color_loss
from colornet.train.lab import join_lab
from colornet.train.lineage import Lineage, lineage_of
from colornet.train.losses import build_losses
from colornet.train.losses.adversarial import Discriminator
from colornet.train.losses.inputs import LossInputs
from colornet.train.losses.teacher import Teacher
from colornet.train.networks import build_network
from colornet.train.old_names import rename_checkpoint
from colornet.train.optimizer import build_optimizer
from colornet.train.views import view

Batch = tuple[Tensor, Tensor]
"""rgb8 (B,3,S,S) uint8 and labels (B,) int64."""


class ColorizationTask(L.LightningModule):
    """A network and a head, trained end to end by a weighted sum of losses.

    Args:
        recipe: what to build and how to train it.
        classes: names of the scene classes.
        bins, share: ab bins of the data, (Q,2) and (Q,); None where the head needs none.

    Attributes:
        total_steps: length of the schedule; set before training. Asking the trainer for it would
            make Lightning set up the data before it restores how far the data was read.
        time_spent: share of the recipe's minutes that a run has had, 0..1; kept up to date from
            outside, and what the schedule follows in such a run.
        world, parts: processes that share a step, and batches of each that make it.
        lineage: what the network comes from; see `lineage_of`.
        run: how its own run went, if it is of a checkpoint; see `Record`.
        figures: what the last validation measured, by test set, as a card has it.
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
        self.world = self.parts = 1
        self.lineage: Lineage = {}
        self.run: dict[str, Any] = {}
        self.figures: dict[str, dict[str, float]] = {}
        self.network = build_network(classes=len(classes), **recipe.network)
        self.head = build_head(
            trunk_channels=self.network.trunk_channels, bins=bins, share=share, **recipe.head
        )
        known = getattr(self.network, "semantic_channels", 0)
        self.discriminator = Discriminator(known) if recipe.adversarial else None
        encoder = recipe.network.get("encoder")
        self.teacher = Teacher(Path(encoder)) if encoder else None
        self.network.to(memory_format=torch.channels_last)
        for name, parameter in self.named_parameters():
            if not name.startswith(recipe.trainable):
                parameter.requires_grad_(False)
        self.trains_trunk = any(
            parameter.requires_grad and not name.startswith("affinity.")
            for name, parameter in self.network.named_parameters()
        )
        self.losses, self.costly_losses = build_losses(
            recipe, self.network, self.head, self.discriminator
        )

    @staticmethod
    def for_data(
        recipe: Recipe, cache: PictureCache, start: Sequence[Path] = ()
    ) -> ColorizationTask:
        """A new task for these pictures.

        Args:
            recipe: what to build; without `start` its seed decides the weights.
            cache: where the ab bins are found, if the head has any.
            start: weights to begin with, as for `start_from`, one after the other; the ab bins of
                the last that has any are kept.
        """
        bins = share = None
        if recipe.head["name"] != "regression":
            ab = sample_ab(cache, recipe.seed)
            bins, share = find_bins(ab)
            found = [bins_of(load_weights(path)) for path in start]
            if known := [each for each in found if each is not None and len(each)]:
                bins, share = known[-1], bin_shares(ab, known[-1])
        torch.manual_seed(recipe.seed)
        task = ColorizationTask(recipe, cache.summary.classes, bins, share)
        for path in start:
            task.start_from(path)
        task.lineage = lineage_of(cache, start)
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
            remedy = "name weights of the network in the recipe, or another recipe"
            raise CheckpointError(path, "has no weights in common with this network", remedy)
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
        pretrained = {"encoder": None} if "encoder" in recipe.network else {}  # not needed any more
        recipe = recipe.changed(
            network={**recipe.network, **pretrained},
            head={**recipe.head, **head},
            feature=0.0,
            distillation=0.0,
            adversarial=0.0,
        )
        state = {k: v for k, v in state.items() if not k.startswith("discriminator.")}
        bins = bins_of(state)
        if bins is None:
            raise CheckpointError(path, "is a checkpoint of another program", NAME_ONE)
        share = torch.full((len(bins),), 1 / max(1, len(bins)))  # only training needs the real one
        task = ColorizationTask(recipe, checkpoint["classes"], bins, share)
        try:
            task.load_state_dict(state)
        except RuntimeError as error:
            remedy = "use the version of colornet that made it"
            raise CheckpointError(path, "holds the weights of another network", remedy) from error
        task.recall(checkpoint)
        return task.eval()

    def forward(self, lightness: Tensor) -> Tensor:
        """Lightness (B,1,H,W) 0..100 -> ab (B,2,H,W): the whole table, its last up x2 included."""
        encoded = self.network.encode(lightness)
        ab = self.head.to_ab(self.head(self.network.decode(encoded.features, encoded.prior)))
        return F.interpolate(ab.float(), scale_factor=self.network.stride, mode="nearest")

    def look_at(self, batch: Batch, rng: np.random.Generator | None = None) -> LossInputs:
        """Run the network on a batch; with a generator, that is in training, see `view`."""
        rgb8, labels = batch
        pictures = view(rgb8, self.recipe, self.network.stride, rng)
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.trains_trunk):
            encoded = self.network.encode(pictures.seen)
            trunk = self.network.decode(encoded.features, encoded.prior)
        return LossInputs(
            **pictures._asdict(),
            network=self.network,
            head=self.head,
            teacher=self.teacher,
            rng=rng or np.random.default_rng(),
            labels=labels,
            encoded=encoded,
            trunk=trunk,
            output=self.head(trunk),
        )

    def training_step(self, batch: Batch, index: int) -> dict[str, Any]:
        """The weighted sum of the losses as `loss`, and `parts`: each of them, by name."""
        seed, part = [self.recipe.seed, self.global_step], index % self.parts
        rng = np.random.default_rng([*seed, part * self.world + self.global_rank])
        inputs = self.look_at(batch, rng)
        losses = [(loss, loss.of(inputs)) for loss in self.losses]
        of_step = np.random.default_rng([*seed, 0, 1])  # the same in all processes
        if of_step.random() < self.recipe.teacher_share:
            losses += [(loss, loss.of(inputs)) for loss in self.costly_losses]
        parts = {loss.name: value.detach() for loss, value in losses}
        if inputs.encoded.class_logits is not None:
            right = inputs.encoded.class_logits.argmax(1) == inputs.labels
            parts["class_accuracy"] = right.float().mean()
        total = torch.stack([loss.weight * value for loss, value in losses]).sum()
        return {"loss": total, "parts": parts}

    def on_train_epoch_start(self) -> None:
        """Keep the batch norm statistics of what is not trained."""
        for name, module in self.named_modules():
            module.training = f"{name}.".startswith(self.recipe.trainable)

    def validation_step(self, batch: Batch, index: int) -> None:
        """Logs the head's losses and the PSNR: the classes of other pictures may be others."""
        inputs = self.look_at(batch)
        ab = F.interpolate(inputs.predicted, inputs.lightness.shape[2:], mode="bilinear")
        found = {
            "validation": color_loss(self.head, inputs.output, inputs.ab),
            **{f"validation_{name}": value for name, value in inputs.color_losses.items()},
            "validation_psnr": mean_psnr(inputs.lightness, ab, inputs.rgb8),
            "validation_psnr_gray": mean_psnr(inputs.lightness, 0 * ab, inputs.rgb8),
        }
        self.log_dict(found, batch_size=len(inputs.labels), sync_dist=True)

    def on_validation_epoch_end(self) -> None:
        """Keep the figures for the card."""
        found = {
            name.removeprefix("validation_"): round(float(value), 4)
            for name, value in self.trainer.callback_metrics.items()
            if name.startswith("validation_")
        }
        self.figures = {f"validation pictures, at {self.recipe.crop}x{self.recipe.crop}": found}

    def configure_optimizers(self) -> Any:
        """Adam, at a constant rate or by a schedule."""
        return build_optimizer(self.recipe, self.named_parameters(), self._progress)

    def _progress(self, step: int) -> float:
        """The share of the run that is over before this step, 0..1."""
        return self.time_spent if self.recipe.minutes else (step + 0.5) / self.total_steps

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what is needed to build the task again."""
        checkpoint["recipe"] = self.recipe.to_dict()
        checkpoint["classes"] = self.classes
        checkpoint["lineage"] = self.lineage
        checkpoint["figures"] = self.figures

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Resume from a checkpoint, whose weights get their present names."""
        rename_checkpoint(checkpoint)
        self.recall(checkpoint)

    def recall(self, checkpoint: dict[str, Any]) -> None:
        """Take over lineage, run and figures of a checkpoint; older ones have none."""
        self.lineage = checkpoint.get("lineage", {})
        self.run = checkpoint.get("run", {})
        self.figures = checkpoint.get("figures", {})


def mean_psnr(lightness: Tensor, ab: Tensor, rgb8: Tensor) -> Tensor:
    """Peak signal-to-noise ratio over RGB in dB, the mean of a batch.

    Args:
        lightness, ab: (B,1,H,W) and (B,2,H,W), predicted.
        rgb8: (B,3,H,W), true.
    """
    with torch.autocast(rgb8.device.type, enabled=False):
        rgb01 = join_lab(lightness.float(), ab.float())
        errors = F.mse_loss(rgb01, rgb8.float() / 255, reduction="none").mean(dim=(1, 2, 3))
        return -10 * errors.clamp(min=1e-10).log10().mean()
