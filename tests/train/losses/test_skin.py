import pytest
import torch

from colornet.train.losses.skin import is_skin, skin_loss


def test_skin_counts_where_it_is_in_truth_and_by_its_own_chroma() -> None:
    lightness = torch.full((1, 1, 4, 4), 60.0)
    skin, sky = torch.tensor([18.0, 20.0]), torch.tensor([-5.0, -25.0])
    true = torch.where(torch.arange(4) < 2, skin[:, None, None], sky[:, None, None])[None]
    true = true.expand(1, 2, 4, 4)
    assert is_skin(lightness, true)[0, 0].tolist() == [True, True, False, False]
    assert float(skin_loss(true, lightness, true)) == 0
    gray = torch.zeros_like(true)
    assert float(skin_loss(gray, lightness, true)) == pytest.approx(1)
    wrong_sky = torch.where(torch.arange(4) < 2, true, gray)
    assert float(skin_loss(wrong_sky, lightness, true)) == 0
