"""What a pipeline or a job reads, as data of a page: the tree of its inputs, flat, with how deep each is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calf.wire.messages import Message

_JOINTS = ("cross", "union", "join", "group")
_WORDS = {
    "cross": "each with each",
    "union": "all of them, side by side",
    "join": "those that match",
    "group": "those that belong together",
}


def input_rows(node: Message, depth: int = 0) -> Iterator[dict[str, Any]]:
    """A row for each joint and leaf, from the top. A leaf of a job has the commit that it read."""
    if node.HasField("pfs"):
        yield _of_repo(node.pfs, depth)
    elif node.HasField("cron"):
        cron = node.cron
        yield {"depth": depth, "kind": "cron", "name": cron.name, "project": cron.project} | {
            "repo": cron.repo,
            "spec": cron.spec,
            "commit": cron.commit,
        }
    for kind in _JOINTS:
        members = getattr(node, kind)
        if members:
            yield {"depth": depth, "kind": kind, "words": _WORDS[kind]}
        for member in members:
            yield from input_rows(member, depth + 1)


def _of_repo(leaf: Message, depth: int) -> dict[str, Any]:
    plain = leaf.repo_type in ("", "user")
    flags = ("lazy", "empty_files", "s3", "outer_join", "reference")
    return {
        "depth": depth,
        "kind": "pfs",
        "name": leaf.name,
        "project": leaf.project,
        "repo": leaf.repo if plain else f"{leaf.repo}.{leaf.repo_type}",
        "branch": leaf.branch,
        "commit": leaf.commit,
        "glob": leaf.glob,
        "joined": leaf.join_on or leaf.group_by,
        "flags": [name.replace("_", " ") for name in flags if getattr(leaf, name, False)],
    }
