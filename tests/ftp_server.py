"""A small server of FTP, which can be told to fail."""

from __future__ import annotations

import shutil
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Session(socketserver.StreamRequestHandler):
    """One connection; its methods are the commands."""

    server: Server

    def setup(self) -> None:
        super().setup()
        self.listener = socket.create_server(("127.0.0.1", 0))  # for data

    def finish(self) -> None:
        self.listener.close()
        super().finish()

    def handle(self) -> None:
        self.say("220 ready")
        for line in self.rfile:
            command, _, name = line.decode().strip().partition(" ")
            refused = self.server.refused.get(f"{command} {name}", [])
            if refused:
                self.say(refused.pop(0))
                continue
            try:
                self.say(getattr(self, command.lower())(self.server.root / name.lstrip("/")))
            except (OSError, AttributeError) as error:
                self.say(f"550 {error}")
            if command in self.server.loses:
                self.server.loses.remove(command)
                return

    def say(self, answer: str) -> None:
        if answer[:4] != "lost":
            self.wfile.write(f"{answer}\r\n".encode())

    def user(self, _: Path) -> str:
        return "230 welcome"

    def type(self, _: Path) -> str:
        return "200 so be it"

    def rest(self, _: Path) -> str:
        return "350 from there on"

    def pasv(self, _: Path) -> str:
        port = self.listener.getsockname()[1]
        return f"227 (127,0,0,1,{port >> 8},{port & 255})"

    def transfer(self, data: bytes | None) -> bytes:
        """Send data, or receive some."""
        self.say("150 here")
        with self.listener.accept()[0] as connection:
            if data is not None:
                connection.sendall(data)
                return b""
            with connection.makefile("rb") as file:
                return file.read()

    def mlsd(self, path: Path) -> str:
        kinds = ((each, "dir" if each.is_dir() else "file") for each in sorted(path.iterdir()))
        lines = [f"type={kind};size={each.stat().st_size}; {each.name}" for each, kind in kinds]
        self.transfer("".join(f"{line}\r\n" for line in lines).encode())
        return "226 done"

    def list(self, path: Path) -> str:
        self.transfer("".join(f"{name}\r\n" for name in path.iterdir()).encode())
        return "226 done"

    def retr(self, path: Path) -> str:
        self.transfer(path.read_bytes())
        return "226 done"

    def stor(self, path: Path) -> str:
        path.write_bytes(self.transfer(None))
        return "226 done"

    def mkd(self, path: Path) -> str:
        path.mkdir()
        return f"257 {path}"

    def dele(self, path: Path) -> str:
        path.unlink()
        return "250 done"

    def rnfr(self, path: Path) -> str:
        self.moved = path
        return "350 where to?" if path.exists() else "550 it is gone"

    def rnto(self, path: Path) -> str:
        shutil.move(self.moved, path)
        return "lost" if "RNTO" in self.server.loses else "250 done"


class Server(socketserver.ThreadingTCPServer):
    """
    Attributes:
        root: the folder that it serves.
        refused: by command: answers to its next ones.
        loses: commands that are done, and whose connection is lost before the answer.
    """

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.root = root
        self.refused: dict[str, list[str]] = {}
        self.loses: list[str] = []

    @property
    def url(self) -> str:
        return f"ftp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    with Server(root) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
