"""An S3 and a web server on this machine."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from calf.storage.remote import Remotes


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # not for each worker, it is large

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(s3_address: str, request: pytest.FixtureRequest) -> tuple[Remotes, str]:
    """A door to a fresh bucket, and the bucket's URL."""
    bucket = f"b{abs(hash(request.node.nodeid))}"
    urllib.request.urlopen(urllib.request.Request(f"{s3_address}/{bucket}", method="PUT")).close()
    settings = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_address,
    }
    return Remotes(settings), f"s3://{bucket}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = self.server.pages[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


Page = Callable[[str, int, dict[str, str], bytes], str]


@pytest.fixture
def page() -> Iterator[Page]:
    """Has a page served, with this status, these headers and this body; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.pages = {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def serve(path: str, status: int, headers: dict[str, str], body: bytes) -> str:
        server.pages[path] = (status, headers, body)
        return f"http://127.0.0.1:{server.server_port}{path}"

    yield serve
    server.shutdown()
    thread.join()
    server.server_close()
