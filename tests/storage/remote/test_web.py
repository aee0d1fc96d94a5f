"""Pages of the web, tried on a server of this machine."""

from __future__ import annotations

import pytest

from calf.model.errors import Denied, InvalidArgument, NotFound, Unreachable
from calf.storage.remote import Remotes
from calf.storage.remote.web import _Http

BODY = b"hello " * 400_000


def test_a_page_is_read_in_pieces(page) -> None:
    url = page("/a%20b?x=1&y=%2F", 200, {"Content-Length": str(len(BODY))}, BODY)
    pieces = list(Remotes().open(url).read())
    assert b"".join(pieces) == BODY
    assert len(pieces) > 1


def test_a_page_without_a_length_and_with_a_space_in_its_address_is_read(page) -> None:
    url = page("/a%20b", 200, {}, b"x").replace("%20", " ")
    assert b"".join(Remotes().open(url).read()) == b"x"


def test_redirections_are_followed_within_the_web_only(page) -> None:
    end = page("/end", 200, {}, b"here")
    assert b"".join(Remotes().open(page("/start", 302, {"Location": end}, b"")).read()) == b"here"
    for location in ("file:///etc/passwd", "ftp://127.0.0.1/x"):
        with pytest.raises(Unreachable):
            list(Remotes().open(page("/evil", 302, {"Location": location}, b"")).read())


def test_a_page_that_breaks_off_is_an_error(page) -> None:
    url = page("/short", 200, {"Content-Length": str(len(BODY) + 1)}, BODY)
    with pytest.raises(Unreachable, match="broke off 1 bytes before its end"):
        list(Remotes().open(url).read())


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        (404, NotFound, "/p does not exist"),
        (403, Denied, "403 Forbidden"),
        (500, Unreachable, "500 Internal Server Error"),
    ],
)
def test_refusals_are_told_apart(page, status: int, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        list(Remotes().open(page("/p", status, {"Content-Length": "0"}, b"")).read())


def test_a_host_that_does_not_answer_is_unreachable() -> None:
    with pytest.raises(Unreachable, match=r"cannot reach http://127.0.0.1:9/x"):
        list(Remotes().open("http://127.0.0.1:9/x").read())


class Socket:
    closed = False

    def __init__(self, address: str) -> None:
        self.address = address

    def getpeername(self) -> tuple[str, int]:
        return self.address, 80

    def setsockopt(self, *_args: object) -> None:
        pass

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1%eth0", "fd00:ec2::254"]
)
def test_a_cloud_machine_s_credentials_are_out_of_reach(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sock = Socket(address)
    monkeypatch.setattr("socket.create_connection", lambda *_args, **_options: sock)
    with pytest.raises(Denied, match=r"may not open http://innocent.example"):
        _Http("innocent.example").connect()
    assert sock.closed


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]"])
def test_nor_is_there_a_way_by_address_or_by_redirection(page, host: str) -> None:
    url = f"http://{host}/latest/meta-data"
    with pytest.raises(Denied, match="own network link"):
        Remotes().open(url)
    with pytest.raises(Denied, match="own network link"):
        list(Remotes().open(page("/go", 302, {"Location": url}, b"")).read())


def test_the_web_is_neither_listed_nor_written() -> None:
    place = Remotes().open("https://host/x")
    with pytest.raises(InvalidArgument, match="cannot be listed"):
        place.list()
    with pytest.raises(InvalidArgument, match="cannot be written"):
        place.write("x", [])


def test_a_password_in_an_address_is_neither_used_nor_repeated() -> None:
    with pytest.raises(InvalidArgument) as caught:
        Remotes().open("https://me:secret@host/x")
    assert "secret" not in caught.value.message


def test_an_address_without_a_host_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="it names no host"):
        Remotes().open("http:///x")


@pytest.mark.parametrize("url", ["http://[::1", "http://host:port/", "http://host:99999/", "file://[::1"])
def test_a_url_that_cannot_be_taken_apart_is_refused(url: str) -> None:
    with pytest.raises(InvalidArgument, match="cannot open"):
        Remotes().open(url)


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example"])
def test_a_name_that_no_host_can_have_is_refused(host: str) -> None:
    with pytest.raises(InvalidArgument, match="cannot open"):
        list(Remotes().open(f"http://{host}/").read())
