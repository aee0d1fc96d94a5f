"""Bytes of no known kind, as numbers and letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.web.files.previews.subject import Subject

_WIDTH, _ROWS = 16, 128
_HDF5 = (
    "An HDF5 file: named arrays with attributes, as Keras keeps weights (.weights.h5). They are not listed"
    " here, for want of a reader that is safe with files of strangers; h5ls -r, of the HDF5 tools, does."
)
_KNOWN = (
    (b"\x89HDF\r\n\x1a\n", _HDF5),
    (b"SQLite format 3\0", "A database of SQLite. Its tables are not shown here; sqlite3 does."),
    (b"\x93NUMPY", "An array of NumPy (.npy). Its numbers are not shown here; numpy.load reads it."),
    (b"\x80\x02", "A pickle of Python, perhaps: reading one runs what is in it, so nobody does here."),
)
"""What a file is by its first bytes, of kinds that nobody here can show."""


def show_bytes(subject: Subject) -> Mapping[str, Any]:
    """Bytes from `?at=` on, sixteen a line."""
    at = subject.number("at", subject.size) // _WIDTH * _WIDTH
    content = subject.remote.read(at, _WIDTH * _ROWS)
    rows = [
        {
            "offset": f"{at + start:08x}",
            "hex": content[start : start + _WIDTH].hex(" "),
            "text": "".join(_letter(byte) for byte in content[start : start + _WIDTH]),
        }
        for start in range(0, len(content), _WIDTH)
    ]
    end = at + len(content)
    return {
        "kind": "bytes",
        "is": next((words for magic, words in _KNOWN if subject.head.startswith(magic)), ""),
        "rows": rows,
        "more": subject.page(view="bytes", at=end) if end < subject.size else "",
    }


def _letter(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else "·"
