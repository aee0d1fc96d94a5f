"""Loads the API's descriptors into a pool of our own.

The pool is private because the process may also hold another program's copy of the same messages: a foreign
client registers them in protobuf's default pool, where a second definition is an error.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calf.wire.classes import files_of, new_pool

if TYPE_CHECKING:
    from google.protobuf import descriptor_pb2


_ONE_AT_A_TIME = threading.Lock()


@cache
def load_descriptors() -> descriptor_pb2.FileDescriptorSet:
    """The compiled descriptor set, dependencies before dependents."""
    from google.protobuf import descriptor_pb2

    return descriptor_pb2.FileDescriptorSet.FromString(_read())


def load_pool() -> Any:
    """The one private pool of this process, filled; for any thread, the first time too."""
    with _ONE_AT_A_TIME:
        return _filled()


@cache
def _filled() -> Any:
    pool = new_pool()
    for file in files_of(_read()):
        pool.AddSerializedFile(file)
    return pool


def _read() -> bytes:
    return Path(__file__).with_name("api.binpb").read_bytes()
