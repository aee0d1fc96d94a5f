"""A fresh data folder for the price of writing two files.

The product makes it, once a process; it is then kept in memory. To migrate an empty file costs ten times what
a copy does, and a thousand tests begin with one. That both are the same is tested in tests/pfs.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from calf.pfs.engine import Pfs

BEGUN = 1_700_000_000.0
"""When project `default` of a copy was made."""


def lay(root: Path) -> Path:
    """Give `root` what `Pfs.open` makes of a new folder, unless it is a data folder already."""
    if not (root / "metadata.sqlite").exists():
        folders, files = _template()
        for folder in folders:
            (root / folder).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (root / name).write_bytes(content)
    return root


@functools.cache
def _template() -> tuple[list[str], Mapping[str, bytes]]:
    with TemporaryDirectory() as made:
        root = Path(made)
        make(root)
        inside = sorted(root.rglob("*"))
        folders = [str(path.relative_to(root)) for path in inside if path.is_dir()]
        return folders, {str(path.relative_to(root)): path.read_bytes() for path in inside if path.is_file()}


def make(root: Path) -> None:
    """Make it the product's way."""
    Pfs.open(root, clock=lambda: BEGUN, new_id=lambda: uuid.UUID(int=1, version=4).hex).close()
