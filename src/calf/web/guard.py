"""What a browser may do here: other sites can neither read nor act, and no page runs what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page: only what came with us, nothing inline."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_READING = ("GET", "HEAD")
_OURSELVES = ("same-origin", "none", "")


class Guard:
    """ASGI middleware: refuses names that are not ours and requests that other sites make.

    `hosts` are the names, with ports, under which we may be asked: a name of somebody else's that leads to
    this machine (DNS rebinding) is none of them.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with our headers on its response, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        app = PlainTextResponse(refusal, 403) if refusal else self._app
        await app(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> str:
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            return f"this dashboard is not {host[:200]}: open it by the link that `calf up` prints\n"
        site = headers.get("sec-fetch-site", "")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host:
            return "another site may not ask this dashboard for anything\n"
        if method not in _READING and (site not in _OURSELVES[:2] and origin is None):
            return "this must be asked by a page of the dashboard itself\n"
        if site not in _OURSELVES and headers.get("sec-fetch-mode") != "navigate":
            return "another site may not ask this dashboard for anything\n"
        return ""
