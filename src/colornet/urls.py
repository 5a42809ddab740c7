"""Names of files that are paths or URLs of any kind that fsspec knows, and what reaches them."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote

from colornet.errors import OptionError
from colornet.extras import install_hint
from colornet.stores import SET_CREDENTIALS, patiently

URL = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
PASSWORD = re.compile(r"(?!git(?:hub)?:)([a-z][a-z0-9+.-]+)://([^/@:]*)(:[^/]+)@", re.IGNORECASE)
"""A URL with a password; in those of Git, what stands there is a repository."""
PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs"}
PACKAGES |= dict.fromkeys(("az", "abfs", "abfss", "adl"), "adlfs")
PACKAGES |= dict.fromkeys(("http", "https"), "aiohttp")
SERVERS = dict.fromkeys(("sftp", "ssh"), "paramiko")
"""What fsspec needs for each protocol; of servers, it also knows the password."""
OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"}
"""Their protocols, see `is_object_store`."""


def is_url(name: str) -> bool:
    """Whether a name is that of something behind a URL; file:///a.jpg is a path."""
    found = URL.match(name)
    return found is not None and found[1].lower() not in ("file", "local")


def local(name: str) -> str:
    """The path that a name stands for, or the URL as it is: /a b.jpg for file:///a%20b.jpg."""
    found = URL.match(name)
    return name if is_url(name) or not found else unquote(name[found.end() :])


def refuse_password(name: str) -> None:
    """Check that a name holds no password, which plans, tables and messages would show.

    Raises:
        OptionError: it does; the message does not show it.
    """
    found = PASSWORD.match(name)
    if not found:
        return
    protocol = found[1].lower()
    remedy = f"leave it out, and set FSSPEC_{protocol.upper()}_PASSWORD"
    if protocol in ("http", "https"):
        asked = """FSSPEC_HTTP='{"client_kwargs": {"trust_env": true}}'"""
        remedy = f"leave user and password out, write them into ~/.netrc, and set {asked}"
    elif protocol in PACKAGES:
        remedy = f"leave it out; {SET_CREDENTIALS}"
    shown = name[: found.start(3)] + name[found.end(3) :]
    raise OptionError(shown, "holds a password, which would be shown with it", remedy)


def stripped(url: str) -> tuple[Any, str]:
    """The file system of a URL, and its name there.

    Raises:
        OptionError: the protocol is unknown, its package is not there, or the URL is not complete.
    """
    protocol = url.partition("://")[0].lower()
    try:
        import fsspec
    except ModuleNotFoundError:
        raise OptionError(url, "needs fsspec", install_hint("archive")) from None
    os.environ.setdefault("AWS_MAX_ATTEMPTS", "1")  # as `patiently` tries again, and knows when
    try:
        kind: Any = fsspec.get_filesystem_class(protocol)
        if protocol == "ftp":
            from colornet.ftp import Ftp

            kind = Ftp
        options = kind._get_kwargs_from_urls(url)
        if "host" not in options:  # SFTP hands what it does not know to its library
            options["use_listings_cache"] = False
        many = protocol in {"ftp", *SERVERS}  # a connection for each thread, which servers count
        fs = patiently(None, kind, **options) if many else kind(**options)
        return fs, fs._strip_protocol(url)
    except (ImportError, ValueError) as error:
        package = (PACKAGES | SERVERS).get(protocol)
        reason, remedy = f"cannot be reached ({error})", "see fsspec's list of protocols"
        if protocol in PACKAGES:  # adlfs asks for an account at once
            remedy = SET_CREDENTIALS
        if package and isinstance(error, ImportError):
            reason, remedy = f"needs {package}", f"pip install {package}"
        raise OptionError(url, reason, remedy) from None


def is_object_store(fs: Any) -> bool:
    """Whether it lists a tree at a time, and an object appears when all of it has arrived."""
    names = [fs.protocol] if isinstance(fs.protocol, str) else fs.protocol
    return not OBJECT_STORES.isdisjoint(names)
