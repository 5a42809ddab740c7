"""Options that make no sense are refused, and those that do are brought into one form."""

from dataclasses import replace

import pytest

from colornet.errors import OptionError
from colornet.web.settings import Settings


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://photos.example.org", "https://photos.example.org"),
        ("HTTPS://Photos.Example.org/", "https://photos.example.org"),
        ("https://photos.example.org:443", "https://photos.example.org"),
        ("http://photos.example.org:80/", "http://photos.example.org"),
        ("http://photos.example.org:8080", "http://photos.example.org:8080"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://xn--strae-oqa.example", "https://xn--strae-oqa.example"),
    ],
)
def test_origins_are_written_as_browsers_send_them(text: str, origin: str) -> None:
    assert Settings(origins=(text,)).origins == (origin,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("photos.example.org", "does not begin with http:// or https://"),
        ("ftp://photos.example.org", "does not begin with"),
        ("null", "does not begin with"),
        ("*", "does not begin with"),
        ("", "does not begin with"),
        ("https://", "names no single host"),
        ("https://*.example.org", "names no single host"),
        ("https://photos example.org", "names no single host"),
        ("https://photos.example.org/album", "is more than an origin"),
        ("https://photos.example.org?x=1", "is more than an origin"),
        ("https://photos.example.org#x", "is more than an origin"),
        ("https://me@photos.example.org", "is more than an origin"),
        ("https://photos.example.org:http", "is not an address"),
        ("https://photos.example.org:99999", "is not an address"),
        ("https://[::1", "is not an address"),
        ("https://straße.example", "has letters beyond ASCII"),
    ],
)
def test_what_is_not_an_origin(text: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason) as caught:
        Settings(origins=(text,))
    assert caught.value.subject == f"--origin {text}"
    assert caught.value.remedy


@pytest.mark.parametrize(("given", "token"), [("sesame\n", "sesame"), (" a b ", "a b"), ("é", "é")])
def test_tokens_without_the_space_that_headers_lose(given: str, token: str) -> None:
    assert Settings(token=given).token == token


@pytest.mark.parametrize("token", ["", " \n", "a\nb", "a\0b", "a\x7f"])
def test_tokens_that_no_client_could_send(token: str) -> None:
    with pytest.raises(OptionError, match=r"--token: (is empty|has control characters)"):
        Settings(token=token)


@pytest.mark.parametrize("name", ["timeout", "idle"])
@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_seconds_that_are_no_number(name: str, seconds: float) -> None:
    with pytest.raises(OptionError, match=f"--{name}: is not a number of seconds"):
        replace(Settings(), **{name: seconds})  # type: ignore[arg-type]
