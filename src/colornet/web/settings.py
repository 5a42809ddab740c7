"""The server's settings: limits, models, and who may use it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from colornet.errors import OptionError, system_reason
from colornet.model import DEFAULT_MODEL, usable_cores

MEBIBYTE = 1 << 20
MIN_BYTES_PER_SECOND = 1 << 17
"""Clients that read a response, or send a film, more slowly are disconnected."""
DEFAULT_PORTS = {"http": 80, "https": 443}
"""Browsers leave these out of an origin."""


@dataclass(frozen=True)
class Settings:
    """The settings of a server.

    Raises:
        OptionError: `max_memory` is below `max_bytes`, a time is not finite, an origin is invalid,
            or no header can carry the token.
    """

    models: tuple[str, ...] = (DEFAULT_MODEL,)
    """Names or folders, the default first; a client names one of them and never a path."""
    hosts: tuple[str, ...] = ()
    """Names of the server, besides localhost, IP addresses and the hosts of `origins`."""
    origins: tuple[str, ...] = ()
    """Other origins, such as https://photos.example.org, whose pages may use the server."""
    token: str | None = None
    """The token that clients must send as `Authorization: Bearer TOKEN`; None: no token."""
    max_bytes: int = 64 * MEBIBYTE
    """Limit on one upload, its form included."""
    max_pixels: int = 50_000_000
    """Limit on width times height of one picture."""
    timeout: float = 60.0
    """Seconds for an upload to arrive, for a response to be ready, for a pause in reading it."""
    max_waiting: int = 32
    """Requests that may wait for a free thread; beyond it 503."""
    max_canvases: int = 64
    """Open photographs; beyond it, the one unused for longest is closed."""
    max_films: int = 4
    """Films, those that are uploaded included; beyond it 503."""
    max_film_bytes: int = 2048 * MEBIBYTE
    """Limit on the upload of one film, its form included."""
    max_film_seconds: float = 600.0
    """Limit on the length of one film."""
    max_film_pixels: int = 4096 * 2160
    """Limit on width times height of a film's frames; coloring larger ones would take gigabytes."""
    max_memory: int = 1024 * MEBIBYTE
    """Bytes of all open photographs, uploads and responses together."""
    idle: float = 1800.0
    """Seconds after which an unused photograph or film is closed."""
    max_connections: int = 256
    """Open connections; beyond it 503."""
    threads: int = usable_cores()
    """Pictures computed at a time."""
    access_log: bool = False
    """Whether each request is logged on standard error."""

    def __post_init__(self) -> None:
        if self.max_memory < self.max_bytes:
            raise OptionError("--max-memory", "is less than one upload may have", "raise it")
        for name in ("timeout", "idle", "max_film_seconds"):
            if not math.isfinite(getattr(self, name)):
                raise OptionError(
                    f"--{name.replace('_', '-')}",
                    "is not a number of seconds",
                    "use one such as 60",
                )
        origins = tuple(normalized_origin(one) for one in self.origins)
        object.__setattr__(self, "origins", origins)
        if self.token is not None:
            object.__setattr__(self, "token", checked_token(self.token))


def normalized_origin(text: str) -> str:
    """An origin as browsers send it: in lower case, without a path or a default port.

    Raises:
        OptionError: the text is not an origin.
    """
    try:
        parts = urlsplit(text.strip().lower())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _bad_origin(text, f"is not an address ({system_reason(error)})") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise _bad_origin(text, "does not begin with http:// or https://")
    if not host.isascii():
        raise _bad_origin(text, "has letters beyond ASCII", "write its host as xn--.., as DNS does")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]+", host):
        raise _bad_origin(text, "names no single host")
    if "@" in parts.netloc or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _bad_origin(text, "is more than an origin")
    shown = f"[{host}]" if ":" in host else host
    default = port is None or port == DEFAULT_PORTS[parts.scheme]
    return f"{parts.scheme}://{shown}" + ("" if default else f":{port}")


def _bad_origin(text: str, reason: str, remedy: str = "") -> OptionError:
    remedy = remedy or "write scheme, host and perhaps port, such as https://photos.example.org"
    return OptionError(f"--origin {text}", reason, remedy)


def checked_token(token: str) -> str:
    """The token without surrounding space, which headers do not keep.

    Raises:
        OptionError: it is empty, or has control characters.
    """
    token = token.strip(" \t\r\n")
    if not token:
        raise OptionError("--token", "is empty", "give one, or leave it out to require none")
    if re.search(r"[\x00-\x1f\x7f]", token):
        reason = "has control characters, which no client can send"
        raise OptionError("--token", reason, "use letters, digits and signs")
    return token
