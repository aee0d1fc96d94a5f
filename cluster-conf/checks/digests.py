"""Whether `images/digests.lock` has what the cluster runs.

The delivery reads it with `pipelines/driver/rendering.py`, and stops at the first thing that is wrong. The
checks run in an environment without calf and say all that is wrong; a test holds both to the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from checks.objects import Finding
from checks.rendering import LOCK, wanted_images

_LINE = re.compile(r"\S+\s+sha256:[0-9a-f]{64}")


def digests(repository: Path) -> Iterator[Finding]:
    """`images/digests.lock` is there and has every image that the cluster runs."""
    lock = repository / LOCK
    if not lock.is_file():
        yield Finding(
            "by-digest", LOCK, "is not there, so no image of ours can be named by digest: make images"
        )
        return
    known: set[str] = set()
    for number, line in enumerate(lock.read_text().splitlines(), 1):
        text = line.partition("#")[0].strip()
        if text and (not _LINE.fullmatch(text) or text.split()[0] in known):
            yield Finding(
                "by-digest", f"{LOCK}:{number}", "expected NAME sha256:<64 hex digits>, each NAME once"
            )
        known |= set(text.split()[:1])
    for image in wanted_images(repository):
        if image not in known:
            yield Finding("by-digest", LOCK, f"has no digest of {image}: make images")
