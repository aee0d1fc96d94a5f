"""An image of empty folders and links, for engines that take no folder as a root."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.containers.tool import Tool


def import_empty(tool: Tool, root: Path) -> str:
    """Have the engine know what lies at `root` (its files are empty), by the name that is given back."""
    data = _archive(root)
    name = f"calf-root:{hashlib.sha256(data).hexdigest()[:16]}"
    try:
        tool.ask("image", "inspect", "--format", "{{.Id}}", name)
    except Precondition:
        path = tool.place / "root.tar"
        path.write_bytes(data)
        tool.ask("import", str(path), name)
        path.unlink()
    return name


def _archive(root: Path) -> bytes:
    """The same bytes for the same names."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(root.rglob("*")):
            member = tarfile.TarInfo(str(path.relative_to(root)))
            member.mode = 0o755
            if path.is_symlink():
                member.type, member.linkname = tarfile.SYMTYPE, str(path.readlink())
            elif path.is_dir():
                member.type = tarfile.DIRTYPE
            archive.addfile(member)
    return whole.getvalue()
