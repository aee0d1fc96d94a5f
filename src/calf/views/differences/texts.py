"""Texts, notebooks and web pages: the first line that differs, and the part of it that does."""

from __future__ import annotations

from pathlib import Path

from calf.views.differences.pair import Difference, Pair, Unreadable
from calf.views.differences.raw import first_difference

_PIECE = 1024 * 1024
_BEFORE, _AFTER = 40, 80
_LONGEST_START = 64 * 1024


def describe_texts(pair: Pair) -> Difference:
    """Line and column of the first difference, and both lines around it. Raises `Unreadable` for no text."""
    for path in (pair.recorded, pair.again):
        _check_text(path)
    offset = first_difference(pair.recorded, pair.again)
    offset = min(_start_of_character(path, offset) for path in (pair.recorded, pair.again))
    line, start = _place(pair.recorded, offset)
    start = max(start, offset - _LONGEST_START)
    column = len(_read(pair.recorded, start, offset).decode("utf-8", "replace")) + 1
    where = f"line {line}" if column <= _BEFORE else f"line {line}, from column {column - _BEFORE}"
    return Difference(
        "text",
        (where, f"- {_around(pair.recorded, start, offset)}", f"+ {_around(pair.again, start, offset)}"),
    )


def _check_text(path: Path) -> None:
    """A cut-off character at the end of what is looked at does not count."""
    with path.open("rb") as file:
        head = file.read(_PIECE)
    if b"\0" in head:
        raise Unreadable(f"{path} holds zero bytes")
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < _PIECE:
            raise Unreadable(f"{path} is no UTF-8") from None


def _start_of_character(path: Path, offset: int) -> int:
    """The offset, or that of the character which it is in the middle of."""
    for start in range(offset, max(offset - 4, -1), -1):
        byte = _read(path, start, start + 1)
        if not byte or byte[0] & 0xC0 != 0x80:
            return start
    return offset


def _place(path: Path, offset: int) -> tuple[int, int]:
    """The number of the line that an offset is in, from 1, and the offset at which it begins."""
    line, start, at = 1, 0, 0
    with path.open("rb") as file:
        while at < offset and (piece := file.read(min(_PIECE, offset - at))):
            found = piece.count(b"\n")
            line += found
            start = at + piece.rindex(b"\n") + 1 if found else start
            at += len(piece)
    return line, start


def _around(path: Path, start: int, offset: int) -> str:
    """The part of the line around an offset, without half characters."""
    before = _read(path, start, offset).decode("utf-8", "replace")[-_BEFORE:]
    size = path.stat().st_size
    if offset >= size and not before:
        return "(the end)"
    line = (before.encode() + _read(path, offset, min(size, offset + 4 * _AFTER))).split(b"\n", 1)[0]
    return line.decode("utf-8", "replace")[: _BEFORE + _AFTER].rstrip("\ufffd")


def _read(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)
