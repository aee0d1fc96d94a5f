"""Reading of a PyTorch state dict (format before 1.6) without PyTorch, and without running what it asks.

Such a file is three pickles (magic number, protocol, system), one of the ordered dict of tensors, one of
the list of storage keys, and then each storage: its number of elements (int64, little-endian) and its
bytes. The unpickler knows four names and nothing else.
"""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class UnsafePickleError(Exception):
    """The file asks for a name that a state dict does not need, or has another format."""


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    size: int


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor as the pickle describes it, before the bytes are there."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_state_dict(path: Path) -> dict[str, Any]:
    """Read the tensors as NumPy arrays by name, in the file's order.

    Raises `UnsafePickleError` for any other content than plain float32 and int64 tensors.
    """
    with path.open("rb") as file:
        head = [_Unpickler(file).load() for _ in range(2)]
        if head != [_MAGIC, _PROTOCOL]:
            raise UnsafePickleError(f"{path.name}: not in PyTorch's format before 1.6")
        _Unpickler(file).load()
        views = _Unpickler(file).load()
        keys = _Unpickler(file).load()
        storages = {view.storage.key: view.storage for view in views.values()}
        data = {key: _read_storage(file, storages[key]) for key in keys}
        if file.read(1):
            raise UnsafePickleError(f"{path.name}: bytes after the last storage")
    return {name: _materialise(view, data[view.storage.key]) for name, view in views.items()}


class _Unpickler(pickle.Unpickler):
    """Builds only ordered dicts of views into storages."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise UnsafePickleError(f"the pickle asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _device, size, _view = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise UnsafePickleError(f"unknown persistent id {kind!r}")
        return _Storage(str(key), dtype, int(size))


def _rebuild(
    storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_gradient: Any
) -> _View:
    return _View(storage, offset, tuple(shape), tuple(strides))


def _read_storage(file: IO[bytes], storage: _Storage) -> Any:
    (size,) = struct.unpack("<q", file.read(8))
    content = file.read(storage.dtype.itemsize * storage.size)
    if size != storage.size or len(content) != storage.dtype.itemsize * storage.size:
        raise UnsafePickleError(f"storage {storage.key} is truncated")
    return np.frombuffer(content, storage.dtype)


def _materialise(view: _View, data: Any) -> Any:
    last = view.offset + sum((n - 1) * s for n, s in zip(view.shape, view.strides, strict=True))
    if view.offset < 0 or min(view.strides, default=0) < 0 or (0 not in view.shape and last >= len(data)):
        raise UnsafePickleError("a tensor reaches beyond its storage")
    strides = tuple(stride * data.itemsize for stride in view.strides)
    window = np.lib.stride_tricks.as_strided(data[view.offset :], view.shape, strides, writeable=False)
    return np.ascontiguousarray(window).reshape(view.shape)
