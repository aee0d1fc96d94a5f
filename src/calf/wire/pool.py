"""Loads the API's descriptors into a pool of our own.

The pool is private because the process may also hold another program's copy of the same messages: a foreign
client registers them in protobuf's default pool, where a second definition is an error.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool


@cache
def load_descriptors() -> descriptor_pb2.FileDescriptorSet:
    """The compiled descriptor set, dependencies before dependents."""
    return descriptor_pb2.FileDescriptorSet.FromString(Path(__file__).with_name("api.binpb").read_bytes())


@cache
def load_pool() -> DescriptorPool:
    """The one private pool of this process, filled."""
    pool = DescriptorPool()
    for file in load_descriptors().file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool
