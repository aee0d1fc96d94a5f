"""What is wrong with a spec, and where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from calf.model.errors import InvalidArgument, InvalidSpec


class FieldError(InvalidSpec):
    """A field of a spec is wrong. The texts of Pachyderm's own checks are kept; others name the path."""

    def __init__(self, message: str, path: str, hint: str = "") -> None:
        super().__init__(message, hint, path)


def field_error(path: str, problem: str, hint: str = "") -> FieldError:
    """An error whose text begins with the path."""
    return FieldError(f"{path}: {problem}" if path else problem, path, hint)


@contextmanager
def naming(path: str, prefix: str = "") -> Iterator[None]:
    """Say of an `InvalidArgument` raised inside which field it is about."""
    try:
        yield
    except InvalidArgument as error:
        raise FieldError(prefix + error.message, path, error.hint) from None
