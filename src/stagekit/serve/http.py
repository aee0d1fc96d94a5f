"""The routes on a socket: Python's own HTTP server, with limits on what a client can take up."""

from __future__ import annotations

import sys
import time
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import BoundedSemaphore
from typing import Any

from stagekit.serve.routes import NAME, Reply, problem, respond
from stagekit.serve.site import Site

MAX_BODY = 16 << 20
CONNECTIONS = 16
"""So many clients at once; the next ones are hung up on. Each may hold a body of `MAX_BODY`."""
SILENCE = 10.0
"""Seconds without a byte after which a client is given up."""
BODY_SECONDS = 60.0
"""Seconds in which a body must be there."""
_CHUNK = 64 << 10


class Server(ThreadingHTTPServer):
    """Serves a site at an address until `shutdown`, or an exception such as `SystemExit`, ends it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        super().__init__(address, partial(_Handler, site))
        self._places = BoundedSemaphore(CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread, if there is a place."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say with a traceback what we did wrong; that a client went away needs none."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = NAME
    sys_version = ""
    timeout = SILENCE

    def __init__(self, site: Site, request: socket, client_address: Any, server: Server) -> None:
        self._site = site
        super().__init__(request, client_address, server)

    def do_GET(self) -> None:
        self._send(respond(self._site, "GET", self.path))

    do_HEAD = do_GET  # noqa: N815 - the name is http.server's

    def do_POST(self) -> None:
        body = self._body()
        if isinstance(body, Reply):
            self.close_connection = True  # what is left of the body is not read
            self._send(body)
            return
        self._send(respond(self._site, "POST", self.path, body))

    def _body(self) -> bytes | Reply:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()) or "Transfer-Encoding" in self.headers:
            return problem(HTTPStatus.LENGTH_REQUIRED, "say the body's size in Content-Length")
        if len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body may have {MAX_BODY} bytes")
        return self._read(int(length))

    def _read(self, missing: int) -> bytes | Reply:
        parts, deadline = [], time.monotonic() + BODY_SECONDS
        while missing:
            part = self.rfile.read1(min(missing, _CHUNK))
            if not part or time.monotonic() > deadline:
                return problem(HTTPStatus.REQUEST_TIMEOUT, "the body did not come, or not in time")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {
            "Content-Type": reply.type,
            "Content-Length": str(len(reply.body)),
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options": "nosniff",
        }
        headers |= {"Retry-After": str(reply.retry)} if reply.retry is not None else {}
        headers |= {"Allow": reply.allow} if reply.allow else {}
        headers |= {"Connection": "close"} if self.close_connection else {}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_request(self, code: Any = "-", _size: Any = "-") -> None:
        """Log what was asked of the model; who looks whether it lives asks every second."""
        if self.command == "POST":
            print(f"{int(code)} {self.path!a}", flush=True)  # noqa: T201 - becomes the job's log

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Log what http.server has to say, which is of broken requests."""
        print(ascii(format % args), flush=True)  # noqa: T201 - becomes the job's log
