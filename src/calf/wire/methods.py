"""The table of the API's methods: one row for each, with its message classes and streaming kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from calf.wire.messages import message_class


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the API; `path` is how gRPC addresses it, as in `/pfs_v2.API/CreateRepo`."""

    path: str
    service: str
    name: str
    request: Any
    response: Any
    client_streaming: bool
    server_streaming: bool


@cache
def load_methods() -> Mapping[str, Method]:
    """Every method of every service by path, in the order of the descriptors."""
    from calf.wire.pool import load_descriptors

    table: dict[str, Method] = {}
    for file in load_descriptors().file:
        for service in file.service:
            full = f"{file.package}.{service.name}"
            for method in service.method:
                path = f"/{full}/{method.name}"
                table[path] = Method(
                    path=path,
                    service=full,
                    name=method.name,
                    request=message_class(method.input_type[1:]),
                    response=message_class(method.output_type[1:]),
                    client_streaming=method.client_streaming,
                    server_streaming=method.server_streaming,
                )
    return table
