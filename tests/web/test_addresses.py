"""Addresses that a browser can open."""

import socket

import pytest

from colornet.errors import OptionError
from colornet.web.addresses import addresses, is_open_to_others, listen


@pytest.mark.parametrize(
    ("host", "begins", "others"),
    [
        ("127.0.0.1", "http://127.0.0.1:", False),
        ("localhost", "http://localhost:", False),
        ("0.0.0.0", "http://127.0.0.1:", True),
    ],
)
def test_each_can_be_opened(host: str, begins: str, others: bool) -> None:
    with listen(host, 0) as listener:
        found = addresses(host, listener)
        assert found[0].startswith(begins)
        assert "0.0.0.0" not in "".join(found)
        assert is_open_to_others(listener) == others
        for url in found:
            name, port = url.removeprefix("http://").rstrip("/").rsplit(":", 1)
            socket.create_connection((name, int(port)), timeout=5).close()


def test_an_answer_does_not_wait_until_its_head_is_acknowledged() -> None:
    with (
        listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6() -> None:
    try:
        listener = listen("::1", 0)
    except OptionError:
        pytest.skip("this machine has no IPv6")
    with listener:
        (url,) = addresses("::1", listener)
        assert url == f"http://[::1]:{listener.getsockname()[1]}/"
        assert not is_open_to_others(listener)


def test_where_nothing_can_listen() -> None:
    with pytest.raises(OptionError, match="cannot be listened on"):
        listen("192.0.2.1", 0)


def test_an_address_is_named_once_where_it_is_in_use() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OptionError) as caught:
            listen("127.0.0.1", port)
    assert str(caught.value).startswith(
        f"127.0.0.1:{port}: cannot be listened on (address already in use); "
    )
