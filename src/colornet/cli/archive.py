"""`colornet archive`: any number of pictures, by any number of processes and machines."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from colornet.cli.interrupts import heeding_signals
from colornet.cli.options import (
    BeforeAfterOption,
    FormatOption,
    JobsOption,
    LevelsOption,
    MarkOption,
    ModelOption,
    PartialOption,
    QualityOption,
    SaturationOption,
    SettingOption,
    StrengthOption,
    StripMetadataOption,
    named,
    say,
)
from colornet.cli.standing import counts, merge_table, show_status
from colornet.errors import OptionError
from colornet.extras import refuse_missing
from colornet.guidance import Guidance
from colornet.model import DEFAULT_MODEL
from colornet.words import counted

if TYPE_CHECKING:
    from colornet.archive.units import Plan, Unit
    from colornet.archive.work import Outcome

Into = Literal["tree", "tar", "parquet"]
APART = {
    "--merge": ("sources", "--status", "--plan", "--retry", "--shard", "--ray", "--jobs"),
    "--status": ("sources", "--output", "--plan", "--retry", "--shard", "--ray", "--jobs"),
    "--plan": ("--retry", "--shard", "--ray", "--jobs"),
    "--ray": ("--jobs",),
}
"""Options that each of these would ignore."""


def archive(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SRC]...",
            help="Folders, pictures, patterns such as 'scans/**/*.tif', lists of names (.txt), tar "
            "files and Parquet files; on disk or behind URLs such as s3://bucket/scans.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="DST", help="A folder, on disk or behind a URL."),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="K/N",
            help="Color the K-th of N shares: 0/64 to 63/64, or 1/64 to 64/64. Shares may run at "
            "the same time, in any order, twice, and be killed.",
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="[ADDRESS]",
            help="Color by actors of a Ray cluster: one that is begun here, or that at an address "
            "such as auto, HOST:6379 or ray://HOST:10001.",
        ),
    ] = None,
    actors: Annotated[
        str | None,
        typer.Option(
            metavar="[MIN-]MAX", help="Of Ray; by default, from 1 to as many as there are CPUs."
        ),
    ] = None,
    into: Annotated[
        Into, typer.Option(help="Results as files, or packed, some hundred each.")
    ] = "tree",
    plan_only: Annotated[
        bool,
        typer.Option("--plan", help="List the sources in a plan, or add new ones; color nothing."),
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Color those units again of which pictures failed.")
    ] = False,
    merge: Annotated[
        str | None,
        typer.Option(
            metavar="DST",
            help="Merge what was written about each picture into DST/manifest.parquet, or into the "
            "file that --output names, .parquet or .jsonl.",
        ),
    ] = None,
    status: Annotated[
        str | None, typer.Option(metavar="DST", help="Tell how far an archive has come.")
    ] = None,
    model: ModelOption = DEFAULT_MODEL,
    strength: StrengthOption = None,
    saturation: SaturationOption = None,
    levels: LevelsOption = None,
    setting: SettingOption = None,
    format: FormatOption = None,
    quality: QualityOption = None,
    strip_metadata: StripMetadataOption = False,
    mark: MarkOption = False,
    before_after: BeforeAfterOption = False,
    partial: PartialOption = False,
    jobs: JobsOption = None,
) -> None:
    """Colorize an archive, on one machine or many.

    The pictures are planned in units of 256. Each process colors units that are left, and each unit
    gets a file of rows in DST/parts, last of all; so the same command goes on where it was.
    The exit code is 0 only if all that was asked for is done and no picture failed.
    """
    given: dict[str, object] = {"sources": sources, "--output": output}
    given |= {"--merge": merge, "--status": status, "--plan": plan_only}
    _refuse_together(given | {"--retry": retry, "--shard": shard, "--ray": ray, "--jobs": jobs})
    if actors and not ray:
        raise OptionError("--actors", "is for --ray alone", "use --jobs, or add --ray")
    if merge or status:
        done = merge_table(merge, output) if merge else show_status(status or "")
    else:
        if not sources or not output:
            raise OptionError("archive", "needs sources and --output", "see --help")
        from colornet.archive.order import Order
        from colornet.archive.places import Place
        from colornet.archive.planning import plan
        from colornet.picture import Encoding

        said = named(strength=strength, saturation=saturation, setting=setting, levels=levels)
        shown = {"mark": mark, "before_after": before_after}
        encoding = Encoding(format, quality, strip_metadata=strip_metadata, **shown)
        share, pool = _share(shard), _pool(actors, ray)
        for module in ["ray"] * (ray is not None) + ["pyarrow"] * (into == "parquet"):
            refuse_missing(module)  # before a plan is written
        order = Order.of(model, Guidance(**said), encoding, partial, into)
        made = plan(sources, Place.of(output), order, grow=plan_only, retry=retry)
        done = _planned(made) if plan_only else _run(made, share, retry, jobs, ray, pool)
    if not done:
        raise typer.Exit(1)


class Command(TyperCommand):
    """Takes `--ray` without an address as well."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put "local" behind a `--ray` that no address follows."""
        for k in (k for k, argument in enumerate(args) if argument == "--ray"):
            if not re.fullmatch(r"auto|local|ray://.+|[\w.-]+:\d+", "".join(args[k + 1 : k + 2])):
                args = [*args[: k + 1], "local", *args[k + 1 :]]
        return super().parse_args(ctx, args)


