"""One thing in full, as `Label: value` lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import click


def print_labels(labels: Iterable[tuple[str, str]], always: Collection[str] = ()) -> None:
    """Print `Label: value` lines; of those whose value is empty only the ones in `always`."""
    for label, value in labels:
        if value or label in always:
            gap = "" if value.startswith("\n") else " "
            click.echo(f"{label}:{gap}{value}")
