"""What a handler knows of the call that it serves, besides the request."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from calf.kit.cancel import CancelToken
from calf.model.refs import Repo

Handler = Callable[[Any, "Call"], Any]
"""Takes the request message (an iterator of them when the client streams) and the call; returns the response
message (an iterator of them when the server streams). Expected failures are raised as `CalfError`."""

Handlers = Mapping[str, Handler]
"""Handlers by method path, as in `/pfs_v2.API/CreateRepo`."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `transaction` is the client's open transaction, empty when there is none.

    `handed` are descriptors of open files that a client of the same user handed over, in the order in which
    the requests speak of them; who takes one closes it. `spout` is the output repo of the spout whose stage
    calls, if one does. `cancel` fires when the client goes away or the server stops: whoever waits must wait
    with it.
    """

    method: str = ""
    user_agent: str = ""
    transaction: str = ""
    spout: Repo | None = None
    cancel: CancelToken = field(default_factory=CancelToken)
    handed: deque[int] = field(default_factory=deque)
