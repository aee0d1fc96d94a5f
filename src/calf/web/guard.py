"""What a browser may do here: other sites can neither read nor act, and no page runs what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
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
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_READING = ("GET", "HEAD")
_METHODS = (*_READING, "POST")
_OURSELVES = ("same-origin", "none", "")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")
_NOT_YOURS = "another site may not ask this dashboard for anything\n"


class Guard:
    """ASGI middleware: refuses names that are not ours and requests that other sites make.

    `hosts` are the names under which we may be asked, `*.example.org` for all below one; a port beside them
    does not count, since it may be forwarded. A name of somebody else's that leads to this machine (DNS
    rebinding) is none of them.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(_name(host.lower().replace("*", "_", 1)) for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with our headers on its response, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            else:  # nothing here speaks WebSocket
                await send({"type": "websocket.close", "code": 1008})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        host = headers.get("host", "").lower()
        if not self._is_ours(host):
            told = f"this dashboard is not {host[:200]}: open it by the link that `calf up` prints\n"
            return PlainTextResponse(told, 403)
        if method not in _METHODS:
            return PlainTextResponse(f"{method[:20]} is not done here\n", 405, {"allow": ", ".join(_METHODS)})
        site, origin = headers.get("sec-fetch-site", ""), headers.get("origin")
        if origin is not None and origin.lower().partition("://")[2] != host:
            return PlainTextResponse(_NOT_YOURS, 403)
        if method not in _READING:
            if site in ("", "same-origin") and (origin is not None or site):
                return None
            return PlainTextResponse("this must be asked by a page of the dashboard itself\n", 403)
        is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return None if site in _OURSELVES or is_link else PlainTextResponse(_NOT_YOURS, 403)

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        return name != "" and (name in self._hosts or f"_.{name.partition('.')[2]}" in self._hosts)


def _name(host: str) -> str:
    """A host without its port; empty for what is none."""
    found = _HOST.fullmatch(host)
    return found[1] if found else ""
