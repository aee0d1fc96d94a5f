"""Pools and message classes straight from protobuf's C library.

The Python modules around it (`descriptor_pb2`, `message_factory`, `descriptor_pool`) bring along the whole
implementation in Python, which nobody uses: loading them took a fifth of a command's start. What is used here
of the library's insides is fixed by the version that requirements/ pins. Without them the public way is used.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from calf.wire import varints


def _find_library() -> Any:
    try:
        from google._upb import _message
    except ImportError:
        return None
    return _message


_message = _find_library()
_MAKING = threading.RLock()
"""Of two threads that make a class of the same descriptor each would have its own, which no field takes."""
_FILE_FIELD = 0x0A
"""Field 1, length-delimited: what a FileDescriptorSet consists of."""


def new_pool() -> Any:
    """An empty pool of descriptors."""
    if _message is not None:
        return _message.DescriptorPool()
    from google.protobuf.descriptor_pool import DescriptorPool

    return DescriptorPool()


def class_of(descriptor: Any) -> Any:
    """The class of the messages that a descriptor describes; the same one each time."""
    if _message is None:
        from google.protobuf.message_factory import GetMessageClass

        return GetMessageClass(descriptor)
    with _MAKING:
        made = getattr(descriptor, "_concrete_class", None)
        return _make_class(descriptor) if made is None else made


def _make_class(descriptor: Any) -> Any:
    from google.protobuf.message import Message

    made = _message.MessageMeta(descriptor.name, (Message,), {"DESCRIPTOR": descriptor, "__module__": None})
    for field in descriptor.fields:  # a message's fields need classes before they are touched
        if field.message_type is not None:
            class_of(field.message_type)
    return made


def files_of(descriptor_set: bytes) -> Iterator[bytes]:
    """The serialised files of a serialised FileDescriptorSet. Raises ValueError when it is none."""
    at = 0
    while at < len(descriptor_set):
        if descriptor_set[at] != _FILE_FIELD:
            raise ValueError("a set of descriptors holds files and nothing else")
        at, size = varints.read(descriptor_set, at + 1)
        yield descriptor_set[at : at + size]
        at += size
