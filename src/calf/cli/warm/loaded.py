"""All that commands load, loaded."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from calf.cli.commands import SINGLES, VERBS
from calf.cli.groups import load_command
from calf.kit.loaded import Loaded, look_at

_LAZY = (
    "calf.cli.candidates",
    "calf.cli.greeting",
    "calf.cli.importing",
    "calf.cli.output",
    "calf.cli.spec_files",
    "calf.cli.spec_text",
    "calf.cli.suggestions",
    "calf.client.config",
    "calf.client.connection",
    "calf.client.exporting",
    "calf.client.get",
    "calf.client.looks",
    "calf.client.put",
    "calf.client.put_requests",
    "calf.client.terms",
    "calf.client.unpacking",
    "calf.kit.strict_yaml",
    "calf.model.spec",
    "calf.wire.documents",
    "google.protobuf.internal.enum_type_wrapper",
    "google.protobuf.json_format",
    "importlib.metadata",
    "json",
    "socket",
    "tarfile",
    "yaml",
    "zlib",
)
"""What commands load only when they need it, but for gRPC, `rich` and what signs, which few need."""


def load(began: int) -> Loaded | None:
    """Load all that commands load, and make what they make of it.

    None when a file of it was changed since `began` (nanoseconds since the epoch), so that nobody knows
    which one was loaded.
    """
    for module in _modules():
        load_command(module)
    for name in _LAZY:
        import_module(name)
    _make_messages()
    return look_at([str(_descriptors())], began)


def _modules() -> Iterator[str]:
    for _, nouns in VERBS.values():
        yield from nouns.values()
    for _, module in SINGLES.values():
        yield module


def _make_messages() -> None:
    """The classes of all messages that methods of the API take and give, and the descriptors of all."""
    from calf.wire.methods import load_methods

    load_methods()


def _descriptors() -> Path:
    from calf.wire import pool

    return Path(pool.__file__).with_name("api.binpb")
