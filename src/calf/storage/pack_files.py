"""Reading blobs from pack files, with few of them open."""

from __future__ import annotations

import errno
import os
import threading
from collections import OrderedDict
from pathlib import Path

from calf.storage.objects import Location
from calf.storage.pack_format import SUFFIX

_OPEN = 64


class _File:
    """An open file that closes itself when the last reader lets go of it, also after it left the cache."""

    __slots__ = ("fd", "size")

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self.fd).st_size

    def __del__(self) -> None:
        fd = getattr(self, "fd", -1)
        if fd >= 0:
            os.close(fd)


class PackFiles:
    """The sealed packs of a folder, thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._files: OrderedDict[bytes, _File] = OrderedDict()

    def read(self, pack: bytes, location: Location) -> bytes:
        """The stored bytes of a blob: none where none can be, fewer where the disk gives no more.

        Raises FileNotFoundError when the pack is gone, OSError when it cannot be opened.
        """
        file = self._open(pack)  # held until the read is done: who lets go of the last hold closes it
        if not 0 <= location.offset <= location.offset + location.stored <= file.size:
            return (
                b""  # a place that was damaged: the kernel would refuse it, or memory be asked for all of it
            )
        try:
            return os.pread(file.fd, location.stored, location.offset)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""

    def forget(self, pack: bytes) -> None:
        """Let go of a pack that was removed; who reads it now reads on."""
        with self._lock:
            self._files.pop(pack, None)

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            self._files.clear()

    def _open(self, pack: bytes) -> _File:
        with self._lock:
            file = self._files.get(pack)
            if file is None:
                file = self._files[pack] = _File(self._folder / (pack.hex() + SUFFIX))
                if len(self._files) > _OPEN:
                    self._files.popitem(last=False)
            else:
                self._files.move_to_end(pack)
            return file
