"""Ports for programs that have to be told one."""

import random
import socket
from contextlib import suppress


def free_ports(count: int) -> list[str]:
    """Ports that stay free, as those that the system gives to other programs are higher."""
    ports: list[str] = []
    for port in random.sample(range(20_000, 32_000), 12_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            ports.append(str(port))
        if len(ports) == count:
            break
    return ports
