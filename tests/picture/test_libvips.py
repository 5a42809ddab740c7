"""libvips' messages, which may repeat what a file holds."""

import pytest
import pyvips

import colornet.picture  # noqa: F401  which sets how its messages are read


def test_a_message_of_bytes_that_are_not_text_does_not_hide_the_error() -> None:
    for name in (b"caf\xe9.jpg", b"later.jpg"):  # what was not read once would be read with this
        with pytest.raises(pyvips.Error, match=r"(caf\ufffd|later)\.jpg"):
            pyvips.Operation.call("jpegload", name)
