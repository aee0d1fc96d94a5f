"""Long answers made of bytes: joined once, as they are sent."""

from __future__ import annotations

from calf.wire import varints
from calf.wire.messages import Message, google

_VALUE = b"\x0a"


class BytesValue:
    """A google.BytesValue to be sent: protobuf's own copies the bytes into itself, and out again."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    @property
    def DESCRIPTOR(self) -> Message:  # noqa: N802 - as messages name it
        """What kind of message it stands for."""
        return google.BytesValue.DESCRIPTOR

    def SerializeToString(self) -> bytes:  # noqa: N802 - as messages name it
        """The message as it travels."""
        return b"".join((_VALUE, varints.encode(len(self._value)), self._value)) if self._value else b""
