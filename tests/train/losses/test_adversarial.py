import torch

from colornet.train.lab import split_lab
from colornet.train.losses.adversarial import Discriminator, adversarial_loss, discriminator_loss
from tests.train.losses.pictures import coarse_pictures


def test_a_discriminator_and_the_colors_learn_from_one_another_apart() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator()
    lightness = torch.rand(2, 1, 16, 16) * 100
    ab, true = (torch.randn(2, 2, 16, 16) * 20 for _ in range(2))
    ab.requires_grad_()
    deceiving = adversarial_loss(discriminator, lightness, ab)
    telling = discriminator_loss(discriminator, lightness, ab, true)
    weights = list(discriminator.parameters())
    unmoved = torch.autograd.grad(deceiving, weights, allow_unused=True, retain_graph=True)
    assert set(unmoved) == {None}
    assert torch.autograd.grad(telling, ab, allow_unused=True, retain_graph=True)[0] is None
    assert torch.autograd.grad(deceiving, ab)[0].abs().sum() > 0
    kernels = [weight for weight in weights if weight.dim() == 4]
    assert all(g.abs().sum() > 0 for g in torch.autograd.grad(telling, kernels))


def test_a_discriminator_learns_to_tell_true_from_gray() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator()
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=0.001)
    lightness, ab = (torch.nn.functional.avg_pool2d(x, 4) for x in split_lab(coarse_pictures(8)))
    losses = []
    for _ in range(20):
        loss = discriminator_loss(discriminator, lightness, torch.zeros_like(ab), ab)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_a_discriminator_is_told_what_the_encoder_sees() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(8)
    lightness, ab = torch.rand(2, 1, 16, 16) * 100, torch.randn(2, 2, 16, 16) * 20
    seen = torch.randn(2, 2, 8, 4, 4).unbind()
    scores = [discriminator(lightness, ab, semantics) for semantics in seen]
    assert scores[0].shape == (2, 1, 4, 4)
    assert not torch.allclose(*scores)
