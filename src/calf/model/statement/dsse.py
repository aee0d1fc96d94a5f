"""DSSE envelopes: a payload, its type, and who signed both."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from calf.model.errors import InvalidArgument

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed payload; `keyid` only hints at the key."""

    payload: bytes
    keyid: str
    signature: bytes

    def document(self) -> dict[str, Any]:
        """The envelope as DSSE spells it in JSON."""
        return {
            "payload": b64encode(self.payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": self.keyid, "sig": b64encode(self.signature).decode()}],
        }

    def to_json(self) -> bytes:
        """The document as JSON."""
        return json.dumps(self.document(), sort_keys=True, separators=(",", ":")).encode()


def signed_bytes(payload: bytes) -> bytes:
    """What the signature is over: DSSE's pre-authentication encoding of type and payload."""
    return b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def read_envelope(document: Any) -> Envelope:
    """The envelope in a document of JSON. Raises `InvalidArgument` for anything else."""
    try:
        (signature,) = document["signatures"]
        if document["payloadType"] != PAYLOAD_TYPE:
            raise InvalidArgument(f"the envelope holds {document['payloadType']!r}, not {PAYLOAD_TYPE}")
        return Envelope(
            _decode(document["payload"]),
            str(signature.get("keyid", "")),
            _decode(signature["sig"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise InvalidArgument(f"not a DSSE envelope with one signature: {error!r}") from None


def _decode(text: str) -> bytes:
    """Base64, strictly: no two texts stand for the same bytes, so a changed letter is a changed byte."""
    content = b64decode(text, validate=True)
    if b64encode(content).decode() != text:
        raise ValueError("base64 that is not canonical")
    return content
