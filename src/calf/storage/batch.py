"""Many small objects on their way into a writer, so that the index is asked for hundreds of them at once."""

from __future__ import annotations

from calf.storage.objects import object_id
from calf.storage.writer import Writer

_AT_ONCE = 500


class Batch:
    """`put` and `get` of a writer, for trees of many small pages; sealing the writer stores what waits."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: dict[bytes, bytes | memoryview] = {}
        writer.before_seal(self.flush)

    def put(self, data: bytes | memoryview) -> bytes:
        """As `Writer.put`; nothing is held or stored until `flush`, which comes by itself."""
        oid = object_id(data)
        self._waiting[oid] = data
        if len(self._waiting) >= _AT_ONCE:
            self.flush()
        return oid

    def get(self, oid: bytes) -> bytes:
        """The bytes of an object, also of one that waits."""
        data = self._waiting.get(oid)
        return self._writer.get(oid) if data is None else bytes(data)

    def flush(self) -> None:
        """Give all that waits to the writer."""
        waiting, self._waiting = self._waiting, {}
        self._writer.put_all(list(waiting.values()))
