import torch

from colornet.train.networks.affinity import Affinity, domain_transform


def halves(maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return maps[..., :4], maps[..., 4:]


def test_places_become_alike_within_edges_and_not_across() -> None:
    maps = torch.randn(1, 3, 10, 10, generator=torch.Generator().manual_seed(0))
    edges = torch.zeros(1, 2, 10, 10)
    edges[:, 1, :, 4] = 50  # between column 4 and column 3
    for before, after in zip(halves(maps), halves(domain_transform(maps, edges)), strict=True):
        assert torch.allclose(after, before.mean((2, 3), keepdim=True), atol=1e-5)


def test_an_edge_between_rows_parts_them() -> None:
    maps = torch.randn(1, 2, 7, 5, generator=torch.Generator().manual_seed(1))
    edges = torch.zeros(1, 2, 7, 5)
    edges[:, 0, 3] = 50  # between row 3 and row 2
    smoothed = domain_transform(maps, edges)
    for rows in (slice(0, 3), slice(3, 7)):
        assert torch.allclose(
            smoothed[:, :, rows], maps[:, :, rows].mean((2, 3), keepdim=True), atol=1e-5
        )


def test_nothing_passes_closed_edges() -> None:
    maps = torch.randn(2, 3, 6, 5)
    assert torch.allclose(domain_transform(maps, torch.full((2, 2, 6, 5), 50.0)), maps)


def test_what_leads_out_of_the_picture_counts_for_nothing() -> None:
    maps, edges = torch.randn(1, 3, 6, 5), torch.rand(1, 2, 6, 5)
    outer = edges.clone()
    outer[:, 0, 0], outer[:, 1, :, 0] = 9, 9
    assert torch.allclose(domain_transform(maps, edges), domain_transform(maps, outer), atol=1e-5)


def test_amplitudes_are_above_0() -> None:
    affinity = Affinity().eval()(torch.randn(1, 128, 8, 8), torch.randn(1, 32, 8, 8))
    assert affinity.shape == (1, 26, 8, 8)
    assert (affinity[:, [0, 13]] > 0).all()


def test_rows_and_columns_are_treated_alike() -> None:
    maps, edges = torch.randn(1, 3, 6, 5), torch.rand(1, 2, 6, 5)
    turned = domain_transform(maps.mT, edges.flip(1).mT).mT
    assert torch.allclose(domain_transform(maps, edges), turned, atol=1e-5)
