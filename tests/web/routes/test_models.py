"""Models, and what they can."""

from colornet import Colorizer
from tests.web.conftest import Server
from tests.web.helpers import COLORIZE


def test_models_tell_what_they_can(server: Server) -> None:
    answer = server.get("/api/v1/models").json()
    general, faces = answer["models"]
    assert (general["name"], general["hints"], general["suggestions"]) == ("general", True, True)
    assert (faces["name"], faces["hints"]) == ("faces", False)
    assert answer["max_bytes"] == 64 << 20
    assert general["settings"][0] == next(iter(Colorizer().card.settings))


def test_a_model_is_named_and_not_a_path(server: Server, gray: bytes, tiny_model: str) -> None:
    for name in (str(tiny_model), "../general", "nothing"):
        answer = server.post(COLORIZE, content=gray, params={"model": name})
        assert answer.status_code == 404
        assert answer.json()["error"]["remedy"] == "use general or faces"
