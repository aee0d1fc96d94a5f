"""The version of what lies on the disk: newer than we know is refused, older is brought up to date.

`<storage>/format` holds it, as `calf storage 1`. Folders of before there was that file are of version 1. The
metadata have a version of their own (`calf.db.schema`).
"""

from __future__ import annotations

from pathlib import Path

from calf.kit import atomic
from calf.model.errors import IntegrityError, Precondition

NEWEST = 1
_NAME = "format"
_MARK = "calf storage "


def bring_up_to_date(storage: Path) -> None:
    """See that we know what is there. Raises `Precondition`, having done nothing, if a newer calf made it."""
    path = storage / _NAME
    version = _read(path) if path.exists() else 0
    if version > NEWEST:
        raise Precondition(
            f"the storage of this data folder has format {version}, this calf knows up to {NEWEST}",
            "use the calf that made it, or a newer one",
        )
    if version < NEWEST:
        atomic.write_file(path, f"{_MARK}{NEWEST}\n".encode(), mode=0o644)


def _read(path: Path) -> int:
    text = path.read_text("ascii", "replace").strip()
    number = text.removeprefix(_MARK)
    if not (text.startswith(_MARK) and number.isdecimal() and int(number)):
        raise IntegrityError(
            f"{path} is damaged", f"it should read `{_MARK}{NEWEST}`, unless a newer calf has written it"
        )
    return int(number)
