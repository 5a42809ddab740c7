"""What docs/serve.md says can be done is done here."""

import io
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image
from skimage import data
from typer.testing import CliRunner

from colornet.cli.app import build_app
from colornet.web.settings import Settings
from tests.ports import free_ports
from tests.video.films import decoded, gray_frames, write_film
from tests.walkthrough import ROOT, blocks, commands, run
from tests.web.conftest import Server

PAGE = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
DEFAULT_ADDRESS = "http://127.0.0.1:8000/"
(FILMS, *_) = blocks("bash", PAGE.split("### Films\n")[1])
COMMANDS = commands(PAGE.replace(FILMS, ""))
SERVERS = [command for command in COMMANDS if "colornet serve" in command]
PLAIN, WITH_TOKEN, BEHIND_PROXY = SERVERS
REQUESTS = [command for command in COMMANDS if command.startswith("curl ")]
INSTALL, MAKE_TOKEN = (c for c in COMMANDS if c not in (*SERVERS, *REQUESTS))

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page speaks of."""
    folder = tmp_path_factory.mktemp("serve")
    Image.fromarray(data.camera()[:400, :200]).save(folder / "photo.jpg")
    Image.fromarray(data.coffee()[:200, :200]).save(folder / "other.jpg")
    write_film(folder / "film.mp4", gray_frames(12, cuts=[6]))
    run(["bash", "-c", MAKE_TOKEN], folder)
    return folder


@contextmanager
def serving(command: str, folder: Path) -> Iterator[str]:
    """The address of the server that a command starts, on a port of its own."""
    line = f'PATH={Path(sys.executable).parent}:"$PATH" exec env {command} --port 0'
    with subprocess.Popen(
        ["bash", "-c", line], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        printed = process.stdout.readline()
        try:
            yield printed.removeprefix("colornet: ").strip()
        finally:
            process.send_signal(signal.SIGINT)
            _, complaints = process.communicate(timeout=30)
    assert process.returncode == 0, complaints
    assert not complaints


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(PLAIN, folder) as address:
        yield address


def ask(request: str, address: str, folder: Path) -> Path:
    """What a request of the page wrote."""
    target = folder / request.rpartition(" -o ")[2]
    target.unlink(missing_ok=True)
    run(["bash", "-c", request.replace(DEFAULT_ADDRESS, address)], folder)
    return target


@needs_curl
@pytest.mark.parametrize("request_line", [line for line in REQUESTS if "token" not in line])
def test_requests(request_line: str, address: str, folder: Path) -> None:
    answer = ask(request_line, address, folder)
    content = answer.read_bytes()
    if answer.name == "answer.txt":
        assert b'name="notices"' in content
        content = content.split(b"Content-Type: image/jpeg\r\n\r\n")[1]
    assert Image.open(io.BytesIO(content)).size == (200, 400)


@needs_curl
def test_a_film(address: str, folder: Path) -> None:
    script = FILMS.replace(DEFAULT_ADDRESS.rstrip("/"), address.rstrip("/"))
    run(["bash", "-e", "-c", script], folder)
    assert Image.open(io.BytesIO((folder / "first.jpg").read_bytes())).size == (64, 48)
    assert len(decoded(folder / "film-preview.mp4")) == 5
    told = json.loads((folder / "film.json").read_text())
    assert httpx.get(f"{address}api/v1/films/{told['id']}").status_code == 404


@needs_curl
def test_a_token(folder: Path) -> None:
    with serving(WITH_TOKEN, folder) as address:
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(f"{address}api/v1/models").json()["error"]["code"] == "no_token"
        (request,) = (line for line in REQUESTS if "token" in line)
        content = ask(request, address, folder).read_bytes()
        assert Image.open(io.BytesIO(content)).size == (200, 400)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx")
def test_behind_a_proxy(folder: Path) -> None:
    (block,) = blocks("nginx", PAGE)
    (port,) = free_ports(1)
    with serving(BEHIND_PROXY, folder) as address:
        block = block.replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
        block = block.replace(DEFAULT_ADDRESS.rstrip("/"), address.rstrip("/"))
        kept = "".join(
            f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi")
        )
        kept += f"uwsgi_temp_path {folder}; scgi_temp_path {folder}; access_log off;"
        text = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}"
        (folder / "nginx.conf").write_text(f"{text} http {{ {kept} {block} }}")
        proxy = subprocess.Popen(
            ["nginx", "-c", folder / "nginx.conf", "-e", folder / "nginx.log", "-p", folder]
        )
        try:
            headers = {"Host": "photos.example.org", "Origin": "https://photos.example.org"}
            transport = httpx.HTTPTransport(retries=5)
            with httpx.Client(headers=headers, transport=transport, timeout=60) as client:
                picture = (folder / "photo.jpg").read_bytes()
                url = f"http://127.0.0.1:{port}/api/v1/colorize"
                answer = client.post(url, content=picture)
                assert answer.status_code == 200, answer.text
                headers = {"Origin": "https://elsewhere.example.org"}
                assert client.post(url, content=picture, headers=headers).status_code == 403
        finally:
            proxy.terminate()
            proxy.wait(timeout=10)


@pytest.mark.slow
def test_installing() -> None:
    """As far as that can be tried without a network: what it needs is here in fitting versions."""
    line = INSTALL.replace("pip install", "pip install --dry-run --no-index --no-build-isolation")
    run(["bash", "-c", f"{sys.executable} -m {line}"], ROOT)


def test_every_request_is_listed(server: Server) -> None:
    listed = re.findall(r"^\| `([A-Z]+) (/\S*)` \|", PAGE, re.MULTILINE)
    paths = server.get("/openapi.json").json()["paths"]
    described = [(method.upper(), path) for path, each in paths.items() for method in each]
    assert sorted(listed) == sorted(described)


def test_every_status_is_listed(server: Server) -> None:
    table = PAGE.split("### Errors")[1].split("## Limits")[0]
    rows = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    listed = {status for row in rows for status in row.split(", ")}
    paths = server.get("/openapi.json").json()["paths"].values()
    answers = {status for each in paths for one in each.values() for status in one["responses"]}
    assert listed - {"405"} == {status for status in answers if status >= "400"}


def test_every_limit_is_listed() -> None:
    rows = re.findall(r"^\| `--([\w-]+)` \| ([^|]+) \|", PAGE, re.MULTILINE)
    settings = Settings()
    assert dict(rows) == {
        "max-upload": f"{settings.max_bytes >> 20} MiB",
        "max-pixels": f"{settings.max_pixels / 1e6:.0f} megapixels",
        "timeout": f"{settings.timeout:.0f} seconds",
        "queue": f"{settings.max_waiting}",
        "max-canvases": f"{settings.max_canvases}",
        "max-films": f"{settings.max_films}",
        "max-film-size": f"{settings.max_film_bytes >> 20} MiB",
        "max-film-seconds": f"{settings.max_film_seconds:.0f}",
        "idle": f"{settings.idle:.0f} seconds",
        "max-memory": f"{settings.max_memory >> 20} MiB",
        "threads": "one for each core",
    }


def test_every_option_exists() -> None:
    help_text = CliRunner().invoke(build_app(), ["serve", "--help"], terminal_width=200).output
    for option in set(re.findall(r"`(--[\w-]+)`", PAGE)) - {"--hints"}:
        assert option in help_text, option
