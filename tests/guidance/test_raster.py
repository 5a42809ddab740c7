import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from colornet.color import lab_to_rgb, rgb_to_lab
from colornet.errors import GuidanceError
from colornet.guidance import Hint, Unit
from colornet.guidance.raster import HintRaster, enforce_hints, hint_ab, rasterize, to_hex
from colornet.resample import cubic

SIZE = (160, 80)  # width, height
SHADE = np.full((8, 16), 60, np.float32)  # cells of 10 x 10 pixels


def cells(*hints: Hint) -> list[tuple[int, ...]]:
    return [tuple(cell) for cell in rasterize(hints, SIZE, SHADE).cells.tolist()]


@pytest.mark.parametrize(
    ("x", "y", "unit", "cell"),
    [
        (0, 0, "pixels", (0, 0)),
        (9.9, 0, "pixels", (0, 0)),
        (10, 0, "pixels", (0, 1)),
        (160, 80, "pixels", (7, 15)),
        (0.5, 0.5, "fractions", (4, 8)),
        (1, 0, "fractions", (0, 15)),
    ],
)
def test_point_is_the_cell_that_holds_it(x: float, y: float, unit: Unit, cell: object) -> None:
    assert cells(Hint(((x, y),), "teal", unit=unit)) == [cell]


def test_radius_is_of_the_picture_not_of_the_grid() -> None:
    wide = cells(Hint(((85, 45),), "teal", 21))
    assert (4, 8) in wide
    assert {row for row, _ in wide} == {2, 3, 4, 5, 6}
    assert {column for _, column in wide} == {6, 7, 8, 9, 10}
    assert (2, 6) not in wide, "a brush is round"
    assert cells(Hint(((85 / 160, 45 / 80),), "teal", 21 / 160, "fractions")) == wide


def test_stroke_leaves_no_gap() -> None:
    stroke = cells(Hint(((5, 5), (155, 35), (5, 75)), "teal"))
    assert {column for _, column in stroke} == set(range(16))
    assert {row for row, _ in stroke} == set(range(8))
    assert len(stroke) < 60


def test_stroke_that_leaves_the_picture_counts_inside() -> None:
    assert set(cells(Hint(((155, 5), (500, 5)), "teal"))) == {(0, 15)}


@pytest.mark.parametrize("point", [(-1, 5), (161, 5), (5, 81)])
def test_outside_is_an_error(point: tuple[float, float]) -> None:
    with pytest.raises(GuidanceError, match=r"hint 2 \(#008080 at .*outside.*160 x 80 pixels"):
        rasterize([Hint(((5, 5),), "red"), Hint((point,), "teal")], SIZE, SHADE)


def test_transparent_is_an_error() -> None:
    opacity = np.ones_like(SHADE)
    opacity[:, :8] = 0
    with pytest.raises(GuidanceError, match=r"hint 1 .*: lies where the picture is transparent"):
        rasterize([Hint(((5, 5),), "teal")], SIZE, SHADE, opacity)
    stroke = rasterize([Hint(((5, 5), (155, 5)), "teal")], SIZE, SHADE, opacity)
    assert stroke.cells[:, 1].min() == 8


def test_later_hints_lie_over_earlier_ones() -> None:
    red, teal = Hint(((5, 5), (155, 5)), "brown"), Hint(((85, 5),), "teal")
    raster = rasterize([red, teal], SIZE, SHADE)
    assert len(raster.cells) == 16
    expected = [hint_ab(teal if column == 8 else red) for _, column in raster.cells]
    assert np.array_equal(raster.ab, expected)
    assert not raster.notices


def test_hint_under_another_is_told() -> None:
    hints = [Hint(((81, 5),), "brown"), Hint(((88, 5),), "teal")]
    raster = rasterize(hints, SIZE, SHADE)
    (notice,) = raster.notices
    assert str(notice) == "hint 1 (#a52a2a at 81,5): lies under a later hint"
    assert np.array_equal(raster.points_ab, [hint_ab(hints[1])])


@pytest.mark.parametrize(("lightness", "word"), [(5, "dark"), (97, "bright")])
def test_unreachable_color_is_told(lightness: float, word: str) -> None:
    raster = rasterize([Hint(((5, 5),), "red")], SIZE, np.full_like(SHADE, lightness))
    nearest = to_hex(lightness, hint_ab(Hint(((5, 5),), "red")))
    (notice,) = raster.notices
    assert (
        str(notice)
        == f"hint 1 (#ff0000 at 5,5): too {word} there for this color; {nearest} comes out"
    )
    assert len(raster.cells) == 1


def test_reachable_color_is_not_told() -> None:
    assert not rasterize([Hint(((5, 5),), "gray"), Hint(((50, 5),), "teal")], SIZE, SHADE).notices


def test_gray_means_gray() -> None:
    assert np.abs(hint_ab(Hint(((5, 5),), "silver"))).max() < 0.01


