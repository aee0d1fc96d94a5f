"""What a real Pachyderm does not know: calls that only our server answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from calf.model.errors import CalfError, Category


@contextmanager
def only_ours(what: str, instead: str) -> Iterator[None]:
    """Says so where the server has no such call; `what` is the command, `instead` what helps there."""
    try:
        yield
    except CalfError as error:
        if error.category is Category.UNIMPLEMENTED:
            error.message = f"this server does not know `{what}`"
            error.hint = f"it is calf's own, which a Pachyderm cluster does not have; there, {instead}"
        raise
