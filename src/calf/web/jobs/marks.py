"""Where in a list by time a page begins, as a text in the URL, to the nanosecond."""

from __future__ import annotations

import re

from calf.model.errors import InvalidArgument
from calf.wire.messages import Message, google

_MARK = re.compile(r"([0-9]{1,11})\.([0-9]{9})")


def mark(stamp: Message) -> str:
    """A Timestamp as `seconds.nanoseconds`."""
    return f"{stamp.seconds}.{stamp.nanos:09d}"


def unmark(text: str) -> Message | None:
    """The Timestamp of a mark, None for the empty one. Raises `InvalidArgument`."""
    if not text:
        return None
    found = _MARK.fullmatch(text)
    if found is None:
        raise InvalidArgument(f"?before={text[:40]} is no time", "take the link of the list again")
    return google.Timestamp(seconds=int(found[1]), nanos=int(found[2]))
