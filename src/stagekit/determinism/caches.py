"""Sets the cache sizes by which Eigen, inside TensorFlow, cuts its work.

Eigen has a setter, but TensorFlow does not export it; what there is are the symbols of the table itself and
of the guard that says whether it was filled. So the table is written in memory. That is done only where
everything is as expected: symbols of the right sizes in each library that has them, memory that is ours to
write, a table that was not used yet, and an own constructor of Eigen that fills three numbers in the order
that we write them. ADR 0013 weighs it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stagekit.determinism.elf import NoSymbolTableError, find_symbols
from stagekit.errors import StageError

SIZES = (32 << 10, 512 << 10, 16 << 20)
"""Bytes of the first, second and third level that every machine is taken to have."""

_TABLE = "_ZZN5Eigen8internal20manage_caching_sizesENS_6ActionEPlS2_S2_E12m_cacheSizes"
_GUARD = "_ZGVZN5Eigen8internal20manage_caching_sizesENS_6ActionEPlS2_S2_E12m_cacheSizes"
_CONSTRUCTOR = "_ZN5Eigen8internal10CacheSizesC2Ev"
_QUERY = "_ZN5Eigen8internal15queryCacheSizesERiS1_S1_"
_GUARD_BYTES = 8
_Sizes = ctypes.c_int64 * len(SIZES)


class NotPortableError(StageError):
    """The portable profile's promise, the same bits on other processors, cannot be kept here."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"determinism: portable is not possible here: {reason}")


@dataclass(frozen=True, slots=True)
class Region:
    """A part of this process' memory; `path` is None where no file lies behind it."""

    start: int
    end: int
    writable: bool
    offset: int
    path: Path | None


def pin(package: Path) -> None:
    """Set the table of every loaded library below `package`, TensorFlow's folder, before its first operation.

    Raises `NotPortableError` when there is no table, or one is not as expected.
    """
    libraries = [path for path in mapped_files() if path.is_relative_to(package.resolve())]
    tables = [(path, address) for path in libraries if (address := _table(path))]
    if not tables:
        raise NotPortableError("no library of TensorFlow has Eigen's table of cache sizes")
    _check_layout(libraries)
    for path, (table, guard) in tables:
        sizes, filled = _Sizes.from_address(table), ctypes.c_uint8.from_address(guard)
        if filled.value and tuple(sizes) != SIZES:
            raise NotPortableError(f"{path.name} has computed before its cache sizes could be set")
        sizes[:] = list(SIZES)
        filled.value = 1
    unset = [path.name for path, (table, _) in tables if tuple(_Sizes.from_address(table)) != SIZES]
    if unset:
        raise NotPortableError(f"the cache sizes of {', '.join(unset)} did not take")


def mapped_files() -> list[Path]:
    """List the files that are mapped into this process, each once."""
    return list(dict.fromkeys(region.path for region in _regions() if region.path is not None))


def _table(library: Path) -> tuple[int, int] | None:
    """Give the addresses of a library's table and guard, None when it has none."""
    try:
        symbols = find_symbols(library, (_TABLE, _GUARD))
    except NoSymbolTableError as error:
        raise NotPortableError(str(error)) from error
    if not symbols:
        return None
    if symbols.keys() != {_TABLE, _GUARD} or symbols[_TABLE].size != ctypes.sizeof(_Sizes):
        raise NotPortableError(f"the table of cache sizes in {library.name} is not as we know it")
    regions = list(_regions())
    base = min(region.start for region in regions if region.path == library and region.offset == 0)
    table, guard = base + symbols[_TABLE].offset, base + symbols[_GUARD].offset
    for start, size in ((table, ctypes.sizeof(_Sizes)), (guard, _GUARD_BYTES)):
        if not any(r.start <= start and start + size <= r.end and r.writable for r in regions):
            raise NotPortableError(f"the table of cache sizes in {library.name} cannot be written")
    return table, guard


def _check_layout(libraries: list[Path]) -> None:
    """See that Eigen's own constructor fills three numbers: the first, second and third level."""
    for path in libraries:
        library = ctypes.CDLL(str(path))
        construct, query = getattr(library, _CONSTRUCTOR, None), getattr(library, _QUERY, None)
        if construct is None or query is None:
            continue
        made = _Sizes(-1, -1, -1)
        asked = tuple(ctypes.c_int(-1) for _ in SIZES)
        construct(ctypes.byref(made))
        query(*(ctypes.byref(level) for level in asked))
        expected = [level.value for level in asked]
        if all(
            made_size == size or size <= 0 < made_size for made_size, size in zip(made, expected, strict=True)
        ):
            return
        raise NotPortableError(f"Eigen's table in {path.name} holds {list(made)}, not the sizes {expected}")
    raise NotPortableError("no library of TensorFlow tells how Eigen fills its table of cache sizes")


def _regions() -> Iterator[Region]:
    """Read the memory map: `start-end permissions offset device inode path`."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, permissions, offset, _device, _inode, *path = line.split(maxsplit=5)
        start, end = (int(address, 16) for address in addresses.split("-"))
        file = Path(path[0]) if path and path[0].startswith("/") else None
        yield Region(start, end, "w" in permissions, int(offset, 16), file)
