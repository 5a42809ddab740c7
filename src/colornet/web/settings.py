"""Every limit of the server and its default."""

from __future__ import annotations

from dataclasses import dataclass

from colornet.errors import OptionError
from colornet.modelfile import DEFAULT_MODEL, usable_cores

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Settings:
    """How the server runs, and how much it lets a client ask for.

    Raises:
        OptionError: a limit below what any request needs.
    """

    models: tuple[str, ...] = (DEFAULT_MODEL,)
    """Names or folders, the default first; a client names one of them and never a path."""
    origins: tuple[str, ...] = ()
    """Other origins, such as https://photos.example.org, whose pages may use the server."""
    token: str | None = None
    """What a client has to send as `Authorization: Bearer TOKEN`; None: nothing."""
    bytes: int = 64 * MEGABYTE
    """Of one upload, its form included."""
    pixels: int = 50_000_000
    """Of one picture: width times height."""
    seconds: float = 60.0
    """For an upload to arrive, for a request to be answered, and for a client to read on."""
    queue: int = 32
    """Requests that may wait for a free thread; beyond it 503."""
    canvases: int = 64
    """Photographs open at a time; the one unused for longest makes room."""
    memory: int = 1024 * MEGABYTE
    """Of open photographs and of uploads under way, together, in bytes."""
    idle: float = 1800.0
    """Seconds after which a photograph that nobody uses is closed."""
    connections: int = 256
    """Open at a time; beyond it 503."""
    threads: int = usable_cores()
    """Pictures computed at a time."""

    def __post_init__(self) -> None:
        for name in ("bytes", "pixels", "seconds", "canvases", "memory", "idle", "threads"):
            if getattr(self, name) <= 0:
                raise OptionError(f"--{name}", "is not above zero", "raise it")
        if self.memory < self.bytes:
            raise OptionError("--max-memory", "is less than one upload may have", "raise it")
