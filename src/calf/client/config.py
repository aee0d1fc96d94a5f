"""The configuration that Pachyderm's clients share: contexts, each a server's address and a current project.

The file is `~/.pachyderm/config.json` or `$PACH_CONFIG`. Keys that we do not know are kept, since other
clients write the same file.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calf.kit.atomic import write_file
from calf.kit.ids import new_id
from calf.model.errors import InvalidArgument, NotFound

DEFAULT_ADDRESS = "localhost:30650"
_HIGHEST_PORT = 65535
DEFAULT_PORT = 30650
_PLAIN = ("grpc", "http")
_SECURE = ("grpcs", "https")


@dataclass(frozen=True, slots=True)
class Config:
    """The file's document; a file that is not there is an empty document."""

    path: Path
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def active(self) -> str:
        """The name of the active context, empty when there is none."""
        return str(self.setting("active_context") or "")

    @property
    def contexts(self) -> Mapping[str, Mapping[str, Any]]:
        """The contexts by name."""
        found: Mapping[str, Mapping[str, Any]] = self._v2.get("contexts") or {}
        return found

    @property
    def _v2(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document.get("v2") or {}
        return found

    def context(self, name: str) -> Mapping[str, Any]:
        """A context by name, an empty one for the empty name. Raises NotFound."""
        if not name:
            return {}
        if name not in self.contexts:
            raise NotFound(
                f"context {name} not found in {self.path}",
                "`pachctl config list context` shows what there is",
            )
        return self.contexts[name]

    def with_context(self, name: str, context: Mapping[str, Any] | None) -> Config:
        """This configuration with a context set, or removed when None."""
        contexts = {key: value for key, value in self.contexts.items() if key != name}
        if context is not None:
            contexts[name] = context
        return self._with(contexts=contexts)

    def with_active(self, name: str) -> Config:
        """This configuration with another context active. Raises NotFound."""
        self.context(name)
        return self._with(active_context=name)

    def setting(self, name: str) -> Any:
        """A setting beside the contexts, such as `metrics`; None when it is not set."""
        return self._v2.get(name)

    def with_setting(self, name: str, value: Any) -> Config:
        """This configuration with a setting beside the contexts changed."""
        return self._with(**{name: value})

    def _with(self, **changes: Any) -> Config:
        return replace(self, document={**self.document, "v2": {**self._v2, **changes}})


def find_config(environ: Mapping[str, str], home: Path) -> Path:
    """Where the configuration is: `$PACH_CONFIG`, else below the home folder."""
    given = environ.get("PACH_CONFIG")
    return Path(given) if given else home / ".pachyderm" / "config.json"


def load_config(path: Path) -> Config:
    """Read the configuration. Raises InvalidArgument when the file is no JSON object."""
    if not path.exists():
        return Config(path)
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        raise InvalidArgument(f"{path} is not valid JSON: {error}", "mend it or remove it") from error
    if not isinstance(document, dict):
        raise InvalidArgument(f"{path} holds no JSON object", "mend it or remove it")
    return Config(path, document)


def save_config(config: Config) -> None:
    """Write the configuration back, whole or not at all; a new one gets a `user_id`, as from all clients."""
    document = config.document if "user_id" in config.document else {"user_id": new_id(), **config.document}
    config.path.parent.mkdir(parents=True, exist_ok=True)
    write_file(config.path, json.dumps(document, indent=2).encode() + b"\n")


def active_context(config: Config, environ: Mapping[str, str]) -> Mapping[str, Any]:
    """The context in force: `$PACH_CONTEXT`, else the active one. Raises NotFound."""
    return config.context(environ.get("PACH_CONTEXT") or config.active)


def choose_address(config: Config, environ: Mapping[str, str]) -> str:
    """The server's address: `$PACHD_ADDRESS`, else the context's, else this machine's default."""
    context = active_context(config, environ)
    return environ.get("PACHD_ADDRESS") or str(context.get("pachd_address") or "") or DEFAULT_ADDRESS


def parse_address(address: str) -> str:
    """A gRPC target from `grpc://host:port`, `host:port`, `host` or `unix:/path`.

    `grpcs` and `https` stand for TLS. Raises InvalidArgument for any other scheme.
    """
    scheme, separator, rest = address.partition("://")
    if address.startswith("unix:"):
        return address
    if separator and scheme not in (*_PLAIN, *_SECURE):
        raise InvalidArgument(
            f"cannot use the address {address}: {scheme} is not supported", "write grpc://HOST:PORT"
        )
    target = (rest if separator else address).rstrip("/")
    if not target:
        raise InvalidArgument(f"the address {address!r} names no host", "write grpc://HOST:PORT")
    has_port = target.rpartition("]")[2].count(":") == 1
    if not has_port:
        return f"{target}:{DEFAULT_PORT}"
    port = target.rpartition(":")[2]
    if not (port.isascii() and port.isdecimal() and 0 < int(port) <= _HIGHEST_PORT):
        raise InvalidArgument(
            f"the address {address} does not end with a port from 1 to {_HIGHEST_PORT}",
            "write grpc://HOST:PORT",
        )
    return target


def is_secure(address: str) -> bool:
    """Whether an address asks for TLS."""
    return address.partition("://")[0] in _SECURE


def qualify(address: str) -> str:
    """An address as the configuration keeps it: `grpc://host:port`, `grpcs://host:port` or `unix:/path`."""
    target = parse_address(address)
    if target.startswith("unix:"):
        return target
    return f"{'grpcs' if is_secure(address) else 'grpc'}://{target}"


def encode_certificates(pem: bytes) -> str:
    """How a context keeps them."""
    return b64encode(pem).decode()


def certificates(context: Mapping[str, Any]) -> bytes | None:
    """The roots that a context trusts its server by, PEM; None for those of the machine.

    Raises InvalidArgument when `server_cas` is not base64.
    """
    encoded = context.get("server_cas")
    if not encoded:
        return None
    try:
        return b64decode(str(encoded), validate=True)
    except ValueError as error:
        raise InvalidArgument(
            "server_cas of the context is not base64",
            "set it with `pachctl config update context --server-cas-path cert.pem`",
        ) from error
