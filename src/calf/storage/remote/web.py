"""Pages of the web, to read. The machine's own metadata service is not part of it."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from calf.model.errors import Denied
from calf.storage.remote.errors import malformed, missing, refused, unreachable
from calf.storage.remote.values import RemoteFile

_PIECE = 1 << 20
_SECONDS = 30.0
_AGENT = "calf"
_METADATA = ipaddress.ip_address("fd00:ec2::254")


def open_page(url: str) -> WebPage:
    """The page at `url`; raises `InvalidArgument` for a URL without a host, or with a password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # whose text may repeat a part of a password
        raise malformed(url, "its host or port makes no sense") from None
    if not host:
        raise malformed(url, "it names no host")
    if parts.username or parts.password:
        raise malformed(
            f"{parts.scheme}://…@{host}",
            "a password in a URL would be stored and shown",
            "fetch the file yourself, and put it from there",
        )
    _check_address(host)
    return WebPage(url)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A `Remote` that can be read, but neither listed nor written."""

    url: str

    def list(self) -> Iterator[RemoteFile]:
        """Not possible: the web has no folders."""
        raise malformed(self.url, "pages of the web cannot be listed", "name each file, without -r")

    def read(self, name: str = "") -> Iterator[bytes]:
        """The body of the page, redirections followed."""
        url = f"{self.url.rstrip('/')}/{quote(name)}" if name else self.url
        with _fetch(url) as response:
            while piece := _read(url, response):
                yield piece
            if response.length:
                raise unreachable(url, f"it broke off {response.length} bytes before its end")

    def write(self, name: str, pieces: Iterable[bytes]) -> None:  # noqa: ARG002 - a `Remote` takes them
        """Not possible."""
        raise malformed(self.url, "pages of the web cannot be written", "give s3://, gs://, az:// or file://")


def _fetch(url: str) -> http.client.HTTPResponse:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _HttpHandler(),
        _HttpsHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    safe = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    request = urllib.request.Request(safe, headers={"User-Agent": _AGENT})  # noqa: S310 - the opener knows http and https only
    try:
        response = opener.open(request, timeout=_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (http.client.NOT_FOUND, http.client.GONE):
            raise missing(url) from error
        if error.code in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            raise refused(
                url, f"{error.code} {error.reason}", "fetch the file yourself, and put it"
            ) from error
        raise unreachable(url, f"it answers {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise unreachable(url, _reason(error)) from error
    except ValueError as error:  # a name that cannot be one of a host
        raise malformed(url, str(error)) from error
    if not isinstance(response, http.client.HTTPResponse):
        raise unreachable(url, "it led to something that is no page")
    return response


def _read(url: str, response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise unreachable(url, f"it broke off: {_reason(error)}") from error


def _reason(error: Exception) -> object:
    return error.reason if isinstance(error, urllib.error.URLError) else (str(error) or type(error).__name__)


def _check_peer(connection: http.client.HTTPConnection) -> None:
    """Refuse to talk to link-local addresses: on a cloud machine its credentials are there, for any caller.

    Judged by the address connected to, so that neither a name nor a redirection leads there.
    """
    sock: socket.socket = connection.sock
    try:
        _check_address(sock.getpeername()[0], connection.host)
    except Denied:
        sock.close()
        raise


def _check_address(address: str, host: str = "") -> None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return  # a name: what it stands for is judged once we are connected
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    if plain.is_link_local or plain == _METADATA:
        raise refused(
            f"http://{host or address}", "it is an address of this machine's own network link", "name another"
        )


class _Http(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _check_peer(self)


class _Https(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _check_peer(self)


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Judge where it leads as if it had been asked for: behind a proxy the peer would say nothing."""
        open_page(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(_Http, request)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(_Https, request)
