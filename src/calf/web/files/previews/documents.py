"""Web pages: shown in a frame in which nothing runs, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.previews.subject import Subject

_MOST = 32 * 1024 * 1024


def show_document(subject: Subject) -> Mapping[str, Any]:
    """The link to the frame."""
    if subject.size > _MOST:
        raise Unreadable("the page is large")
    return {"kind": "document", "frame": subject.raw(show="frame")}
