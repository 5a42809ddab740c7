"""Stores behind URLs: what fails there for a while is tried again, and what stays is explained."""

from __future__ import annotations

import contextlib
import logging
import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from colornet.errors import ColornetError, UnreadablePicture

TRIES = 14
FIRST, LONGEST = 0.2, 20.0
"""Seconds between tries: the first pause, doubled each time, and the longest."""
REFUSED = 3.0
"""Seconds after which a refused connection is not tried again."""
FINAL = (
    FileNotFoundError,
    PermissionError,
    IsADirectoryError,
    NotADirectoryError,
    ImportError,
    NotImplementedError,
)
"""What trying again does not change."""
ANSWERS = {400, 401, 403, 404, 405, 406, 410, 414, 451}
"""Statuses that trying again does not change."""
DENIED, MISSING = {401, 403}, 404
CREDENTIALS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
    "TokenRetrievalError",
    "SSOTokenLoadError",
    "UnauthorizedSSOTokenError",
    "DefaultCredentialsError",
    "CredentialUnavailableError",
    "ClientAuthenticationError",
}
"""Names of errors of botocore, google.auth and azure, whose packages need not be there."""
SET_CREDENTIALS = (
    "set the credentials of the store, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or AZURE_STORAGE_CONNECTION_STRING"
)
INVALID = {"ParamValidationError", "ValueError", "error_perm"}
INVALID |= {"AuthenticationException", "BadAuthenticationType"}
"""Names of errors of what cannot be, of botocore, Python, FTP and SFTP; not of their subclasses."""
TEMPORARY = {"error_temp"}
"""Names of errors of what can be later, of FTP."""

for _name in ("gcsfs", "azure", "paramiko"):  # which tell what `explained` does in the end
    logging.getLogger(_name).setLevel(logging.CRITICAL)

P = ParamSpec("P")
T = TypeVar("T")


def patiently(fs: Any, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call it, and again with growing pauses while a server is slow, throttles or fails.

    Args:
        fs: the file system of fsspec that it uses, which connects again before; None: it uses none.
        do: is called.
        args, kwargs: its arguments.
    """
    start = time.monotonic()
    for number in range(TRIES):
        try:
            if number:
                _connect_again(fs)
            return do(*args, **kwargs)
        except Exception as error:
            fault = unmasked(error)
            refused = isinstance(_connection_fault(fault), ConnectionRefusedError)
            is_over = refused and time.monotonic() - start > REFUSED
            if number == TRIES - 1 or is_over or is_final(fault):
                raise fault from fault.__cause__
            time.sleep(min(LONGEST, FIRST * 2**number) * random.uniform(0.5, 1))
    raise AssertionError


def _connect_again(fs: Any) -> None:
    """Of FTP and SFTP, which have one connection, `ftp`, that may be lost."""
    if hasattr(fs, "ftp"):
        fs._connect()
        if getattr(fs, "tls", False) is True:  # of FTP; its `_connect` encrypts no files
            fs.ftp.prot_p()


def unmasked(error: Exception) -> Exception:
    """What a server cannot do now, where fsspec makes a missing file of it; else the same error."""
    if not isinstance(error, FileNotFoundError):
        return error
    if fault := _connection_fault(error):
        return fault
    causes = (cause for cause in _causes(error) if isinstance(cause, Exception))
    return next((cause for cause in causes if type(cause).__name__ in TEMPORARY), error)


def is_final(error: BaseException) -> bool:
    """Whether trying again does not help: a missing file, credentials or host, a wrong address."""
    fault = _connection_fault(error)
    unknown = isinstance(fault, socket.gaierror) and fault.errno == socket.EAI_NONAME
    told = isinstance(error, FINAL) or type(error).__name__ in INVALID
    told |= _answer(error) in ANSWERS
    return told or unknown or _lacks_credentials(error)


@contextlib.contextmanager
def reaching(url: str, *others: type[Exception]) -> Iterator[None]:
    """Turns a store's errors, which have no common base, into `UnreadablePicture`; not `others`."""
    try:
        yield
    except Exception as error:
        if isinstance(error, (ColornetError, *others)):
            raise
        why, remedy = explained(error)
        raise UnreadablePicture(url, f"cannot be reached ({why})", remedy) from None


def explained(error: Exception) -> tuple[str, str]:
    """Why a store cannot be used, and the remedy."""
    said = " ".join(str(error).split()) or type(error).__name__
    said = said.partition(". RequestId:")[0]  # with which azure's begin to quote the whole answer
    fault = _connection_fault(error)
    if _lacks_credentials(error):
        return f"no credentials: {said}", SET_CREDENTIALS
    if isinstance(fault, socket.gaierror):
        return f"unknown host: {said}", "check the address, that of the endpoint, and the network"
    if isinstance(fault, ConnectionRefusedError):
        remedy = "check the address, that of the endpoint, and whether its server runs"
        return f"connection refused: {said}", remedy
    if isinstance(error, PermissionError) or _answer(error) in DENIED:
        return f"permission denied: {said}", "check the credentials and what they allow"
    if isinstance(error, FileNotFoundError) or _answer(error) == MISSING:
        return said, "check the name; buckets are not made"
    if isinstance(error, NotImplementedError):
        return "its protocol cannot do that", "choose another place"
    return said, "check the address, the network and the credentials"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if type(error).__name__ == "NoValidConnectionsError":  # of SFTP, for each address of a host
            yield from error.errors.values()  # type: ignore[attr-defined]
        error = error.__cause__ or getattr(error, "kwargs", {}).get("error")  # as botocore has it


def _connection_fault(error: BaseException) -> OSError | None:
    """The system's error of a connection that an error comes from, if there is one."""
    system = (ConnectionError, TimeoutError, socket.gaierror)
    return next((cause for cause in _causes(error) if isinstance(cause, system)), None)


def _answer(error: BaseException) -> int | None:
    """The status of a server's answer, as aiohttp, azure and gcsfs call it."""
    codes = (getattr(error, name, None) for name in ("status", "status_code", "code"))
    return next((code for code in codes if isinstance(code, int)), None)


def _lacks_credentials(error: BaseException) -> bool:
    return any(type(cause).__name__ in CREDENTIALS for cause in _causes(error))
