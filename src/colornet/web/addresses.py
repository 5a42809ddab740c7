"""The addresses where the server listens, and those that a browser can open."""

from __future__ import annotations

import ipaddress
import socket

from colornet.errors import OptionError, system_reason

ELSEWHERE = {
    socket.AF_INET: "192.0.2.1",
    socket.AF_INET6: "2001:db8::1",
}
"""Addresses reserved for documentation. Connecting a UDP socket to one sends no packet, but selects
the address of this machine that others would see."""


BACKLOG = 128
"""Connections that may wait to be accepted, and that are accepted at a time."""


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address.

    Raises:
        OptionError: that address cannot be listened on.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # Connections inherit it: or the end of an answer would wait until its head is acknowledged,
        # 40 milliseconds. asyncio sets it only where a socket names its protocol.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return listener
    except (OSError, UnicodeError) as error:
        told = system_reason(error).partition(" (while attempting")[0]  # which repeats the address
        reason = f"cannot be listened on ({told})"
        raise OptionError(f"{host}:{port}", reason, "use another --host or --port") from None


def addresses(host: str, listener: socket.socket) -> list[str]:
    """URLs by which the page can be opened, the first on this machine.

    Args:
        host: as the user gave it.
        listener: what listens there.
    """
    address, port = listener.getsockname()[:2]
    hosts = [host]
    if ipaddress.ip_address(address).is_unspecified:
        hosts = ["127.0.0.1" if listener.family == socket.AF_INET else "::1"]
        hosts += [outside] if (outside := _own_address(listener.family)) else []
    return [f"http://{f'[{one}]' if ':' in one else one}:{port}/" for one in hosts]


def is_open_to_others(listener: socket.socket) -> bool:
    """Whether other machines may be able to connect to it."""
    return not ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def _own_address(family: socket.AddressFamily) -> str | None:
    """The address of this machine in its network; None: it is in no network."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE[family], 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if ipaddress.ip_address(address).is_loopback else address
