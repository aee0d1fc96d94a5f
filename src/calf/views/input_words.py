"""A pipeline's input in one line, as in the column INPUT."""

from __future__ import annotations

from calf.wire.messages import Message

_JOINTS = {"cross": " \N{VECTOR OR CROSS PRODUCT} ", "union": " \N{UNION} ", "join": " \N{BOWTIE} "}


def shorthand(node: Message) -> str:
    """`project/repo:/glob`, `name:cron-spec`, `none`, or members joined by their sign, as in `(Group: a,
    b)`."""
    if node.HasField("pfs"):
        prefix = f"{node.pfs.project}/" if node.pfs.project else ""
        return f"{prefix}{node.pfs.repo}:{node.pfs.glob}"
    if node.HasField("cron"):
        return f"{node.cron.name}:{node.cron.spec}"
    if node.group:
        return f"(Group: {', '.join(map(shorthand, node.group))})"
    for kind, joint in _JOINTS.items():
        members = getattr(node, kind)
        if members:
            return f"({joint.join(map(shorthand, members))})"
    return "none"
