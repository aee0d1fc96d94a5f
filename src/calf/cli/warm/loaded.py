"""All that commands load, loaded; and whether the files that it came from are still as they were."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from calf.cli.commands import SINGLES, VERBS
from calf.cli.groups import load_command

_LAZY = (
    "calf.cli.candidates",
    "calf.cli.greeting",
    "calf.cli.output",
    "calf.cli.spec_files",
    "calf.cli.spec_text",
    "calf.cli.suggestions",
    "calf.client.config",
    "calf.client.connection",
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
_TICK = 20_000_000
"""Nanoseconds by which a file's time may be behind the clock: the kernel's own ticks."""
_Look = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The files that this process is made of, as they looked; the interpreter's own stand for each other."""

    files: Mapping[str, _Look]

    def is_current(self) -> bool:
        """Whether a process that begins now would load the same."""
        try:
            return all(_look(file) == look for file, look in self.files.items())
        except OSError:
            return False


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
    files = {file: _look(file) for file in _files()}
    if any(changed > began - _TICK for _, changed, _, _ in files.values()):
        return None
    return Loaded(files)


def _modules() -> Iterator[str]:
    for _, nouns in VERBS.values():
        yield from nouns.values()
    for _, module in SINGLES.values():
        yield module


def _make_messages() -> None:
    """The classes of all messages that methods of the API take and give, and the descriptors of all."""
    from calf.wire.methods import load_methods

    load_methods()


def _files() -> Iterator[str]:
    """The files of all modules but the standard library's, for which one stands; the API's descriptors."""
    standard = f"{sysconfig.get_path('stdlib')}{os.sep}"
    site = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and (not file.startswith(standard) or file.startswith(site)):
            yield file
    yield from (os.__file__, sys.executable, str(_descriptors()))


def _descriptors() -> Path:
    from calf.wire import pool

    return Path(pool.__file__).with_name("api.binpb")


def _look(file: str) -> _Look:
    found = os.stat(file)  # noqa: PTH116 - for each of hundreds, before each command
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size
