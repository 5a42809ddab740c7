import sys
from pathlib import Path

import pytest
from PIL import Image

from colornet.errors import OptionError
from colornet.train.log import EpochLog, read_log, refuse_other_files, write_log
from colornet.train.plots import draw_losses, draw_pairs
from colornet.train.processes import Processes

EPOCHS = [
    {"train": 0.5, "cross_entropy": 0.4, "smooth_l1": 1.0, "validation": 0.6, "seconds": 61.0},
    {"train": 0.3, "cross_entropy": 0.2, "smooth_l1": 1.0, "class_accuracy": 0.75, "seconds": 60.0},
]


def test_a_line_has_the_sum_first_and_each_loss_apart(tmp_path: Path) -> None:
    write_log(tmp_path, EPOCHS)
    first, second = (tmp_path / "log").read_text().splitlines()
    assert first == (
        "epoch 1  train 0.5  validation 0.6  cross_entropy 0.4  smooth_l1 1  seconds 61"
    )
    assert second.startswith("epoch 2  train 0.3  cross_entropy 0.2")
    assert read_log(tmp_path) == [{"epoch": i, **e} for i, e in enumerate(EPOCHS, 1)]


def test_logs_of_earlier_versions_are_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("epoch 1  train 0.0051  validation 0.0043  seconds 61\n")
    assert read_log(tmp_path) == [
        {"epoch": 1, "train": 0.0051, "validation": 0.0043, "seconds": 61}
    ]
    log = EpochLog(tmp_path, Processes())
    log.load_state_dict({"total": 1.5, "steps": 3, "seconds": 7.0})
    assert log.state_dict()["sums"] == {"train": (1.5, 3)}


def test_every_loss_has_a_panel(tmp_path: Path) -> None:
    sizes = []
    for epochs in ([{"train": 0.5, "seconds": 1.0}], EPOCHS):
        draw_losses(epochs, tmp_path / "loss.png")
        with Image.open(tmp_path / "loss.png") as picture:
            sizes.append(picture.size)
    assert sizes[1] > sizes[0]
    assert [path.name for path in tmp_path.iterdir()] == ["loss.png"]


def test_without_matplotlib_no_curves_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    draw_losses(EPOCHS, tmp_path / "loss.png")
    draw_pairs([1], {"psnr": {"psnr": [20.0], "gray": [19.0]}}, tmp_path / "figures.png")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"my diary\n", b"\xff\xfe\x00", b"epoch 1  train 1\nmine\n"])
def test_a_file_that_is_only_named_like_a_log_is_refused(content: bytes, tmp_path: Path) -> None:
    refuse_other_files(tmp_path)
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(OptionError, match="log: is not of a run"):
        refuse_other_files(tmp_path)
    write_log(tmp_path, EPOCHS)
    refuse_other_files(tmp_path)


@pytest.mark.parametrize("name", ["loss.png", "figures.csv", "figures.png"])
def test_files_of_no_run_are_not_replaced(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(OptionError, match=f"{name}: is not of a run, which would replace it"):
        refuse_other_files(tmp_path)
    write_log(tmp_path, [])  # as a run does at its beginning
    refuse_other_files(tmp_path)
    (tmp_path / "log").unlink()
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.ckpt").touch()
    refuse_other_files(tmp_path)
