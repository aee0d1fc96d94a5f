"""`/events`: that something changed in a project, and what kinds of things; what exactly, the page shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from calf.web.live.events import ALIVE, KEEP_ALIVE, RETRY, event, full, stream
from calf.web.live.hub import Hub
from calf.web.pages import token_of

GATHER = 0.25
"""Seconds from one event to the next, at least."""


async def tell_changes(request: Request) -> Response:
    """`event: change`, with `{"project": …, "kinds": […]}`; of all projects when none is named."""
    hub: Hub = request.app.state.hub
    if hub.is_full:
        return full()
    return stream(request, _changes(hub, token_of(request), request.query_params.get("project", "")))


async def _changes(hub: Hub, token: str, project: str) -> AsyncIterator[str]:
    with hub.listening(token, project) as listener:
        yield RETRY
        while not hub.closed:
            kinds = await listener.news(KEEP_ALIVE)
            if kinds:
                yield event("change", {"project": project, "kinds": kinds})
                await asyncio.sleep(GATHER)
            else:
                yield ALIVE
