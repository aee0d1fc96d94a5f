"""Bytes of no known kind, as numbers and letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.web.files.previews.subject import Subject

_WIDTH, _ROWS = 16, 128


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
        "rows": rows,
        "more": subject.page(view="bytes", at=end) if end < subject.size else "",
    }


def _letter(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else "·"