def _refuse_together(given: dict[str, object]) -> None:
    """Options of which one would be ignored are errors."""
    for one, others in APART.items():
        for other in (o for o in others if given[one] and given[o]):
            raise OptionError(one, f"and {other} do not go together", "give one of them")


def _share(shard: str | None) -> tuple[int, int]:
    """The number and count of a share; all there is by default."""
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", shard or "0/1")
    if not found or not int(found[1]) <= int(found[2]) != 0:
        raise OptionError(
            f"--shard {shard}", "is not a share", "use 0/64 to 63/64, or 1/64 to 64/64"
        )
    return int(found[1]), int(found[2])


def _pool(actors: str | None, ray: str | None) -> tuple[int, int | None]:
    """The least and the most actors; None: as many as there is room for."""
    if actors is None:
        return 1, None
    found = re.fullmatch(r"(?:(\d{1,9})-)?(\d{1,9})", actors)
    if not found or not 1 <= int(found[1] or 1) <= int(found[2]):
        raise OptionError(f"--actors {actors}", "is not MIN-MAX", "use 4, or 2-16")
    pool = int(found[1] or 1), int(found[2])
    from colornet.archive.cluster import refuse_too_many

    refuse_too_many(ray or "", pool)
    return pool


def _planned(made: Plan) -> bool:
    for line in made.left_out:
        say(line)
    pictures, units = counted(made.count, "picture"), counted(len(made.units), "unit")
    say(f"{made.place.name}: {pictures} planned, in {units}")
    return True


def _run(
    made: Plan,
    share: tuple[int, int],
    retry: bool,
    jobs: int | None,
    ray: str | None,
    pool: tuple[int, int | None],
) -> bool:
    from colornet.archive import running
    from colornet.archive.manifest import left
    from colornet.archive.units import shard
    from colornet.batch import default_jobs
    from colornet.model import usable_cores

    units = shard(left(made, retry), *share)
    others = {unit.id for unit in shard(made.units, *share)} - {unit.id for unit in units}
    if ray is not None:
        from colornet.archive import cluster

        results = cluster.run(made, units, address=ray, actors=pool, again=retry)
    else:
        jobs = jobs or default_jobs()
        threads = max(1, usable_cores() // jobs)
        results = running.run(made, units, jobs=jobs, threads=threads, again=retry)
    with heeding_signals(), contextlib.closing(results):
        return _tell(results, made, units) and not _failed_before(made, others)


def _failed_before(made: Plan, units: set[str]) -> int:
    """How many pictures of these units failed in earlier runs, which is said."""
    from colornet.archive.manifest import failures

    if before := sum(n for unit, n in failures(made.place).items() if unit in units):
        say(f"{before} failed in an earlier run; --retry tries again")
    return before


def _tell(results: Iterable[Outcome], made: Plan, units: list[Unit]) -> bool:
    """A bar while they come, a line for each failure, and a summary."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    done = failed = own = 0
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("colorizing", total=sum(unit.count for unit in units))
            for outcome in results:
                done, failed = done + outcome.done, failed + len(outcome.failed)
                own += outcome.own
                bar.update(task, completed=done + failed + own)
                for error in outcome.failed:
                    say(error)
    finally:
        say(f"{', '.join(counts(done, failed, own))} of {made.count} planned")
    return not failed
