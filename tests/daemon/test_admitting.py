"""What a server lets others in by: made with the right modes, and checked before a port is open."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from calf.daemon.access import make_access
from calf.daemon.admitting import read_admission
from calf.daemon.certificates import is_for
from calf.daemon.config import Config
from calf.daemon.main import main
from calf.kit import clock, exit_codes
from calf.kit.errors import InvalidArgument
from tests.in_process import run_here

DAY = 86400.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_access(tmp_path / "access", ("data.example.org", "192.0.2.7", "2001:db8::1"), 10, clock.now())
    return tmp_path / "access"


def _config(folder: Path, address: str = "0.0.0.0:0") -> Config:
    files = (folder / "cert.pem", folder / "key.pem", folder / "token")
    return Config(folder, address, tls_cert=files[0], tls_key=files[1], token_file=files[2])


def test_what_access_makes_lets_a_server_listen_anywhere(folder: Path) -> None:
    admission = read_admission(_config(folder), clock.now())
    assert admission.credentials() is not None
    assert len(admission.tokens) == 1


def test_key_and_token_are_their_owners_alone(folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"access": 0o700, "cert.pem": 0o644, "key.pem": 0o600, "token": 0o600}


def test_what_is_there_is_kept_and_what_lacks_is_made(folder: Path) -> None:
    before = (folder / "cert.pem").read_bytes()
    (folder / "token").unlink()
    assert make_access(folder, ("other",), 10, clock.now()) == [folder / "token"]
    assert (folder / "cert.pem").read_bytes() == before
    (folder / "key.pem").unlink()
    with pytest.raises(InvalidArgument, match=r"cert.pem is there, and .*key.pem is not"):
        make_access(folder, ("other",), 10, clock.now())


def _unreadable_key(folder: Path) -> None:
    (folder / "key.pem").chmod(0o640)


def _shared_token(folder: Path) -> None:
    (folder / "token").chmod(0o604)


def _short_token(folder: Path) -> None:
    (folder / "token").write_text("x" * 43 + "\n" + "y" * 31 + "\n")


def _no_token(folder: Path) -> None:
    (folder / "token").write_text("\n \n")


def _other_key(folder: Path) -> None:
    make_access(folder / "other", ("other",), 10, clock.now())
    (folder / "key.pem").write_bytes((folder / "other" / "key.pem").read_bytes())


def _no_certificate(folder: Path) -> None:
    (folder / "cert.pem").write_text("nothing")


def _swapped(folder: Path) -> None:
    (folder / "key.pem").write_bytes((folder / "cert.pem").read_bytes())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_unreadable_key, "key.pem can be read or written by others (mode 0640)"),
        (_shared_token, "token can be read or written by others (mode 0604)"),
        (_short_token, "is not 32 or more visible characters of ASCII"),
        (_no_token, "token holds no token"),
        (_other_key, "is not the key of the certificate"),
        (_no_certificate, "cert.pem holds no certificate in PEM"),
        (_swapped, "key.pem holds no private key without a password in PEM"),
    ],
)
def test_files_that_do_not_do_are_refused_by_name(
    folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(folder)
    with pytest.raises(InvalidArgument) as refused:
        read_admission(_config(folder), clock.now())
    assert str(folder) in refused.value.message
    assert said in refused.value.message
    assert refused.value.hint
    assert "yyyy" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize("days", [-1.0, 11.0])
def test_a_certificate_that_is_not_valid_now_is_refused(folder: Path, days: float) -> None:
    with pytest.raises(InvalidArgument, match="is valid from"):
        read_admission(_config(folder), clock.now() + days * DAY)


def test_loopback_asks_for_nothing_unless_it_is_told_to(folder: Path) -> None:
    assert Config(folder, "127.0.0.1:0").files() == dict.fromkeys(("tls_cert", "tls_key", "token_file"))
    only_token = Config(folder, "127.0.0.1:0", token_file=folder / "token")
    assert len(read_admission(only_token, clock.now()).tokens) == 1


@pytest.mark.parametrize(
    "address", ["0.0.0.0:30650", "10.0.0.1:30650", "[::]:30650", "data.example.org:30650"]
)
@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ((), "--tls-cert and --tls-key and --token-file"),
        (("token",), "--tls-cert and --tls-key"),
        (("cert", "key"), "--token-file"),
    ],
)
def test_other_machines_come_in_with_both_or_not_at_all(
    folder: Path, address: str, given: tuple[str, ...], lacks: str
) -> None:
    options = {
        "token": ["--token-file", str(folder / "token")],
        "cert": ["--tls-cert", str(folder / "cert.pem")],
        "key": ["--tls-key", str(folder / "key.pem")],
    }
    words = [word for name in given for word in options[name]]
    home = folder / "home"
    refused = run_here(main, ["up", "--home", str(home), "--address", address, *words], {})
    assert refused.returncode == 2
    assert f"cannot listen on {address} without {lacks}: other machines" in refused.stderr.decode()
    assert "`calf access` makes the files" in refused.stderr.decode()
    assert not home.exists()


def test_half_a_pair_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidArgument, match="--tls-cert is given without --tls-key"):
        Config(folder, "127.0.0.1:0", tls_cert=folder / "cert.pem")


@pytest.mark.parametrize("host", ["grpcs://data", "data:30650", "", " data", "dätä"])
def test_what_is_no_host_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(InvalidArgument, match="is no host name and no IP address"):
        make_access(tmp_path / "access", (host,), 1, clock.now())


def test_access_says_how_it_is_used_and_shows_no_token(tmp_path: Path) -> None:
    ended = run_here(main, ["access", "--home", str(tmp_path), "--host", "data.example.org"], {})
    said = ended.stdout.decode()
    assert ended.returncode == 0
    assert (tmp_path / "access" / "token").read_text().strip() not in said
    assert "pachctl connect grpcs://data.example.org:30650 --server-cas-path cert.pem" in said


def test_a_certificate_for_other_names_is_not_passed_over(folder: Path) -> None:
    def access(*hosts: str) -> CompletedProcess[bytes]:
        words = [word for host in hosts for word in ("--host", host)]
        return run_here(main, ["access", "--home", str(folder.parent), *words], {})

    assert "grpcs://192.0.2.7:30650" in access("192.0.2.7", "Data.example.org").stdout.decode()
    assert "grpcs://data.example.org:30650" in access().stdout.decode()  # not the machine's own name
    (folder / "token").unlink()
    refused = access("data.example.org", "other.example.org")
    assert refused.returncode == exit_codes.USAGE
    assert b"cert.pem is there already, for data.example.org, 192.0.2.7, 2001:db8::1" in refused.stderr
    assert b": not for other.example.org" in refused.stderr
    assert b"move it and key.pem away" in refused.stderr
    assert not (folder / "token").exists()


@pytest.mark.parametrize("spoil", [_no_token, _short_token, _shared_token])
def test_a_token_that_no_server_takes_is_not_passed_over(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    refused = run_here(main, ["access", "--home", str(folder.parent)], {})
    assert refused.returncode == exit_codes.USAGE
    assert str(folder / "token").encode() in refused.stderr
    assert b"hint: " + (b"`chmod 600" if spoil is _shared_token else b"move it away") in refused.stderr


def test_a_star_stands_for_one_part_of_a_name() -> None:
    names = ["*.example.org", "2001:db8::1"]
    assert is_for("data.Example.org", names)
    assert is_for("2001:DB8:0::1", names)
    assert not is_for("example.org", names)
    assert not is_for("a.b.example.org", names)
