"""One pack under construction."""

from __future__ import annotations

from pathlib import Path

from calf.kit.atomic import Draft
from calf.storage.behind import Behind
from calf.storage.blobs import Squeezer, expand
from calf.storage.objects import Location
from calf.storage.pack_format import HEADER, MAX_OBJECT, SUFFIX, encode_footer, encode_index

_BUFFER = 1 << 20
_WAITING = 4


class PackDraft:
    """Collects blobs in a draft file. Nothing of it is visible to readers of the store before `publish`."""

    def __init__(self, path: Path) -> None:
        self._draft = Draft(path)
        self._behind = Behind(self._draft.write_all, _WAITING)
        self._squeezer = Squeezer()
        self._waiting: list[bytes | memoryview] = [HEADER]
        self._held = self._size = len(HEADER)
        self.rows: dict[bytes, Location] = {}
        self.name = b""

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._size

    def add(self, oid: bytes, data: bytes | memoryview) -> None:
        """Append an object that is not in this pack yet."""
        if len(data) > MAX_OBJECT:
            raise ValueError(f"an object of {len(data)} bytes is too large")
        codec, blob = self._squeezer.squeeze(data)
        self._append(oid, blob, len(data), codec)

    def add_stored(self, oid: bytes, blob: bytes, size: int, codec: int) -> None:
        """Append an object as another pack has it."""
        self._append(oid, blob, size, codec)

    def _append(self, oid: bytes, blob: bytes | memoryview, size: int, codec: int) -> None:
        stored = len(blob)
        self.rows[oid] = Location(self._size, stored, size, codec)
        self._waiting.append(blob)
        self._held += stored
        self._size += stored
        if self._held > _BUFFER:
            self._behind.bring(self._waiting)
            self._waiting, self._held = [], 0

    def read(self, location: Location) -> bytes | None:
        """The bytes of an object that was added before."""
        self._flush()
        return expand(self._draft.read(location.offset, location.stored), location)

    def finish(self) -> None:
        """Write index and footer and have it all on the disk, under the draft's name. No `add` after this."""
        index = encode_index(self.rows.items())
        self.name, footer = encode_footer(index, self._size)
        self._waiting += (index, footer)
        self._flush()
        self._behind.stop()
        self._draft.sync()

    def publish(self, folder: Path) -> None:
        """Give the finished pack its final name; durable once the folder was synced."""
        self._draft.publish(folder / (self.name.hex() + SUFFIX))

    def discard(self) -> None:
        """Drop it, unless it was published."""
        self._behind.stop()
        self._draft.discard()

    def _flush(self) -> None:
        self._behind.settle()
        waiting, self._waiting, self._held = self._waiting, [], 0
        self._draft.write_all(waiting)
