"""Threads that share a canvas, and what it remembers."""

import gc
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from skimage import data

from colornet.canvas import Canvas
from colornet.colorizer import Colorizer
from colornet.errors import OptionError
from colornet.guidance import Guidance, Hint

GRAY = data.camera()[::8, ::8].copy()  # (64, 64)
FILES = ("canvas.py", "colorings.py", "coloring.py", "prediction.py", "pipeline.py")
SECONDS = 0.05
"""For another thread to come to its end, unless it waits for this one."""


def interrupted(
    work: Callable[[], Any], line: int, other: Callable[[], Any]
) -> tuple[Any, threading.Thread | None]:
    """What the work gives if before its n-th line another thread does all of its own.

    Args:
        work: done here.
        line: n, of those that share state.
        other: what the other thread does.

    Returns:
        The work's result, and the other thread; None: there are not so many lines.
    """
    seen, thread = 0, None

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal seen, thread
        if Path(frame.f_code.co_filename).name not in FILES:
            return None
        seen += event == "line"
        if seen == line and thread is None:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join(SECONDS)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return work(), thread
    finally:
        sys.settrace(before)


def colored(canvas: Canvas, guidance: Guidance, into: list[NDArray[np.float32]]) -> None:
    into.append(canvas.ab(guidance))


def test_threads_get_what_belongs_together_wherever_they_meet(guided: Colorizer) -> None:
    light = guided.prior(np.full((64, 64), 240, np.uint8))
    hints = [Hint(((20, 20),), "tan")]
    one, other = Guidance(hints=hints), Guidance(reference=light, hints=hints)
    own, lit = guided.open(GRAY).ab(one), guided.open(GRAY).ab(other)
    assert np.abs(own - lit).max() > 5
    for line in count(1):
        canvas = guided.open(GRAY)
        meanwhile: list[NDArray[np.float32]] = []
        first, thread = interrupted(
            partial(canvas.ab, one), line, partial(colored, canvas, other, meanwhile)
        )
        if thread is None:
            break
        thread.join()
        assert np.array_equal(first, own), f"interrupted at line {line}"
        assert np.array_equal(meanwhile[0], lit), f"interrupting at line {line}"
        assert np.array_equal(canvas.ab(other), lit), f"after line {line}"
        assert np.array_equal(canvas.ab(one), own), f"after line {line}"
    assert line > 20


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one each time that a decoder runs."""
    found: list[str] = []
    run = onnxruntime.InferenceSession.run

    def counted(self: Any, names: list[str], *rest: Any) -> Any:
        found.extend(name for name in names if name == "ab")
        return run(self, names, *rest)

    monkeypatch.setattr(onnxruntime.InferenceSession, "run", counted)
    return found


def test_looking_for_colors_between_colorings_decodes_nothing_anew(
    guided: Colorizer, decodings: list[str]
) -> None:
    canvas, photograph = guided.open(GRAY), data.coffee()
    prepared, prior = guided.reference(photograph), guided.prior(photograph)
    for reference, runs in ((prepared, 2), (photograph, 0), (prior, 1)):
        decodings.clear()
        for _ in range(3):
            canvas.suggest(20, 20)
            canvas.ab(Guidance(reference=reference))
            canvas.ab(Guidance(reference=reference, hints=[Hint(((20, 20),), "tan")]))
            canvas.variants(2, Guidance(reference=reference))
            canvas.uncertainty()
        assert len(decodings) == runs


def test_threads_that_ask_for_the_same_wait_for_it(guided: Colorizer, decodings: list[str]) -> None:
    canvas = guided.open(GRAY)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: canvas.ab(), range(8)))
    assert len(decodings) == 1
    assert all(np.array_equal(result, results[0]) for result in results)


def test_no_more_than_the_latest_is_remembered(guided: Colorizer) -> None:
    canvas = guided.open(GRAY)
    canvas.ab()
    few = canvas.nbytes
    for shade in range(100, 240, 10):
        canvas.ab(Guidance(reference=guided.prior(np.full((64, 64), shade, np.uint8))))
    assert canvas.nbytes < 2 * few


def test_what_is_kept_under_levels_is_counted(guided: Colorizer) -> None:
    canvas = guided.open(GRAY)
    canvas.ab()
    features = canvas._colorings.under(None).encoded.encoded.features
    kept = weakref.ref(next(iter(features.values())))
    del features
    for black in (10, 20, 30):
        canvas.ab(Guidance(levels=(black, 90)))
    gc.collect()
    assert kept() is None


def test_no_result_replaces_its_reference(guided: Colorizer, photograph: Path) -> None:
    canvas, before = guided.open(photograph), photograph.read_bytes()
    one, second = (photograph.with_name(f"astronaut-color{end}.jpg") for end in ("", "-2"))
    for reference in (one, second):
        reference.write_bytes(before)
    with pytest.raises(OptionError, match=r"color\.jpg: is the reference itself; choose another"):
        canvas.save(guidance=Guidance(reference=one), overwrite=True)
    with pytest.raises(OptionError, match=r"color-2\.jpg: is the reference itself"):
        canvas.save_variants(2, guidance=Guidance(reference=second), overwrite=True)
    assert one.read_bytes() == second.read_bytes() == before
