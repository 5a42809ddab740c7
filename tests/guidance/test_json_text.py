"""What is wrong with JSON is said in plain words, with the place."""

import pytest

from colornet.guidance.json_text import not_json, parse_json


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON (it is empty)"),
        (" \n", "is not JSON (it is empty)"),
        ("side", "is not JSON (a value is missing at line 1, column 1)"),
        ('{"a": 1,\n "b": }', "is not JSON (a value is missing at line 2, column 7)"),
        ("{'a': 1}", "is not JSON (a name in double quotes is missing at line 1, column 2)"),
        ('{"a" 1}', "is not JSON (a colon is missing at line 1, column 6)"),
        ("[1,]", "is not JSON (a "),  # Pythons differ in what
        ("[1 2]", "is not JSON (a comma or a closing bracket is missing at line 1, column 4)"),
        ("{} {}", "is not JSON (something follows after its end at line 1, column 4)"),
        ('["a', "is not JSON (a closing quotation mark is missing at line 1, column 2)"),
        ('["\\x"]', "is not JSON (a backslash is followed by something that JSON does not know"),
        ('["\\u12"]', "is not JSON (a backslash is followed by something that JSON does not know"),
        ('["a\nb"]', "is not JSON (a line break or another control character is in a text"),
        (b'["\xe9"]', "is not JSON (it is not text in UTF-8)"),
        (b"\xff\xfe{", "is not JSON (it is not text in UTF-8)"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_what_is_wrong(text: str | bytes, reason: str) -> None:
    with pytest.raises((ValueError, RecursionError)) as caught:
        parse_json(text)
    assert isinstance(caught.value, (ValueError, RecursionError))
    said, remedy = not_json(caught.value)
    assert said.startswith(reason)
    assert remedy
