"""How far an archive has come, and its table: `colornet archive --status` and `--merge`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from colornet.cli.options import say
from colornet.errors import OptionError
from colornet.paths import path_of
from colornet.words import counted

if TYPE_CHECKING:
    from colornet.archive.manifest import Standing
    from colornet.archive.units import Plan


def _plan_at(name: str) -> Plan:
    from colornet.archive.places import Place
    from colornet.archive.units import read_plan

    place = Place.of(name)
    if found := read_plan(place):
        return found
    raise OptionError(place.name, "holds no archive of colornet", "name the --output of one")


def merge_table(name: str, target: str | None) -> bool:
    """Merge an archive's rows into a table; returns whether nothing is left or failed."""
    from colornet.archive.manifest import standing
    from colornet.archive.merging import TABLE, merge

    made, path = _plan_at(name), path_of("--output", target) if target else None
    if path and path.suffix.lower() not in (".parquet", ".jsonl"):
        raise OptionError(path, "is not the name of a table", "end it in .parquet or .jsonl")
    count = merge(made, path)
    say(f"{path or made.place / TABLE}: {count} of {counted(made.count, 'picture')}")
    return _whole(standing(made))


def show_status(name: str) -> bool:
    """Print how far an archive has come; returns whether nothing is left or failed."""
    from colornet.archive.manifest import standing

    now = standing(_plan_at(name))
    units = f" in {counted(now.units_left, 'unit')}" if now.left else ""
    said = [*counts(now.done, now.failed, now.own), f"{now.left} left{units}"]
    if now.rate:
        said.append(f"{now.rate:.2f} pictures per second")
        if now.left:
            said.append(f"{_duration(now.left / now.rate)} to go")
    print(", ".join(said))
    return _whole(now)


def counts(done: int, failed: int, own: int) -> list[str]:
    """In words: "3 done", "1 failed"."""
    return [f"{done} done", f"{failed} failed"] + [f"{own} left out as colornet's own"] * bool(own)


def _whole(now: Standing) -> bool:
    if now.left:
        say(f"{counted(now.left, 'picture')} left: run the archive again")
    return not (now.left or now.failed)


def _duration(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else "1 min"
