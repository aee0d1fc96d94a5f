"""JSON documents as trees that fold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.previews.subject import Subject, cut

MOST_BYTES = 4 * 1024 * 1024
_NODES = 1500
_CHILDREN = 200
_DEEPEST = 24
_LONGEST = 500
_OPEN = 3


def show_tree(subject: Subject) -> Mapping[str, Any]:
    """The document; parts that are left out are counted."""
    return {"kind": "tree", "tree": Tree().node("", read_json(subject.remote.whole(MOST_BYTES)), 0)}


def read_json(content: bytes) -> Any:
    """A document. Raises `Unreadable`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None


class Tree:
    """Makes nodes of values, of which a page holds so many and no more."""

    def __init__(self, nodes: int = _NODES) -> None:
        self._left = nodes

    def node(self, key: str, value: Any, depth: int) -> dict[str, Any]:
        """A value with what is in it."""
        self._left -= 1
        if not isinstance(value, dict | list):
            return {"key": cut(key, _LONGEST), "type": _type(value), "text": cut(_words(value), _LONGEST)}
        whole = len(value)
        items = (
            list(value.items()) if isinstance(value, dict) else [(str(at), v) for at, v in enumerate(value)]
        )
        children = []
        for name, each in items[:_CHILDREN]:
            if self._left <= 0 or depth >= _DEEPEST:
                break
            children.append(self.node(name, each, depth + 1))
        return {
            "key": cut(key, _LONGEST),
            "type": _type(value),
            "size": whole,
            "children": children,
            "left_out": whole - len(children),
            "open": depth < _OPEN and whole <= 30,
        }


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "list", str: "text", type(None): "null"}
    return names.get(type(value), "number")


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
