from __future__ import annotations

import ftplib
import socket
from collections.abc import Callable

import pytest

from colornet import stores
from colornet.errors import UnreadablePicture
from colornet.stores import explained, patiently, reaching


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "FIRST", 0.0)


def failing(*errors: Exception) -> tuple[Callable[[], str], list[Exception]]:
    """What raises these, one at each call, and then works; and those that are left."""
    left = list(errors)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return call, left


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
LATER = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError("slow"),
        ConnectionRefusedError(111, "refused"),
        RuntimeError("SlowDown"),
        type("HttpResponseError", (RuntimeError,), {"status_code": 503})("ServerBusy"),
        LATER,
        caused(FileNotFoundError("http://a/b"), ConnectionResetError("reset")),
        caused(FileNotFoundError("/a.jpg"), ftplib.error_temp("426 Connection closed.")),
        ftplib.error_temp("421 Too many connections."),
    ],
)
def test_what_waiting_mends_is_tried_again(error: Exception) -> None:
    call, _ = failing(*[error] * (stores.TRIES - 1))
    assert patiently(None, call) == "done"
    call, left = failing(*[error] * (stores.TRIES + 1))
    with pytest.raises((OSError, RuntimeError, ftplib.Error)) as raised:
        patiently(None, call)
    assert len(left) == 1
    assert not isinstance(raised.value, FileNotFoundError)


@pytest.mark.parametrize("tls", [False, True, "tls"])
def test_a_connection_that_was_lost_is_made_again(tls: bool | str) -> None:
    class Server:
        """As FTP's file system of fsspec, whose own errors are told first."""

        def __init__(self) -> None:
            self.said: list[str] = []
            self.tls, self.ftp = tls, self

        def _connect(self) -> None:
            self.said.append("connect")
            if len(self.said) == 1:
                raise TimeoutError("slow")

        def prot_p(self) -> None:
            self.said.append("prot_p")

        def cat_file(self) -> bytes:
            if self.said[1:2] != ["connect"]:
                raise BrokenPipeError("gone")
            return b"file"

    server = Server()
    assert patiently(server, server.cat_file) == b"file"
    assert server.said == ["connect", "connect"] + ["prot_p"] * (tls is True)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError("The specified bucket does not exist"),
        PermissionError("Access Denied"),
        NotImplementedError(),
        ValueError("Invalid endpoint: localhost:9000"),
        type("NoCredentialsError", (Exception,), {})("Unable to locate credentials"),
        type("ClientAuthenticationError", (Exception,), {})("no token"),
        type("HttpResponseError", (Exception,), {"status_code": 403})("of azure"),
        type("ResourceNotFoundError", (Exception,), {"status_code": 404})("no such container"),
        type("HttpError", (Exception,), {"code": 401})("of gcsfs"),
        UNKNOWN,
        caused(RuntimeError("Cannot connect"), UNKNOWN),
        caused(FileNotFoundError("http://a/b"), UNKNOWN),
        ftplib.error_perm("530 Authentication failed."),
    ],
)
def test_what_waiting_does_not_mend_is_not(error: Exception) -> None:
    call, left = failing(error, error)
    said = r"^s3://a/b: cannot be reached \(.+\); (check|set|choose) "
    with pytest.raises(UnreadablePicture, match=said), reaching("s3://a/b"):
        patiently(None, call)
    assert len(left) == 1


def test_a_connection_that_sftp_is_refused_is_tried_for_some_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stores, "REFUSED", -1.0)
    refused = type("NoValidConnectionsError", (OSError,), {})(None, "Unable to connect to port 22")
    refused.errors = {("127.0.0.1", 22): ConnectionRefusedError(111, "Connection refused")}
    call, left = failing(refused, refused)
    told = pytest.raises(UnreadablePicture, match=r"connection refused: .*whether its server runs")
    with told, reaching("sftp://host/scans"):
        patiently(None, call)
    assert len(left) == 1


def test_the_reason_is_one_line() -> None:
    assert explained(RuntimeError("so\n  and so"))[0] == "so and so"
    assert explained(RuntimeError())[0] == "RuntimeError"


def test_the_whole_answer_of_azure_is_not_quoted() -> None:
    said = "The specified container does not exist.\nRequestId:1b\nContent: <?xml version='1.0'?>"
    error = type("ResourceNotFoundError", (Exception,), {"status_code": 404})(said)
    reason, remedy = explained(error)
    assert (reason, remedy) == (
        "The specified container does not exist",
        "check the name; buckets are not made",
    )
