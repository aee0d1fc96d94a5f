"""Where the symbols of a shared library lie, its local ones too, which the dynamic linker does not tell."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_SYMBOL_TABLE = 2
_HEADER_BYTES = 64
_64_BIT_LITTLE_ENDIAN = b"\x7fELF\x02\x01"


class NoSymbolTableError(Exception):
    """The file is no 64-bit little-endian ELF file, or its symbol table was stripped."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Where a symbol lies from the library's base, and its size; both in bytes."""

    offset: int
    size: int


def find_symbols(library: Path, names: Iterable[str]) -> dict[str, Symbol]:
    """Look defined symbols up by their mangled names; a name that is not there is left out.

    Raises `NoSymbolTableError` when the file cannot tell.
    """
    if library.stat().st_size < _HEADER_BYTES:
        raise NoSymbolTableError(f"{library} is no 64-bit ELF file")
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[: len(_64_BIT_LITTLE_ENDIAN)] != _64_BIT_LITTLE_ENDIAN:
            raise NoSymbolTableError(f"{library} is no 64-bit ELF file")
        sections = _sections(content)
        table = next((section for section in sections if section[1] == _SYMBOL_TABLE), None)
        if table is None:
            raise NoSymbolTableError(f"{library} has no symbol table; was it stripped?")
        strings = sections[table[6]]
        found = {}
        for name in names:
            symbol = _find(content, table[4 : 4 + 2], strings[4 : 4 + 2], name.encode())
            if symbol is not None:
                found[name] = symbol
        return found


def _sections(content: mmap.mmap) -> list[tuple[int, ...]]:
    """Name, type, flags, address, offset, size, link, info, alignment and entry size of each section."""
    (start,) = struct.unpack_from("<Q", content, 40)
    size, count = struct.unpack_from("<HH", content, 58)
    return [_SECTION.unpack_from(content, start + number * size) for number in range(count)]


def _find(content: mmap.mmap, table: tuple[int, ...], strings: tuple[int, ...], name: bytes) -> Symbol | None:
    place = content.find(b"\0" + name + b"\0", strings[0], strings[0] + strings[1])
    if place < 0:
        return None
    wanted = struct.pack("<I", place + 1 - strings[0])
    at, end = table[0], table[0] + table[1]
    while (at := content.find(wanted, at, end)) >= 0:
        if (at - table[0]) % _SYMBOL.size == 0:
            _name, _info, _other, section, offset, size = _SYMBOL.unpack_from(content, at)
            if section:
                return Symbol(offset, size)
        at += 1
    return None
