"""What changed between two versions of a pipeline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from calf.views.differences.documents import GONE, leaves_that_differ
from calf.views.differences.pair import clip

_MOST = 40
_LONGEST = 2000
_NOT_SAID = frozenset({"salt", "reprocess", "update"})


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each field that is another one: `path`, `old` and `new` as JSON, empty for one that is not there.

    Another salt alone says that all was to be reprocessed.
    """
    sides = [{key: value for key, value in side.items() if key not in _NOT_SAID} for side in (old, new)]
    found = [
        {"path": path, "old": _text(before), "new": _text(after)}
        for path, before, after in leaves_that_differ(*sides)
    ]
    return found[:_MOST]


def _text(value: Any) -> str:
    if value is GONE:
        return ""
    return clip(json.dumps(value, ensure_ascii=False, indent=2), _LONGEST)
