"""Archives on a store of objects: a real server, behind a proxy that is slow and fails."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import socket
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from moto.server import ThreadedMotoServer

from colornet import stores
from colornet.archive.units import Plan, pictures
from colornet.cli.app import main
from tests.archive.conftest import files, write_album

ODD = "box 1/ünï #1%.jpg"
SLOW = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class Proxy(BaseHTTPRequestHandler):
    """Hands requests on, but for what is denied, and every third one, which meets a fault."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    target = ("127.0.0.1", 0)
    numbers = itertools.count(1)
    faults: Counter[str]
    denied = "nothing"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        number = next(self.numbers)
        if self.denied in self.path:
            self.send_response(403)
            self.send_header("Content-Length", str(len(DENIED)))
            self.end_headers()
            self.wfile.write(DENIED)
            return
        if number % 3 == 0:
            fault = ("throttled", "failing", "slow", "cut", "lost")[number // 3 % 5]
            self.faults[fault] += 1
            if fault in ("throttled", "failing"):
                self.send_response(503 if fault == "throttled" else 500)
                self.send_header("Content-Length", str(len(SLOW)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(SLOW)
                return
            if fault == "slow":
                time.sleep(0.1)
            if fault == "cut":  # before the server has seen the request
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
        server = http.client.HTTPConnection(*self.target, timeout=30)
        server.request(self.command, self.path, body, dict(self.headers))
        answer = server.getresponse()
        data = answer.read()
        if number % 3 == 0 and fault == "lost":  # the server did it, and nobody is told
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else len(data)
        self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    """The address of the store."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


@pytest.fixture
def faults(server: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Every request of fsspec goes through the proxy; counts of the faults it met."""
    import fsspec
    import s3fs

    Proxy.target, Proxy.faults = server, Counter()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.server_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(stores, "FIRST", 0.02)
    s3fs.S3FileSystem.clear_instance_cache()
    yield Proxy.faults
    fsspec.asyn.sync(fsspec.asyn.get_loop(), _close)
    proxy.shutdown()
    proxy.server_close()


async def _close() -> None:
    import s3fs

    for fs in list(s3fs.S3FileSystem._cache.values()):
        if fs._s3 is not None:
            await fs._s3.close()
    s3fs.S3FileSystem.clear_instance_cache()


def bucket(server: tuple[str, int]):
    """A new bucket, reached past the proxy."""
    endpoint = "http://{}:{}".format(*server)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3 = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    return s3.create_bucket(Bucket=f"bucket-{os.urandom(4).hex()}")


def content(bucket, prefix: str) -> dict[str, bytes]:
    found = {each.key: each.get()["Body"].read() for each in bucket.objects.filter(Prefix=prefix)}
    return {key[len(prefix) :]: data for key, data in found.items()}


@pytest.fixture
def unreachable(server: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What each fault needs; one that can be mended is tried once, any other must not be again."""
    import fsspec
    import s3fs

    def never(_: float) -> None:
        raise AssertionError("tried again")

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(stores, "time", SimpleNamespace(sleep=never, monotonic=time.monotonic))
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    fsspec.asyn.sync(fsspec.asyn.get_loop(), _close)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port at which nothing listens, and which no other program is given meanwhile."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        yield int(own.getsockname()[1])


def resolver_answers() -> bool:
    """Without a network, it may be that a name is not known yet."""
    try:
        socket.getaddrinfo("no-such-host.invalid", 80)
    except socket.gaierror as error:
        return error.errno == socket.EAI_NONAME
    return True


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("fault", ["credentials", "bucket", "host", "refused", "web", "web-host"])
def test_a_store_that_cannot_be_reached_is_one_line(
    fault: str,
    tmp_path: Path,
    server: tuple[str, int],
    silent_port: int,
    unreachable: None,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_album(tmp_path / "album", 1)
    endpoints = {
        "bucket": "http://{}:{}".format(*server),
        "host": "http://no-such-host.invalid",
        "refused": f"http://127.0.0.1:{silent_port}",
    }
    if endpoint := endpoints.get(fault):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    if fault in ("refused", "web") or (fault.endswith("host") and not resolver_answers()):
        monkeypatch.setattr(stores, "TRIES", 1)
    url = {"web": f"http://127.0.0.1:{silent_port}", "web-host": "http://no-such-host.invalid"}.get(
        fault, "s3://no-such-bucket"
    )
    reason = {
        "credentials": "(no credentials: Unable to locate credentials); set the credentials",
        "bucket": "bucket",
        "refused": "(connection refused: ",
        "web": "(connection refused: ",
    }.get(fault, "(unknown host: ")
    model = ("--model", str(tiny_model))
    for arguments in (
        (f"{url}/scans", "-o", "color", *model),
        (f"{url}/scans/*.jpg", "-o", "color", *model),
        (f"{url}/names.txt", "-o", "color", *model),
        (f"{url}/scans", "-o", "color", "--plan", *model),
        ("album", "-o", f"{url}/color", *model),
        ("album", "-o", f"{url}/color", "--retry", *model),
        ("--status", f"{url}/color"),
        ("--merge", f"{url}/color"),
    ):
        code = main(["archive", *arguments])
        said = capsys.readouterr().err
        assert said.startswith(f"colornet: {url}/"), said
        assert said.count("\n") == 1
        assert "; " in said
        if fault != "bucket":
            assert (code, reason in said) == (1, True), said
        elif "album" in arguments:
            assert "cannot be written (The specified bucket does not exist); check the" in said
        else:
            assert code in (1, 2)
    assert not (tmp_path / "color").exists()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("source", ["scans", "scans/roll*/*.jpg"])
def test_a_folder_of_a_store_without_permission_is_a_row(
    source: str,
    tmp_path: Path,
    server: tuple[str, int],
    faults: Counter[str],
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Proxy, "denied", "prefix=scans%2Froll1%2F")
    monkeypatch.chdir(tmp_path)
    store = bucket(server)
    for name, data in files(write_album(tmp_path / "album", 10)).items():
        store.put_object(Key=f"scans/{name}", Body=data)
    url = f"s3://{store.name}"
    assert main(["archive", f"{url}/{source}", "-o", "color", "--model", str(tiny_model)]) == 1
    said = capsys.readouterr().err
    assert f"colornet: {url}/scans/roll1: cannot be read (permission denied: Access Denied)" in said
    assert said.endswith("colornet: 6 done, 1 failed of 7 planned\n")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("source", ["scans", "scans/**/*.jpg", "scans/*/*.jpg"])
def test_results_are_called_the_same_by_each_protocol_of_a_store(
    source: str,
    tmp_path: Path,
    server: tuple[str, int],
    faults: Counter[str],
    planned: Callable[..., Plan],
) -> None:
    """fsspec makes s3:// of s3a://, as it makes abfs:// of az://."""
    store = bucket(server)
    store.put_object(Key="scans/roll0/00.jpg", Body=b"")
    plan = planned(f"s3a://{store.name}/{source}", tmp_path / "color")  # type: ignore[arg-type]
    ((picture,),) = [pictures(plan.place, unit) for unit in plan.units]
    assert picture.input == f"s3a://{store.name}/scans/roll0/00.jpg"
    assert picture.output == "roll0/00.jpg"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_nothing_that_listens_is_told_within_seconds(
    tmp_path: Path,
    silent_port: int,
    faults: Counter[str],
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent_port}")
    monkeypatch.setattr(stores, "FIRST", 0.2)
    monkeypatch.setattr(stores, "REFUSED", 0.5)
    monkeypatch.chdir(tmp_path)
    start = time.monotonic()
    assert main(["archive", "s3://bucket/scans", "-o", "color", "--model", str(tiny_model)]) == 1
    assert time.monotonic() - start < 15


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_faults_of_a_store_lose_and_double_nothing(
    tmp_path: Path,
    server: tuple[str, int],
    faults: Counter[str],
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_album(tmp_path / "album", 10)
    odd = tmp_path / "album" / ODD
    odd.parent.mkdir()
    odd.write_bytes((tmp_path / "album/roll0/00.jpg").read_bytes())
    model = ("--model", str(tiny_model))
    assert main(["colorize", "album", "-o", "color", *model]) == 0
    expected = files(tmp_path / "color")
    store = bucket(server)
    with tarfile.open(tmp_path / "all.tar", "w") as tar:
        for name, data in files(tmp_path / "album").items():
            store.put_object(Key=f"scans/{name}", Body=data)
            tar.add(tmp_path / "album" / name, name)
    store.upload_file(str(tmp_path / "all.tar"), "shards/all.tar")

    url = f"s3://{store.name}"
    for source, into in (("scans", "tree"), ("shards/all.tar", "tree"), ("scans", "tar")):
        output = f"{into}-of-{source.replace('/', '-')}"
        command = ["archive", f"{url}/{source}", "-o", f"{url}/{output}", "--into", into, *model]
        assert main([*command, "--shard", "2/2", "-j", "2"]) == 0
        assert main([*command, "-j", "2"]) == 0
        assert main(["archive", "--status", f"{url}/{output}"]) == 0
        assert main(["archive", "--merge", f"{url}/{output}", "-o", f"{output}.jsonl"]) == 0
        made = content(store, f"{output}/")
        rows = [json.loads(line) for line in Path(f"{output}.jsonl").read_text().splitlines()]
        outputs = [row["output"].rpartition("::")[2] for row in rows]
        assert sorted(outputs) == sorted(expected)
        assert {row["status"] for row in rows} == {"done"}
        assert not [name for name in made if name.startswith("begun/")]
        if into == "tree":
            assert {name: made[name] for name in expected} == expected
    assert set(faults) == {"throttled", "failing", "slow", "cut", "lost"}
    assert sum(faults.values()) > 20
