"""The names in the certificate that a server shows, for whoever reached it by another."""

from __future__ import annotations

import socket
import ssl

_PATIENCE = 5.0


def shown_names(target: str, certificates: bytes | None) -> list[str]:
    """Names and addresses that the server at `target` is certified for, by what the client trusts.

    It asks the server, and sends it nothing. Empty when it cannot be asked, or shows none.
    """
    host, _, port = target.rpartition(":")
    # comments beside the certificates may be in any letters
    trusted = certificates.decode("ascii", "ignore") if certificates else None
    try:
        context = ssl.create_default_context(cadata=trusted)
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        with (
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE) as plain,
            context.wrap_socket(plain) as secure,
        ):
            shown = secure.getpeercert() or {}
    except (OSError, ValueError):
        return []
    return [str(pair[-1]) for pair in shown.get("subjectAltName", ())]
