"""JSON documents: which keys have another value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from calf.views.differences.documents import GONE, leaves_that_differ
from calf.web.files.comparing.sides import Sides
from calf.web.files.previews.subject import cut
from calf.web.files.previews.trees import MOST_BYTES, read_json

_SHOWN = 300
_COUNTED = 100_000
_LONGEST = 300


def compare_documents(sides: Sides) -> Mapping[str, Any]:
    """Each key with both values."""
    old, new = sides.both(MOST_BYTES)
    before = read_json(old) if sides.before else GONE
    after = read_json(new) if sides.after else GONE
    found = leaves_that_differ(before, after)
    keys = [
        {"key": cut(path or ".", _LONGEST), "before": _words(old), "after": _words(new)}
        for path, old, new in islice(found, _SHOWN)
    ]
    return {"kind": "keys", "keys": keys, "more": sum(1 for _ in islice(found, _COUNTED))}


def _words(value: Any) -> str | None:
    """A value as text; None when there is none."""
    return None if value is GONE else cut(json.dumps(value, ensure_ascii=False), _LONGEST)
