"""`images/digests.lock`: the one place where digests of images are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from building.plans import BASE, ROOT, BuildError

LOCK = ROOT / "images/digests.lock"
UPSTREAM = BASE / "upstream.txt"
_PINNED = re.compile(r"\S+@sha256:[0-9a-f]{64}")
_HEAD = """\
# Our images by the digest of their manifest. `make images` writes this, and digests stand nowhere else.
# They hold for build/images/oci as it is: `skopeo copy --preserve-digests` brings that to a registry, and a
# push that compresses anew makes other digests. docs/design/images.md
# base: {base}
"""


def write(digests: Mapping[str, str], base: str, path: Path = LOCK) -> bool:
    """Write it; whether it says anything else than before."""
    lines = "".join(f"{name} {digests[name]}\n" for name in sorted(digests))
    text = _HEAD.format(base=base) + lines
    if path.is_file() and path.read_text() == text:
        return False
    path.write_text(text)
    return True


def read_upstream(path: Path = UPSTREAM) -> str:
    """The pinned Python that images stand on; empty while nobody has pinned one.

    Raises `BuildError` for more than one line, and for a line without a digest: what a tag means can change.
    """
    lines = [line.strip() for line in path.read_text().splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        return ""
    if len(found) > 1 or not _PINNED.fullmatch(found[0]):
        raise BuildError(f"{path.name}: expected one line, NAME@sha256:<64 hex digits>")
    return found[0]
