from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from colornet.train.run import train
from colornet.train.task import ColorizationTask
from tests.train.tasks import weights_in
from tests.train.together import TINY

MakePictures = Callable[..., Path]


def test_a_signal_saves_the_run_which_then_continues(
    make_pictures: MakePictures,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, recipe = [make_pictures("set", ["cat"], 32)], TINY.changed(epochs=3)  # 4 steps each
    at = {2: signal.SIGTERM, 5: signal.SIGINT, 7: signal.SIGTERM}
    step = ColorizationTask.training_step

    def interrupted(task: Any, batch: Any, index: int) -> Any:
        if number := at.pop(task.global_step, None):
            signal.raise_signal(number)
        return step(task, batch, index)

    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    whole = train(data, recipe, tmp_path / "whole")
    monkeypatch.setattr(ColorizationTask, "training_step", interrupted)
    with pytest.raises(SystemExit, match="143"):
        train(data, recipe, tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        train(data, recipe, tmp_path / "run")
    with pytest.raises(SystemExit, match="143"):  # in the last step of an epoch
        train(data, recipe, tmp_path / "run")
    last = train(data, recipe, tmp_path / "run")
    assert not at
    assert all(torch.equal(weights_in(last)[name], w) for name, w in weights_in(whole).items())
    said = capsys.readouterr().out
    for place in ("epoch 1 of 3, batch 4 of 4", "epoch 2 of 3, batch 3 of 4", "epoch 3 of 3"):
        assert f"going on with {place}" in said
    assert f"the same command continues the run: {last}" in said
    assert handlers == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
