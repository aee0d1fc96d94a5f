"""How files are shown in tables."""

from __future__ import annotations

from collections.abc import Iterable

from calf.cli.output import Output
from calf.kit import sizes
from calf.wire.messages import Message


def show_files(infos: Iterable[Message], output: Output) -> None:
    """Print files as a table, or raw."""
    output.records(("SIZE", "NAME"), infos, lambda info: (size(info), info.file.path))


def size(info: Message) -> str:
    """A file's size, in the width that Pachyderm gives it."""
    return f"{sizes.format(info.size_bytes):<7}"
