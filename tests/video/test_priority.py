"""Encoders do not change the priority of threads."""

import os
from pathlib import Path

import pytest

from colornet.video.codecs import coder
from colornet.video.join import check
from colornet.video.source import Source
from colornet.video.target import Writer
from tests.video.films import HEIGHT, WIDTH, gray_frames, write_film

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getscheduler"), reason="the system does not tell a thread's scheduling"
)


def scheduling() -> set[tuple[int, int]]:
    """Policies and priorities of all threads of this process."""
    threads = [int(thread.name) for thread in Path("/proc/self/task").iterdir()]
    return {(os.sched_getscheduler(n), os.sched_getparam(n).sched_priority) for n in threads}


def test_av1_is_not_written_in_real_time(tmp_path: Path) -> None:
    """As root, SVT-AV1 takes the first place on the whole machine."""
    before = scheduling()
    source = Source(write_film(tmp_path / "a.mp4", gray_frames(1)))
    av1 = coder(tmp_path / "b.mp4", (WIDTH, HEIGHT), 8, "av1")
    check(source, av1, (WIDTH, HEIGHT))
    assert scheduling() == before
    writer = Writer(tmp_path / "b.mp4", av1, source, (WIDTH, HEIGHT))
    assert scheduling() == before
    writer.abandon()
