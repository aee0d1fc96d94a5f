"""Images come by digest. Those that cannot yet stand in a short list, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from checks.objects import Finding, Object, containers, name, pods

_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
NONE_YET = "sha256:" + "0" * 64
"""Stands for a digest where `images/digests.lock` is not there yet: never right."""


def read_unpinned(path: Path) -> dict[str, str]:
    """What runs by tag, with the reason: a line each, `IMAGE:TAG reason`; `#` begins a comment."""
    entries = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            image, _, reason = line.strip().partition(" ")
            entries[image] = reason.strip()
    return entries


def by_digest(things: list[Object], unpinned: Mapping[str, str]) -> Iterator[Finding]:
    """Every image has a digest, or stands in the list; none is `latest`, and none is a placeholder."""
    for thing, spec in pods(things):
        for container in containers(spec):
            where = f"{name(thing)}, container {container.get('name')}"
            image = str(container.get("image", ""))
            if image.endswith(NONE_YET):
                yield Finding("by-digest", where, f"{image.partition('@')[0]} has no digest yet: make images")
            elif not _DIGEST.search(image) and image not in unpinned:
                yield Finding("by-digest", where, f"{image} has no digest, and is not in unpinned.txt")
            if _tag(image) in {"", "latest"} and "@" not in image:
                yield Finding("by-digest", where, f"{image}: which one that is can change")


def honest_list(used: set[str], unpinned: Mapping[str, str]) -> Iterator[Finding]:
    """The list has a reason for each, nothing that is not used, and nothing that has a digest after all."""
    for image, reason in unpinned.items():
        if not reason:
            yield Finding("unpinned", image, "no reason")
        if image not in used:
            yield Finding("unpinned", image, "is used nowhere: take it out of unpinned.txt")
        if "@" in image:
            yield Finding("unpinned", image, "has a digest: take it out of unpinned.txt")


def images(things: list[Object]) -> set[str]:
    """Every image that is named."""
    return {str(container.get("image")) for _, spec in pods(things) for container in containers(spec)}


def _tag(image: str) -> str:
    return image.rpartition("/")[2].partition("@")[0].partition(":")[2]
