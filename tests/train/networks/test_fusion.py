import torch

from colornet.train.networks.fusion import Attention, diffuse


def test_embeddings_become_alike_within_edges_and_not_across() -> None:
    maps = torch.randn(1, 3, 10, 10, generator=torch.Generator().manual_seed(0))
    gates = torch.ones(1, 2, 10, 10)
    gates[:, 1, :, 4] = 0  # column 4 is cut off from column 3
    settled = diffuse(maps, gates)
    for before, after in ((maps[..., :4], settled[..., :4]), (maps[..., 4:], settled[..., 4:])):
        assert torch.allclose(before.mean((2, 3)), after.mean((2, 3)), atol=1e-5)
        assert after.std() < before.std() / 2


def test_nothing_passes_closed_gates() -> None:
    maps = torch.randn(2, 3, 6, 5)
    assert torch.equal(diffuse(maps, torch.zeros(2, 2, 6, 5)), maps)


def test_attention_adds_nothing_at_first_and_then_looks_everywhere() -> None:
    torch.manual_seed(0)
    block, x = Attention(64), torch.randn(1, 64, 5, 7)
    assert torch.allclose(block(x), x)
    torch.nn.init.normal_(block.tell.weight)
    moved = x.clone()
    moved[:, :32, 0, 0] += 1
    assert (block(moved) - block(x))[..., -1, -1].abs().max() > 1e-4
