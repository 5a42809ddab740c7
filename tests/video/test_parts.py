from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from colornet.video.parts import Part, parts

BASE = Fraction(1, 25)


@given(st.sets(st.integers(1, 3000), max_size=40), st.integers(1, 4000))
def test_parts_are_the_whole_film_in_order(cuts: set[int], end: int) -> None:
    shots = [0, *sorted(cut for cut in cuts if cut < end)]
    found = parts(shots, end, range(4000), BASE)
    assert [part.number for part in found] == list(range(len(found)))
    assert [part.first for part in found] == [0, *(part.end for part in found[:-1])]
    assert found[-1].end == end
    assert [cut for part in found for cut in part.cuts] == shots
    assert all(part.cuts[0] == part.first for part in found)
    assert len(found) == 1 or min(part.end - part.first for part in found) >= 50


def test_a_part_has_as_many_shots_as_it_needs() -> None:
    found = parts([10, 40, 70, 200], 300, range(300), BASE)
    assert found == [Part(0, 10, 70, (10, 40)), Part(1, 70, 200, (70,)), Part(2, 200, 300, (200,))]


def test_parts_of_a_long_film_are_longer() -> None:
    hour = 25 * 3600
    found = parts(range(0, hour, 60), hour, range(hour), BASE)
    assert {part.end - part.first for part in found} == {300}
