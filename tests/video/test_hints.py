"""What is said about a film, from JSON."""

import pytest

from colornet.errors import GuidanceError
from colornet.guidance import Guidance
from colornet.video import FilmGuidance, colorize
from tests.video.films import gray_frames, write_film


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"version": 1, "version": 1}', "version: is given more than once"),
        ('{"version": true}', "version: is true"),
        (
            '{"version": 1, "shots": [{"at": 0, "at": 2}]}',
            r"shots\[0\].at: is given more than once",
        ),
        ('{"version": 1', "is not JSON"),
    ],
)
def test_a_file_that_makes_no_sense_is_named(tmp_path, text, told):
    path = tmp_path / "film.json"
    path.write_text(text)
    with pytest.raises(GuidanceError, match=rf"film\.json: {told}"):
        FilmGuidance.load(path)


def test_levels_are_for_photographs():
    with pytest.raises(GuidanceError, match="levels: are for photographs; leave them out"):
        FilmGuidance(Guidance(levels="auto"))


def test_notices_call_hints_as_the_file_does(tmp_path, guided):
    """Each is told once, wherever in the film it is, and not as "hint 1" of some frame."""
    source = write_film(tmp_path / "a.mkv", gray_frames(40, cuts=(20,)), codec="ffv1")

    def hint(x, color="#ffff00"):
        return {"points": [[x, 24]], "color": color}

    shots = [
        {"at": 25, "hints": [hint(20)]},
        {"at": 2, "hints": [hint(45, "#ff0000"), hint(45), hint(20)]},
    ]
    given = FilmGuidance.from_json({"version": 1, "shots": shots})
    report = colorize(source, tmp_path / "b.mkv", given, colorizer=guided)
    told = {(notice.code, notice.subject) for notice in report.notices}
    assert told == {
        ("color-unreachable", "shots[0].hints[0]"),
        ("color-unreachable", "shots[1].hints[0]"),
        ("color-unreachable", "shots[1].hints[1]"),
        ("color-unreachable", "shots[1].hints[2]"),
        ("hint-covered", "shots[1].hints[0]"),
    }
    assert len(report.notices) == 5
