"""DSSE envelopes signed with ed25519: the form in which the engine hands out its statements.

https://github.com/secure-systems-lab/dsse: what is signed is not the payload but its *pre-authentication
encoding*, which binds the payload's type as well.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class BrokenEnvelopeError(Exception):
    """An envelope or a key cannot be read, or nobody who is trusted has signed; the text says which."""


def load_key(pem: str) -> Ed25519PublicKey:
    """Read a public key in PEM. Raises `BrokenEnvelopeError` when it is none, or of another kind."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BrokenEnvelopeError(f"no public key in PEM: {pem.strip()[:40]!r}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BrokenEnvelopeError(f"a key of {type(key).__name__}; only ed25519 is taken")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """Give what the engine calls a key: `sha256:` and the hash of the key in DER."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{hashlib.sha256(der).hexdigest()}"


def trusted(own: str, pems: Sequence[str]) -> tuple[list[Ed25519PublicKey], list[str]]:
    """Give the keys whose signature counts, and what is wrong with them.

    `own` is what a document names as its key; `pems` are those that the reader trusts. Without any, the
    document is taken at its word, which shows that it is whole, and not who made it.
    """
    try:
        named, given = load_key(own), [load_key(pem) for pem in pems]
    except BrokenEnvelopeError as error:
        return [], [str(error)]
    if given and key_id(named) not in {key_id(key) for key in given}:
        return [], [f"it is signed with {key_id(named)}, which is not among the trusted keys"]
    return given or [named], []


def opened(envelope: Any, keys: Sequence[Ed25519PublicKey]) -> bytes:
    """Give the payload of an envelope that one of the keys has signed. Raises `BrokenEnvelopeError`."""
    try:
        kind, payload = str(envelope["payloadType"]), _decoded(envelope["payload"])
        signatures = [_decoded(each["sig"]) for each in envelope["signatures"]]
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenEnvelopeError("no DSSE envelope") from error
    if kind != PAYLOAD_TYPE:
        raise BrokenEnvelopeError(f"an envelope of type {kind!r}, not {PAYLOAD_TYPE!r}")
    signed = pre_authentication(kind, payload)
    if not any(_matches(key, signature, signed) for key in keys for signature in signatures):
        raise BrokenEnvelopeError("no signature by a trusted key")
    return payload


def pre_authentication(kind: str, payload: bytes) -> bytes:
    """Give the bytes that are signed."""
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def _decoded(text: Any) -> bytes:
    """Decode base64 strictly: two texts never stand for the same bytes."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise binascii.Error("base64 that is not canonical")
    return content


def _matches(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
