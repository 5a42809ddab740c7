"""What cannot be encoded in time, and what things are called."""

import numpy as np

from tests.web.conftest import encoded, running
from tests.web.helpers import COLORIZE, code


def test_what_cannot_be_stopped_is_not_begun(gray: bytes) -> None:
    """An AVIF of more pixels than may be encoded in the time for a request."""
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1428), np.uint8)
    picture = encoded(noise // 8, quality=30)
    with running("--timeout=3", "--model=faces") as server:
        answer = server.post(f"{COLORIZE}?format=avif", content=picture)
        assert code(answer) == (422, "invalid")
        assert answer.json()["error"]["subject"] == "format"
        canvas = server.open(picture)
        answer = server.post(f"{canvas}/colorize", json={"format": "avif"})
        assert code(answer) == (422, "invalid")
        assert server.post(f"{COLORIZE}?format=avif", content=gray).status_code == 200
