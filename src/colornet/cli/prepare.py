"""`colornet prepare`: split pictures of faces, and augment those for training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from colornet.cli.interrupts import heeding_signals
from colornet.cli.options import say
from colornet.words import counted


def prepare(
    faces: Annotated[
        Path, typer.Argument(help="Folder or tar file of pictures, with or without class folders.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="New or empty folder for the pictures.")
    ],
    by_person: Annotated[
        bool,
        typer.Option("--by-person", help="Split by clusters of similar faces, not by picture."),
    ] = False,
    encoder: Annotated[
        Path | None,
        typer.Option(help="MobileNetEdgeTPU weights (.npz), for better clusters."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed; the same one makes the same files.")] = 0,
    copies: Annotated[
        int, typer.Option(min=1, help="Number of augmented pictures per picture.")
    ] = 10,
) -> None:
    """Split pictures 1:9 into test_data and train_data, and augment the latter into aug_images."""
    from colornet.errors import OptionError
    from colornet.train.prepare import prepare as run

    if encoder and not by_person:
        raise OptionError("--encoder", "tells persons apart, which only --by-person does", "add it")
    how: Any = {"by_person": by_person, "encoder": encoder, "seed": seed, "copies": copies}
    with heeding_signals():
        split = run(faces, output, **how)
    for folder, count in split.counts.items():
        print(f"{folder:11}{count:7} {'picture' if count == 1 else 'pictures'}")
    persons = f", {counted(len(split.clusters), 'cluster')}" if split.clusters else ""
    print(f"split by {split.method}{persons}, seed {seed}: {output / 'split.json'}")
    for key, reason in split.left_out.items():
        say(f"{key}: {reason}, left out")
    if split.left_out:
        raise typer.Exit(1)
