from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calf.model.errors import InvalidArgument
from calf.model.statement.canonical import canonical
from calf.model.statement.dsse import Envelope, read_envelope, signed_bytes
from calf.model.statement.signing import Signer, read_public_key, read_signer

SIGNER = Signer(bytes(range(32)))


def test_a_key_is_read_as_it_was_written() -> None:
    assert read_signer(SIGNER.pem()).public == SIGNER.public
    assert read_public_key(SIGNER.public.pem()) == SIGNER.public


def test_the_key_of_rfc_8032_signs_as_it_says() -> None:
    """The second test vector of section 7.1; the library does the rest."""
    signer = Signer(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.public.raw.hex() == public


@pytest.mark.parametrize(
    "text", ["", "-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----", "nonsense\n" * 3]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    for read in (read_public_key, read_signer):
        with pytest.raises(InvalidArgument, match="not an ed25519"):
            read(text)
    with pytest.raises(InvalidArgument):
        read_public_key(SIGNER.pem())


def test_other_programs_accept_the_signature(tmp_path: Path) -> None:
    """What is signed is DSSE's encoding, checked by openssl."""
    envelope = SIGNER.sign(b'{"a":1}')
    (tmp_path / "key.pem").write_text(SIGNER.public.pem())
    (tmp_path / "signature").write_bytes(envelope.signature)
    (tmp_path / "signed").write_bytes(b'DSSEv1 28 application/vnd.in-toto+json 7 {"a":1}')
    ended = subprocess.run(
        [
            "openssl",
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "key.pem",
            "-rawin",
            "-sigfile",
            "signature",
            "-in",
            "signed",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Signature Verified Successfully" in ended.stdout, ended


def test_an_envelope_is_read_as_it_was_written() -> None:
    envelope = SIGNER.sign('{"ä":1}'.encode())
    assert read_envelope(json.loads(envelope.to_json())) == envelope
    assert b64decode(envelope.document()["payload"]) == envelope.payload


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"payload": "", "payloadType": "text/plain", "signatures": [{"sig": ""}]},
        {"payload": "!", "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": ""}]},
        {"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": []},
        {"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": ""}] * 2},
        {"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": ["x"]},
    ],
)
def test_what_is_no_envelope_is_refused(document: object) -> None:
    with pytest.raises(InvalidArgument):
        read_envelope(document)


@settings(max_examples=40)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_nothing_else_is_accepted_in_its_place(payload: bytes, other: bytes) -> None:
    envelope = SIGNER.sign(payload)
    assert SIGNER.public.accepts(envelope)
    moved = Envelope(other, envelope.keyid, envelope.signature)
    assert SIGNER.public.accepts(moved) == (payload == other)
    assert (signed_bytes(payload) == signed_bytes(other)) == (payload == other)


@settings(max_examples=40)
@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.lists(st.text())))
def test_equal_documents_have_one_spelling(document: dict[str, object]) -> None:
    shuffled = dict(reversed(document.items()))
    assert canonical(document) == canonical(shuffled)
    assert json.loads(canonical(document)) == document


def test_what_utf_8_cannot_hold_is_escaped() -> None:
    assert canonical({"path": "caf\udce9"}) == b'{"path":"caf\\udce9"}'
    assert json.loads(canonical({"path": "caf\udce9"})) == {"path": "caf\udce9"}
