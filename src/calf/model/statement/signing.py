"""Keys: the private one of a data folder, and public ones, which anybody may have.

The library is loaded on first use: most of what imports this never signs.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from calf.model.errors import InvalidArgument
from calf.model.statement.dsse import Envelope, read_envelope, signed_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED_BYTES = 32
_PRIVATE = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of an ed25519 key in PKCS #8, RFC 8410."""
_PUBLIC = bytes.fromhex("302a300506032b6570032100")
"""The same of a public key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An ed25519 public key, `raw` being its 32 bytes."""

    raw: bytes

    @property
    def keyid(self) -> str:
        """A short name: `sha256:` and the hash of the key in DER."""
        return f"sha256:{sha256(_PUBLIC + self.raw).hexdigest()}"

    def pem(self) -> str:
        """The key as PEM, which `openssl` reads too."""
        return _pem("PUBLIC KEY", _PUBLIC + self.raw)

    def accepts(self, envelope: Envelope) -> bool:
        """Whether the holder of the private half signed this very envelope."""
        return _verify(self.raw, envelope.signature, signed_bytes(envelope.payload))


class Signer:
    """A private key. Danger: whoever has `seed` can sign as this data folder."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise InvalidArgument(f"an ed25519 key has {SEED_BYTES} bytes, this one has {len(seed)}")
        self._seed = seed

    @cached_property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    @cached_property
    def _keyid(self) -> str:
        return self.public.keyid

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._seed)

    def ready(self) -> None:
        """Do what the first signature would have to, such as loading the library."""
        _ = self._keyid

    def sign(self, payload: bytes) -> Envelope:
        """The payload in a signed envelope."""
        return Envelope(payload, self._keyid, self._key.sign(signed_bytes(payload)))

    def pem(self) -> str:
        """The private key as PEM (PKCS #8)."""
        return _pem("PRIVATE KEY", _PRIVATE + self._seed)


def read_signer(pem: str) -> Signer:
    """The private key in a PEM text. Raises `InvalidArgument`."""
    return Signer(_read_pem(pem, "PRIVATE KEY", _PRIVATE))


def read_public_key(pem: str) -> PublicKey:
    """The public key in a PEM text. Raises `InvalidArgument`."""
    return PublicKey(_read_pem(pem, "PUBLIC KEY", _PUBLIC))


def open_signed(document: Any, key: PublicKey) -> Envelope:
    """The envelope in a document, signed with `key`. Raises `InvalidArgument`."""
    envelope = read_envelope(document)
    if not key.accepts(envelope):
        other = f" (it names key {envelope.keyid})" if envelope.keyid != key.keyid else ""
        raise InvalidArgument(f"it is not signed with key {key.keyid}{other}")
    return envelope


def _pem(label: str, der: bytes) -> str:
    return f"-----BEGIN {label}-----\n{b64encode(der).decode()}\n-----END {label}-----\n"


def _read_pem(pem: str, label: str, prefix: bytes) -> bytes:
    lines = [line.strip() for line in pem.strip().splitlines()]
    if len(lines) > 2 and (lines[0], lines[-1]) == (f"-----BEGIN {label}-----", f"-----END {label}-----"):
        try:
            der = b64decode("".join(lines[1:-1]), validate=True)
        except (ValueError, binascii.Error):
            der = b""
        if der.startswith(prefix) and len(der) == len(prefix) + SEED_BYTES:
            return der[len(prefix) :]
    hint = "`pachctl attest --public-key` prints one" if label == "PUBLIC KEY" else ""
    raise InvalidArgument(f"this is not an ed25519 {label.lower()} in PEM", hint)


def _verify(raw: bytes, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
