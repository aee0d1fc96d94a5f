"""Certificates that sign themselves: a client trusts one as it is, and no other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from calf.kit.errors import InvalidArgument

_HERE = ("localhost", "127.0.0.1", "::1")
_LONGEST_NAME = 64


def make_certificate(hosts: tuple[str, ...], days: int, now: float) -> tuple[bytes, bytes]:
    """A private key and a certificate that it signed, PEM, for hosts and this machine's loopback.

    There is no authority behind it whose key could be stolen. Raises `InvalidArgument`.
    """
    key = ec.generate_private_key(ec.SECP256R1())  # what every TLS library knows
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"calf at {hosts[0]}"[:_LONGEST_NAME])])
    today = datetime.fromtimestamp(now, UTC)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(hours=1))
        .not_valid_after(today + timedelta(days=days))
        .add_extension(_names(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def read_names(certificate: Path) -> list[str]:
    """The names and addresses that a certificate is for. Raises `InvalidArgument` for what is none."""
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    except ValueError:
        raise InvalidArgument(
            f"{certificate} holds no certificate in PEM", "move it and its key away: the pair is made anew"
        ) from None
    return [str(each.value) for each in names if isinstance(each, x509.DNSName | x509.IPAddress)]


def is_for(host: str, names: Iterable[str]) -> bool:
    """Whether clients that reach a server as `host` find that among the names of its certificate."""
    try:
        host = str(ipaddress.ip_address(host))
    except ValueError:
        host = host.lower()
    wild = f"*.{host.partition('.')[2]}"
    return any(name.lower() in (host, wild) for name in names)


def _names(hosts: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_general(host) for host in dict.fromkeys((*hosts, *_HERE))])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        if host.strip() == host and host and "/" not in host and ":" not in host:
            return x509.DNSName(host)
    except ValueError:  # not ASCII
        pass
    raise InvalidArgument(f'"{host}" is no host name and no IP address', "give it without scheme and port")
