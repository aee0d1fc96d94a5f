"""--server-cas-path: what a server is trusted by, from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_BEGIN = b"-----BEGIN CERTIFICATE-----"


def server_cas_path(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option; its value is what a context keeps as `server_cas`."""
    return click.option(
        "--server-cas-path",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=_encode,
        help="A file with the certificates that a grpcs:// server is trusted by, PEM.",
    )(command)


def _encode(_context: click.Context, _option: click.Parameter, path: Path | None) -> str | None:
    from calf.client.config import encode_certificates

    if path is None:
        return None
    data = path.read_bytes()
    if _BEGIN not in data:
        raise click.BadParameter(f"{path} holds no certificate in PEM")
    return encode_certificates(data)
