import numpy as np
import pytest
import torch
from skimage.data import astronaut
from torch import Tensor

from colornet.train.data.degradations import (
    Draws,
    blur,
    degrade,
    emulsion_lightness,
    fade,
    frame,
    grain,
    halftone,
    jpeg,
    scratch,
    vignette,
)
from colornet.train.lab import split_lab


@pytest.fixture(scope="module")
def rgb8() -> Tensor:
    crops = [astronaut()[y : y + 128, x : x + 128] for y, x in ((0, 0), (100, 180), (300, 40))]
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)


def draws(count: int = 1) -> Draws:
    return Draws(np.random.default_rng(0), count, torch.device("cpu"))


@pytest.fixture(scope="module")
def lightness(rgb8: Tensor) -> Tensor:
    return split_lab(rgb8)[0]


def test_aged_lightness_stays_a_lightness_and_some_pictures_stay_as_they_are(
    rgb8: Tensor, lightness: Tensor
) -> None:
    kept = 0
    for seed in range(30):
        aged = degrade(rgb8, lightness, np.random.default_rng(seed))
        assert aged.shape == lightness.shape
        assert torch.isfinite(aged).all()
        assert 0 <= aged.min() <= aged.max() <= 100.1
        again = degrade(rgb8, lightness, np.random.default_rng(seed))
        assert torch.equal(aged, again)
        kept += sum(torch.equal(a, b) for a, b in zip(aged, lightness, strict=True))
    assert 15 < kept < 60


def test_an_orthochromatic_emulsion_darkens_red_and_lightens_blue() -> None:
    colors = torch.tensor([[255, 0, 0], [0, 0, 255], [128, 128, 128]], dtype=torch.uint8)
    rgb8 = colors.view(3, 3, 1, 1)
    pan, ortho = (emulsion_lightness(rgb8, x).flatten().tolist() for x in (0.0, 1.0))
    assert ortho[0] < pan[0] - 20
    assert ortho[1] > pan[1] + 20
    assert ortho[2] == pytest.approx(pan[2], abs=0.1)
    assert pan[2] == pytest.approx(53.6, abs=1)


def test_blur_keeps_the_mean_and_removes_detail(lightness: Tensor) -> None:
    blurred = blur(lightness, 1.2)
    assert blurred.mean() == pytest.approx(lightness.mean(), abs=0.5)
    assert blurred.diff().abs().mean() < 0.8 * lightness.diff().abs().mean()
    assert torch.allclose(blur(torch.full((1, 1, 16, 16), 70.0), 1.0), torch.tensor(70.0))


def test_fading_lifts_blacks_and_lowers_whites() -> None:
    ramp = torch.linspace(0, 100, 64).view(1, 1, 8, 8)
    faded = fade(ramp, draws())
    assert faded.min() > 0
    assert faded.max() < 100
    assert (faded.flatten().diff() > 0).all()


def test_grain_has_the_strength_asked_for() -> None:
    flat = torch.full((1, 1, 128, 128), 50.0)
    noise = grain(flat, 3.0, draws()) - flat
    assert noise.std() == pytest.approx(3.0, rel=0.01)
    assert abs(noise.mean()) < 0.2


def test_jpeg_keeps_flat_areas_and_loses_detail(lightness: Tensor) -> None:
    assert torch.allclose(jpeg(torch.full((1, 1, 16, 16), 50.0), 2.0), torch.tensor(50.0))
    errors = [(jpeg(lightness, c) - lightness).abs().mean().item() for c in (0.01, 0.5, 2.0)]
    assert errors[0] < 0.2
    assert errors[0] < errors[1] < errors[2] < 6


def test_each_picture_has_its_own_degradations(lightness: Tensor) -> None:
    strengths = torch.tensor([0.01, 1.0, 2.0]).view(3, 1, 1, 1)
    for change in (blur, jpeg, vignette):
        together = change(lightness, strengths)
        for i, strength in enumerate(strengths.flatten().tolist()):
            alone = change(lightness[i : i + 1], strength)[0]
            assert torch.allclose(together[i], alone, atol=1e-3)


def test_scratches_and_dust_are_black_or_white_and_few(lightness: Tensor) -> None:
    marked = scratch(lightness, draws(3))
    changed = marked != lightness
    assert 0 < changed.float().mean() < 0.05
    assert set(marked[changed].unique().tolist()) <= {0.0, 100.0}


def test_a_halftone_keeps_the_tone_from_afar(lightness: Tensor) -> None:
    printed = halftone(lightness, 3.0, 6.0)
    assert printed.diff().abs().mean() > 2 * lightness.diff().abs().mean()
    far = [torch.nn.functional.avg_pool2d(x, 16).flatten() for x in (printed, lightness)]
    assert torch.corrcoef(torch.stack(far))[0, 1] > 0.97


def test_borders_of_prints_are_neutral_and_leave_the_middle(rgb8: Tensor) -> None:
    many = rgb8[:1].expand(200, -1, -1, -1)
    framed = frame(many, np.random.default_rng(0))
    changed = (framed != many).flatten(1).any(1)
    assert 3 < changed.sum() < 25
    assert torch.equal(framed[..., 16:112, 16:112], many[..., 16:112, 16:112])
    border = framed[changed][:, :, 0]
    assert torch.equal(border[:, 0], border[:, 1])
    assert torch.equal(border[:, 0], border[:, 2])
