"""What is said about a film, from JSON."""

import pytest

from colornet.errors import GuidanceError
from colornet.guidance import Guidance
from colornet.video import FilmGuidance


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
