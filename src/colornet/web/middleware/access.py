"""Access control: host names, origins and the token."""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from colornet.web.errors import ApiError, busy
from colornet.web.settings import Settings

OVER_LIMIT = "over_limit"
"""Key in the state of requests over one connection too many."""
PROTECTED = ("/api/", "/metrics", "/openapi.json")
"""Prefixes of the paths that need the token; the page itself holds no secrets."""


class AccessMiddleware:
    """Refuses requests without access.

    Pages of other sites must not use the server through their visitors' browsers: requests that a
    browser marks as cross-origin are refused, and so are unknown names in the Host header, by
    which such a page could make itself same-origin (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._origins = settings.origins
        self._hosts = {"localhost", *map(str.lower, settings.hosts)} | {
            urlsplit(origin).hostname or "" for origin in settings.origins
        }
        self._tokens = _encoded(settings.token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        answer = None
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            allowed = origin if origin in self._origins else None
            error = self._error(scope, headers, allowed)
            answer = error.response() if error else _preflight(scope, headers, allowed)
        await (answer or self._app)(scope, receive, send)

    def _error(self, scope: Scope, headers: Headers, allowed: str | None) -> ApiError | None:
        if scope.get("state", {}).get(OVER_LIMIT):
            over = busy("has too many connections")
            over.headers["Connection"] = "close"
            return over
        host = headers.get("host", "")
        if not self._is_known(host):
            remedy = "use the server's address, or start it with --origin for this name"
            return ApiError(421, "unknown_host", "the host", "is not known", remedy)
        if not scope["path"].startswith(PROTECTED) or (allowed and scope["method"] == "OPTIONS"):
            return None
        if not allowed and _is_foreign(headers, host):
            remedy = "start the server with --origin for that page"
            reason = "comes from a page of another origin"
            return ApiError(403, "cross_origin", "the request", reason, remedy)
        return self._token_error(headers) if self._tokens else None

    def _is_known(self, host: str) -> bool:
        """Whether a Host header has an IP address or a known name."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._hosts:
            return bool(name)
        try:
            return bool(ipaddress.ip_address(name))
        except ValueError:
            return False

    def _token_error(self, headers: Headers) -> ApiError | None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        sent = given.strip(" \t").encode("latin-1")  # the bytes as they came
        challenge = {"WWW-Authenticate": "Bearer"}
        if scheme.lower() != "bearer" or not sent:
            remedy = "send it as Authorization: Bearer TOKEN"
            return ApiError(401, "no_token", "the token", "is missing", remedy, challenge)
        if not any(hmac.compare_digest(sent, token) for token in self._tokens):
            remedy = "use the one that the server was started with"
            return ApiError(401, "wrong_token", "the token", "is wrong", remedy, challenge)
        return None


def _encoded(token: str | None) -> list[bytes]:
    """The token as clients may send it: most encode headers in UTF-8, some in Latin-1."""
    if token is None:
        return []
    encoded = [token.encode("utf-8", "surrogateescape")]  # as the environment's bytes came
    if not token.isascii() and all(ord(character) < 256 for character in token):
        encoded.append(token.encode("latin-1"))
    return encoded


def _is_foreign(headers: Headers, host: str) -> bool:
    """Whether a browser marks the request as cross-origin."""
    origin = headers.get("origin")
    if origin is not None and _address(origin) != host.lower():
        return True
    return headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _address(origin: str) -> str | None:
    """Host and port of an origin; None: it has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _preflight(scope: Scope, headers: Headers, allowed: str | None) -> Response | None:
    """The response to the preflight request of an allowed page."""
    if not allowed or scope["method"] != "OPTIONS":
        return None
    if "access-control-request-method" not in headers:
        return None
    answer = {
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers=answer)
