"""How an object's bytes are stored in a pack: as they are, or compressed where that pays."""

from __future__ import annotations

import zstandard

from calf.storage.objects import Location, is_object

RAW, ZSTD = 0, 1
BEGINNING = 18
"""Bytes of what is stored that say how large the object is: the longest header of a frame."""
_PROBE = 4096
_LEVEL = 1
_PATIENCE, _EVERY = 32, 16


class Squeezer:
    """Compresses blobs; keeps a context, so it belongs to one thread at a time.

    After 32 blobs in a row that would not shrink only every 16th is tried, until one does: photos and other
    compressed files come in crowds.
    """

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
        self._stubborn = 0

    def squeeze(self, data: bytes | memoryview) -> tuple[int, bytes | memoryview]:
        """The codec and the bytes to store. A sample from the middle tells photos and the like from text.

        Compressed bytes must save an eighth, or reading would pay for nothing.
        """
        if self._stubborn >= _PATIENCE and self._stubborn % _EVERY:
            self._stubborn += 1
            return RAW, data
        codec, blob = self._try(data)
        self._stubborn = 0 if codec == ZSTD else self._stubborn + 1
        return codec, blob

    def _try(self, data: bytes | memoryview) -> tuple[int, bytes | memoryview]:
        size = len(data)
        if size > 4 * _PROBE:
            middle = size // 2
            probe = data[middle : middle + _PROBE]
            if len(self._zstd.compress(probe)) > _PROBE * 7 // 8:
                return RAW, data
        small = self._zstd.compress(data)
        return (ZSTD, small) if len(small) <= size * 7 // 8 else (RAW, data)


def expand(stored: bytes, location: Location) -> bytes | None:
    """The object's bytes, or None if what is stored cannot be decoded. The caller checks the hash."""
    if location.codec == RAW:
        return stored
    if location.codec != ZSTD or size_said(stored, location) != location.size:
        return None  # the library would ask for as much memory as a damaged size says
    try:
        return zstandard.ZstdDecompressor().decompress(
            stored, max_output_size=location.size, allow_extra_data=False
        )
    except zstandard.ZstdError:
        return None


def unpack(oid: bytes, stored: bytes, location: Location) -> bytes | None:
    """The object's bytes if all of what is stored is there, can be decoded and hashes to its id, or None."""
    data = expand(stored, location) if len(stored) == location.stored else None
    return data if data is not None and is_object(oid, data) else None


def size_said(begin: bytes, location: Location) -> int:
    """The object's size, as the beginning of what is stored says; -1 if it does not."""
    if location.codec == RAW:
        return location.stored
    try:
        return zstandard.frame_content_size(begin)
    except zstandard.ZstdError:
        return -1
