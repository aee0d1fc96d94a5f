"""Which states a command line asks for."""

from __future__ import annotations

from collections.abc import Sequence

import click


def state_filter(prefix: str, states: Sequence[str], known: Sequence[str]) -> str:
    """The jq filter for some states (`success` or `JOB_SUCCESS`), empty for none. Raises a usage error."""
    names = [f"{prefix}{state.upper().removeprefix(prefix)}" for state in states]
    for name, state in zip(names, states, strict=True):
        if name not in known:
            choices = ", ".join(each.removeprefix(prefix).lower() for each in known)
            raise click.UsageError(f"there is no state {state!r}; states are {choices}")
    return " or ".join(f'.state == "{name}"' for name in names)
