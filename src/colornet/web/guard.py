"""Who may ask: hosts, origins, the token; and the headers that every answer carries."""

from __future__ import annotations

import hmac
import ipaddress
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from colornet.web.metrics import Metrics
from colornet.web.problems import Refused, busy, unexpected
from colornet.web.settings import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ]
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
CROWDED = "crowded"
"""In the state of requests that come over one connection too many."""
API = "/api/"
PROTECTED = (API, "/metrics", "/openapi.json")
"""Beginnings of the paths that need the token, where there is one; the page holds no secrets."""


class Guard:
    """ASGI middleware around everything else.

    A page of another site cannot use the server through its visitor's browser: requests that a
    browser marks as coming from elsewhere are refused, and so are names in the Host header that
    the server was not told of, with which such a page could make itself same-origin.
    """

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._hosts = {"localhost"} | {
            (urlsplit(origin).hostname or "").lower() for origin in settings.origins
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        allowed = origin if origin in self._settings.origins else None
        begun, status = time.perf_counter(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(scope=message), scope["path"], allowed)
            await send(message)

        try:
            answer = self._refusal(scope, headers, allowed) or _preflight(scope, headers, allowed)
            await (answer or self._app)(scope, receive, guarded)
        except Exception as error:
            if status:
                raise
            await unexpected(error).response()(scope, receive, guarded)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.record(route, status, time.perf_counter() - begun)

    def _refusal(self, scope: Scope, headers: Headers, allowed: str | None) -> Response | None:
        if scope.get("state", {}).get(CROWDED):
            crowded = busy("has too many connections")
            crowded.headers["Connection"] = "close"
            return crowded.response()
        host = headers.get("host", "")
        if not self._known_host(host):
            mend = "use the server's address, or start it with --origin for this name"
            return Refused(421, "unknown_host", "the host", "is not known", mend).response()
        if not scope["path"].startswith(PROTECTED) or (allowed and scope["method"] == "OPTIONS"):
            return None
        if not allowed and _is_foreign(headers, host):
            mend = "start the server with --origin for that page"
            reason = "comes from a page of another origin"
            return Refused(403, "cross_origin", "the request", reason, mend).response()
        if self._settings.token and not self._has_token(headers):
            mend = "send it as Authorization: Bearer TOKEN"
            challenge = {"WWW-Authenticate": "Bearer"}
            reason = "is missing or wrong"
            return Refused(401, "no_token", "the token", reason, mend, challenge).response()
        return None

    def _known_host(self, host: str) -> bool:
        """An address, localhost, or the name of an origin that was allowed."""
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

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        wanted = (self._settings.token or "").encode()
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted)

    @staticmethod
    def _add_headers(headers: MutableHeaders, path: str, allowed: str | None) -> None:
        headers.update(SECURITY_HEADERS)
        headers.setdefault(
            "Cache-Control", "no-store" if path.startswith(PROTECTED) else "no-cache"
        )
        if allowed:
            headers["Access-Control-Allow-Origin"] = allowed
            headers["Access-Control-Expose-Headers"] = "Colornet-Notices, Retry-After"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers.add_vary_header("Origin")


def _is_foreign(headers: Headers, host: str) -> bool:
    """Whether a browser says that a page of another origin asks."""
    origin = headers.get("origin")
    if origin is not None and _place(origin) != host.lower():
        return True
    return headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _place(origin: str) -> str | None:
    """Its host and port; None: it is no origin."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _preflight(scope: Scope, headers: Headers, allowed: str | None) -> Response | None:
    """The answer to a browser that asks whether an allowed page may send a request."""
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