def test_hex_is_of_that_lightness() -> None:
    ab = rgb_to_lab(np.array([0x2A, 0x5A, 0x2A]) / 255)[1:]
    assert to_hex(float(rgb_to_lab(np.array([0x2A, 0x5A, 0x2A]) / 255)[0]), ab) == "#2a5a2a"
    assert to_hex(0, ab) == "#000000"
    gray = lab_to_rgb(np.array(70.0), np.zeros(2))
    assert to_hex(70, np.zeros(2)) == "#" + 3 * f"{round(255 * gray[0]):02x}"


def test_keep_asks_for_what_is_there_in_each_cell() -> None:
    own = np.stack([np.arange(128.0).reshape(8, 16), np.zeros((8, 16))]).astype(np.float32)
    hints = [Hint(((5, 5), (15, 5)), "keep"), Hint(((75, 55),), "tan")]
    raster = rasterize(hints, SIZE, SHADE).with_own(own)
    assert raster.kept.tolist() == [True, True, False]
    assert raster.ab[:2].tolist() == [[0, 0], [1, 0]]
    assert raster.ab[2] == pytest.approx(hint_ab(hints[1]))
    assert not raster.notices
    changed = own + np.float32(30)
    settled = enforce_hints(changed, raster, np.full((32, 32), 60, np.float32), own)
    wanted = np.stack([*shown(own, raster.points)[:2], hint_ab(hints[1])])
    assert shown(settled, raster.points) == pytest.approx(wanted, abs=6)


def test_each_cell_reaches_as_far_as_its_hint() -> None:
    hints = [Hint(((5, 5), (15, 5)), "tan", reach=0.5), Hint(((15, 5), (25, 5)), "teal", reach=2)]
    assert rasterize(hints, SIZE, SHADE).reach.tolist() == [0.5, 2, 2]


def test_nothing_to_place() -> None:
    raster = rasterize([], SIZE, SHADE)
    assert raster.cells.shape == (0, 2)
    assert raster.points.shape == (0, 2)


def shown(ab: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """What an even picture shows at points: bicubic between cells."""
    rows, columns = cubic(points[:, 0], ab.shape[1]), cubic(points[:, 1], ab.shape[2])
    return np.einsum("mr,crk,mk->mc", rows, ab, columns)


def test_settled_points_have_their_color() -> None:
    hints = [Hint(((79, 41),), "brown"), Hint(((85, 41),), "teal"), Hint(((10, 70),), "gray")]
    raster = rasterize(hints, SIZE, SHADE)
    assert len(raster.points) == 3
    ab = np.full((2, 8, 16), 20, np.float32)
    settled = enforce_hints(ab, raster, np.full((32, 32), 60, np.float32), ab)
    assert shown(settled, raster.points) == pytest.approx(raster.points_ab, abs=6)
    far = np.ones((8, 16), bool)
    far[3:6, 6:10] = far[6:, :2] = False
    assert np.array_equal(settled[:, far], ab[:, far])


def test_what_is_right_already_is_left() -> None:
    raster = HintRaster(
        cells=np.zeros((1, 2), np.int64),
        ab=np.array([[20, 20]], np.float32),
        kept=np.array([False]),
        reach=np.ones(1, np.float32),
        points=np.array([[0.3, 0.6]], np.float32),
        points_ab=np.array([[20, 20]], np.float32),
        notices=(),
    )
    ab = np.full((2, 8, 16), 20, np.float32)
    assert enforce_hints(ab, raster, np.full((32, 32), 60, np.float32), ab) == pytest.approx(
        ab, abs=1e-4
    )


def test_hints_without_a_point_to_be_seen_change_nothing_there() -> None:
    """The brush reaches into the picture, its middle is outside."""
    raster = rasterize([Hint(((-5, 40),), "teal", 20)], SIZE, SHADE)
    assert len(raster.cells) > 1
    assert raster.points.shape == (0, 2)
    ab = np.full((2, 8, 16), 20, np.float32)
    assert np.array_equal(enforce_hints(ab, raster, np.full((32, 32), 60, np.float32), ab), ab)


sides = st.integers(1, 40)
fractions = st.floats(0, 1) | st.integers(0, 20).map(lambda n: n / 20)


@given(
    st.lists(st.tuples(fractions, fractions), min_size=1, max_size=6),
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    st.tuples(sides, sides),
    st.tuples(sides, sides),
    st.sampled_from(["pixels", "fractions"]),
)
def test_points_are_seen_wherever_they_are(
    points: list[tuple[float, float]],
    size: tuple[int, int],
    shape: tuple[int, int],
    model: tuple[int, int],
    unit: Unit,
) -> None:
    """On any grid: of each hint that no other covers, cell and point."""
    if unit == "pixels":
        points = [(x * size[0], y * size[1]) for x, y in points]
    hints = [Hint((point,), "teal", unit=unit) for point in points]
    raster = rasterize(hints, size, np.full(shape, 60, np.float32))
    covered = {tuple(cell) for cell in raster.cells.tolist()}
    assert len(raster.points) == len(covered) == len(hints) - len(raster.notices)
    ab = np.zeros((2, *shape), np.float32)
    settled = enforce_hints(ab, raster, np.full(model, 60, np.float32), ab)
    if len(covered) == 1:
        assert shown(settled, raster.points) == pytest.approx(raster.points_ab, abs=3)
