import torch

from colornet.train.losses.segments import find_segments
from tests.train.losses.pictures import two_halves


def test_a_segment_ends_where_its_color_does() -> None:
    lightness, ab = two_halves()
    lab = torch.cat([lightness, ab], dim=1)
    segments, others = find_segments(lab, torch.tensor([[5 * 12 + 5], [11]]))
    half = ab[0, 0] > 20
    assert torch.equal(segments[:, 0], torch.stack([half, ~half]))
    beside = torch.arange(12) < 5, torch.arange(12) > 6
    assert torch.equal(others[:, 0, 0], torch.stack(beside[::-1]))


def test_in_the_dark_small_differences_of_color_end_a_segment() -> None:
    ab = torch.zeros(1, 2, 6, 6)
    ab[:, 0, :, 3:] = 8
    for lightness, others in ((70, 0), (5, 12)):
        lab = torch.cat([torch.full((1, 1, 6, 6), float(lightness)), ab], dim=1)
        assert find_segments(lab, torch.tensor([[0]]))[1].sum() == others


def test_the_parts_of_a_snake_belong_together() -> None:
    lab = torch.full((1, 3, 9, 9), 40.0)
    lab[:, :, ::2] = 0
    lab[:, :, 1::4, -1] = 0
    lab[:, :, 3::4, 0] = 0
    head, between = find_segments(lab, torch.tensor([[0, 9]]))[0][0]
    assert torch.equal(head, lab[0, 0] == 0)
    assert between.sum() == 8, "one of the four lines between its windings"
