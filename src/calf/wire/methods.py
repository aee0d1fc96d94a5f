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
def find_method(path: str) -> Method:
    """One method by path, without loading the table. Raises KeyError when the API lacks it."""
    from calf.wire.pool import load_pool

    service, _, name = path.removeprefix("/").rpartition("/")
    method = load_pool().FindServiceByName(service).methods_by_name[name]
    return Method(
        path=path,
        service=service,
        name=name,
        request=message_class(method.input_type.full_name),
        response=message_class(method.output_type.full_name),
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
    )


@cache
def load_methods() -> Mapping[str, Method]:
    """Every method of every service by path, in the order of the descriptors."""
    from calf.wire.pool import load_descriptors

    paths = [
        f"/{file.package}.{service.name}/{method.name}"
        for file in load_descriptors().file
        for service in file.service
        for method in service.method
    ]
    return {path: find_method(path) for path in paths}
