import torch

from colornet.train.networks.layers import TransformerBlock


def test_attention_adds_nothing_at_first_and_then_looks_everywhere() -> None:
    torch.manual_seed(0)
    block, x = TransformerBlock(64), torch.randn(1, 64, 5, 7)
    assert torch.allclose(block(x), x)
    torch.nn.init.normal_(block.proj.weight)
    moved = x.clone()
    moved[:, :32, 0, 0] += 1
    assert (block(moved) - block(x))[..., -1, -1].abs().max() > 1e-4
