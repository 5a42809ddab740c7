import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from colornet.cli.app import main
from tests.ports import free_ports
from tests.video.films import gray_frames, write_film


def test_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"colornet: 127.0.0.1:{port}: cannot be listened on")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (["--host", "nowhere.invalid"], 2, "colornet: nowhere.invalid:0: cannot be listened on"),
        (["--model", "nothing"], 1, "colornet: nothing: there is no model of that name"),
        (["--max-memory", "8"], 2, "colornet: --max-memory: is less than one upload may have"),
        (["--threads", "0"], 2, "colornet: Invalid value for '--threads'"),
    ],
)
def test_what_cannot_be_served(
    options: list[str], code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", *options]) == code
    err = capsys.readouterr().err
    assert err.startswith(line)
    assert err.count("\n") == 1


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -15)])
def test_prints_its_address_and_stops_when_told(stop: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "colornet", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(b"colornet: http://127.0.0.1:")
        os.kill(process.pid, stop)
        _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert not err


def test_told_twice_it_waits_for_no_request(tmp_path: Path) -> None:
    """And leaves no film on the disk."""
    film = write_film(tmp_path / "a.mp4", gray_frames(3)).read_bytes()
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "colornet", "serve", "--port", port]
    kept = tmp_path / "kept"
    kept.mkdir()
    environment = os.environ | {"TMPDIR": str(kept)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as process:
        wait_for(port, process)
        urlopen(f"http://127.0.0.1:{port}/api/v1/films", film).close()
        assert list(kept.iterdir())
        with socket.create_connection(("127.0.0.1", int(port))) as slow:
            head = f"Host: 127.0.0.1:{port}\r\nContent-Length: 9\r\n\r\n"
            slow.sendall(f"POST /api/v1/colorize HTTP/1.1\r\n{head}".encode())
            time.sleep(0.5)
            for _ in range(2):
                process.send_signal(signal.SIGINT)
                time.sleep(0.5)
            _, err = process.communicate(timeout=5)  # less than it grants requests
    assert (process.returncode, err) == (0, b"")
    assert not list(kept.iterdir())


def test_has_enough_descriptors_for_its_connections() -> None:
    """Of which macOS grants 256, unless it is asked for more."""
    (port,) = free_ports(1)
    command = f"ulimit -Sn 256; exec {sys.executable} -m colornet serve --port {port}"
    with subprocess.Popen(["bash", "-c", command], stderr=subprocess.PIPE) as process:
        try:
            wait_for(port, process)
            with contextlib.ExitStack() as stack:
                for _ in range(300):
                    stack.enter_context(socket.create_connection(("127.0.0.1", int(port))))
                time.sleep(0.5)
        finally:
            process.terminate()
            _, err = process.communicate(timeout=30)
    assert not err


@pytest.mark.parametrize("output", [">&-", "> /dev/full", ">&- 2>&- <&-"])
def test_serves_where_its_address_cannot_be_printed(output: str) -> None:
    if "full" in output and not Path("/dev/full").exists():
        pytest.skip("this system has none")
    (port,) = free_ports(1)
    command = f"exec {sys.executable} -m colornet serve --port {port} {output}"
    with subprocess.Popen(["bash", "-c", command], stderr=subprocess.PIPE) as process:
        try:
            wait_for(port, process)
        finally:
            process.terminate()
            _, err = process.communicate(timeout=30)
    assert not err


def wait_for(port: str, process: subprocess.Popen[bytes]) -> None:
    """Until a server answers."""
    for _ in range(600):
        assert process.poll() is None
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
            return
        time.sleep(0.1)
    pytest.fail("it does not answer")
