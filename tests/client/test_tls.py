from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calf.client.config import certificates
from calf.client.connection import connect
from calf.client.terms import Terms
from calf.model.errors import Unreachable
from calf.wire.messages import google
from calf.wire.methods import find_method

PATH = "/versionpb_v2.API/GetVersion"
PEM = serialization.Encoding.PEM


def _certificate() -> tuple[bytes, bytes]:
    """A key and a certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pachyderm of a test")])
    today = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).add_extension(here, critical=False)
    builder = builder.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, builder.sign(key, hashes.SHA256()).public_bytes(PEM)


@pytest.fixture
def secure() -> Iterator[tuple[str, bytes]]:
    """A TLS server that gives back the token it was sent; its address and its certificate."""
    key, certificate = _certificate()
    method = find_method(PATH)

    def answer(_request: Any, context: grpc.ServicerContext) -> Any:
        token = dict(context.invocation_metadata()).get("authn-token", "")
        return method.response(major=2, additional=token)

    handler = grpc.unary_unary_rpc_method_handler(
        answer, method.request.FromString, method.response.SerializeToString
    )
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(method.service, {method.name: handler})]
    )
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
    server.start()
    yield f"grpcs://127.0.0.1:{port}", certificate
    server.stop(0).wait()


def test_a_server_is_trusted_by_the_roots_of_the_context_and_gets_its_token(
    secure: tuple[str, bytes],
) -> None:
    address, certificate = secure
    roots = certificates({"server_cas": b64encode(certificate).decode()})
    with connect(address, Terms(metadata=(("authn-token", "secret"),), certificates=roots)) as client:
        assert client.version.GetVersion(google.Empty()).additional == "secret"


def test_a_server_without_tls_is_called_so(server_address: str) -> None:
    with connect(f"grpcs://{server_address}", Terms(timeout=5)) as client, pytest.raises(Unreachable) as said:
        client.version.GetVersion(google.Empty())
    assert said.value.message == f"the server at {server_address} does not speak TLS"
    assert said.value.hint == f"write grpc://{server_address}, not grpcs://"


def test_a_server_that_nobody_vouches_for_is_not_talked_to(secure: tuple[str, bytes]) -> None:
    address, _certificate = secure
    with connect(address, Terms(timeout=5)) as client, pytest.raises(Unreachable) as refused:
        client.version.GetVersion(google.Empty())
    assert "--server-cas" in refused.value.hint


@pytest.mark.parametrize("comment", ["", "# Zertifikat der K\u00fcche\n"])
def test_a_name_that_is_not_in_the_certificate_is_told_with_those_that_are(
    secure: tuple[str, bytes], comment: str
) -> None:
    address, certificate = secure[0], comment.encode() + secure[1]
    other = address.replace("127.0.0.1", "localhost")
    terms = Terms(timeout=5, certificates=certificate)
    with connect(other, terms) as client, pytest.raises(Unreachable) as refused:
        client.version.GetVersion(google.Empty())
    said = f"the certificate of the server at {other.removeprefix('grpcs://')} is not for localhost"
    assert refused.value.message == f"{said}, but for 127.0.0.1"
    assert "`calf access --host localhost`" in refused.value.hint
