"""What a server shows to others and asks of them: reads its certificate, key and tokens, and checks them.

All is checked before a port is open, with the name of the file that is wrong: what TLS itself has to say
about a wrong key is said to nobody, at the first connection.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from calf.daemon.config import Config
from calf.kit.errors import InvalidArgument
from calf.rpc.admission import Admission, digest

_T = TypeVar("_T")
SHORTEST_TOKEN = 32
"""Characters; `calf access` makes 64."""
_LARGEST = 1 << 20
_MAKE = "move it away: `calf access` makes one that does"
_MAKE_SUCH = "`calf access` makes such files"


def read_admission(config: Config, now: float) -> Admission:
    """What the server's owner gave. Raises `InvalidArgument` for a file that does not do, saying why."""
    tokens = tuple(map(digest, read_tokens(config.token_file))) if config.token_file else ()
    if config.tls_cert is None or config.tls_key is None:
        return Admission(tokens=tokens)
    certificate, key = _read(config.tls_cert), read_private(config.tls_key)
    private = _parse(config.tls_key, "private key without a password", key, _load_key)
    found = _parse(config.tls_cert, "certificate", certificate, x509.load_pem_x509_certificate)
    _check_dates(config.tls_cert, found, now)
    if _bytes_of(private.public_key()) != _bytes_of(found.public_key()):
        raise InvalidArgument(
            f"{config.tls_key} is not the key of the certificate {config.tls_cert}",
            "give the pair that was made together",
        )
    return Admission(certificate, key, tokens)


def read_tokens(path: Path) -> list[str]:
    """The tokens of a file, one a line. Raises `InvalidArgument`, which never shows any of them."""
    tokens = [line.strip() for line in read_private(path).decode("ascii", "replace").splitlines()]
    tokens = [token for token in tokens if token]
    if not tokens:
        raise InvalidArgument(f"{path} holds no token", _MAKE)
    for number, token in enumerate(tokens, 1):
        if len(token) < SHORTEST_TOKEN or not all("!" <= letter <= "~" for letter in token):
            raise InvalidArgument(
                f"token {number} of {path} is not {SHORTEST_TOKEN} or more visible characters of ASCII", _MAKE
            )
    return tokens


def read_private(path: Path) -> bytes:
    """The bytes of a file that is its owner's alone. Raises `InvalidArgument` for one that is not."""
    data, mode, owner = _take(path)
    if stat.S_IMODE(mode) & 0o077:
        raise InvalidArgument(
            f"{path} can be read or written by others (mode {stat.S_IMODE(mode):04o})", f"`chmod 600 {path}`"
        )
    if owner not in (os.getuid(), 0):
        raise InvalidArgument(f"{path} belongs to another user (id {owner})", "copy it, and own the copy")
    return data


def _read(path: Path) -> bytes:
    return _take(path)[0]


def _take(path: Path) -> tuple[bytes, int, int]:
    """Bytes, mode and owner of a file, all of the same one."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            return file.read(_LARGEST), found.st_mode, found.st_uid
    except OSError as error:
        raise InvalidArgument(f"cannot read {path}: {error.strerror}", _MAKE_SUCH) from None


def _parse(path: Path, kind: str, data: bytes, parse: Callable[[bytes], _T]) -> _T:
    try:
        return parse(data)
    except (ValueError, TypeError):  # TypeError: a key with a password
        raise InvalidArgument(f"{path} holds no {kind} in PEM", _MAKE_SUCH) from None


def _load_key(data: bytes) -> PrivateKeyTypes:
    return load_pem_private_key(data, None)


def _check_dates(path: Path, found: x509.Certificate, now: float) -> None:
    moment = datetime.fromtimestamp(now, UTC)
    if not found.not_valid_before_utc <= moment <= found.not_valid_after_utc:
        dates = f"from {found.not_valid_before_utc:%Y-%m-%d} to {found.not_valid_after_utc:%Y-%m-%d}"
        raise InvalidArgument(
            f"the certificate {path} is valid {dates}, not now",
            "move it away; `calf access` makes another, which clients have to be given",
        )


def _bytes_of(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
