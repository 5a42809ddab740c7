import math

import pytest

from colornet.errors import GuidanceError
from colornet.guidance import Guidance


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_strength_in_range(value: float) -> None:
    assert Guidance(strength=value).strength == value


@pytest.mark.parametrize("value", [-0.1, 1.01, math.nan, math.inf])
def test_strength_out_of_range(value: float) -> None:
    with pytest.raises(GuidanceError, match=r"strength: .* is out of range; use 0 to 1"):
        Guidance(strength=value)


@pytest.mark.parametrize("value", [-1, 4.5, math.nan])
def test_saturation_out_of_range(value: float) -> None:
    with pytest.raises(GuidanceError, match="use 0 to 4"):
        Guidance(saturation=value)
