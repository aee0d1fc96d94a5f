"""How errors look on the wire: the category's gRPC status, the text word by word, code and hint beside it."""

from __future__ import annotations

import grpc

from calf.model.errors import CalfError, Category
from calf.wire.limits import CODE_KEY, FIELD_KEY, HINT_KEY

STATUS: dict[Category, grpc.StatusCode] = {
    Category.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Category.EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Category.STATE: grpc.StatusCode.UNKNOWN,
    Category.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Category.SPEC: grpc.StatusCode.INVALID_ARGUMENT,
    Category.PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    Category.UNFINISHED: grpc.StatusCode.UNAVAILABLE,
    Category.DENIED: grpc.StatusCode.PERMISSION_DENIED,
    Category.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Category.UNIMPLEMENTED: grpc.StatusCode.UNIMPLEMENTED,
    Category.FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Category.DISK: grpc.StatusCode.FAILED_PRECONDITION,
    Category.INTEGRITY: grpc.StatusCode.DATA_LOSS,
    Category.LOCKED: grpc.StatusCode.ABORTED,
    Category.UNREACHABLE: grpc.StatusCode.UNAVAILABLE,
    Category.CANCELLED: grpc.StatusCode.CANCELLED,
    Category.TIMEOUT: grpc.StatusCode.DEADLINE_EXCEEDED,
    Category.INTERNAL: grpc.StatusCode.INTERNAL,
}
"""Pachyderm answers UNKNOWN for a wrong state; clients tell those by text, ours by `calf-code`."""

# A status travels in HTTP/2 headers, of which clients accept 8 KiB in all.
_MAX_TEXT = 4000
_MAX_HINT = 1000


def status_of(error: CalfError) -> tuple[grpc.StatusCode, str, tuple[tuple[str, str | bytes], ...]]:
    """Status, details and trailing metadata for an error."""
    trailer: list[tuple[str, str | bytes]] = [(CODE_KEY, error.category.value)]
    if error.hint:
        trailer.append((HINT_KEY, _cut(error.hint, _MAX_HINT).encode()))
    if error.field:
        trailer.append((FIELD_KEY, _cut(error.field, _MAX_HINT).encode()))
    return STATUS[error.category], _cut(error.message, _MAX_TEXT), tuple(trailer)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
