"""Where a value stands in a document: `input.cross[0].pfs.glob`, for errors and positions alike."""

from __future__ import annotations


def child(path: str, part: str | int) -> str:
    """The path of a member (`part` a key) or an element (`part` an index) of the value at `path`."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    return f"{path}.{part}" if path else part
