"""Pictures: beside each other, or one over the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.comparing.anything import COMPARED, compare_bytes
from calf.web.files.comparing.sides import Sides
from calf.web.files.masks import MOST_BYTES as MOST_MASK
from calf.web.files.masks import read_mask
from calf.web.files.pictures import MOST_BYTES, shape_of
from calf.web.files.remote import Remote

_HEAD = 8 * 1024 * 1024
Side = tuple[Remote, str] | None


def compare_pictures(sides: Sides) -> Mapping[str, Any]:
    """Links to both, and their sizes in pixels; masks in the colours of their classes."""
    shapes = [_shape(side) for side in (sides.before, sides.after)]
    there = [side for side in (sides.before, sides.after) if side is not None]
    show = "mask" if all(_is_mask(side) for side in there) else "image"
    return {
        "kind": "pictures",
        "before": sides.raw(sides.before, show),
        "after": sides.raw(sides.after, show),
        "shapes": shapes,
        "slide": shapes[0] == shapes[1],
        "lines": _words(sides, shapes),
        "mask": show == "mask",
    }


def _shape(side: Side) -> list[int] | None:
    if side is None:
        return None
    if side[0].size > MOST_BYTES:
        raise Unreadable("the picture is large")
    with side[0].open(_HEAD) as file:
        shape = shape_of(file)
    return [shape.width, shape.height]


def _words(sides: Sides, shapes: list[list[int] | None]) -> list[str]:
    """How many pixels differ, and where; nothing of large pictures."""
    if None in shapes or any(shape and shape[0] * shape[1] > COMPARED for shape in shapes):
        return []
    return list(compare_bytes(sides)["lines"])


def _is_mask(side: tuple[Remote, str]) -> bool:
    remote = side[0]
    if remote.size > MOST_MASK or not remote.path.lower().endswith(".png"):
        return False
    try:
        read_mask(remote.whole(MOST_MASK))
    except Unreadable:
        return False
    return True
