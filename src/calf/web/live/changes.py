"""`/events`: that something changed in a project, and what kinds of things; what exactly, the page shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection

from starlette.requests import Request
from starlette.responses import Response

from calf.model.errors import InvalidArgument
from calf.web.live.events import ALIVE, KEEP_ALIVE, RETRY, event, full, stream
from calf.web.live.hub import Hub
from calf.web.pages import token_of

GATHER = 0.25
"""Seconds from one event to the next, at least."""
MOST = 100
"""Projects that one stream tells of."""


async def tell_changes(request: Request) -> Response:
    """`event: change`, with `{"project": …, "kinds": […]}`, for each `?project=`, of which there may be some.

    An empty one, or none, stands for all projects; so one stream does for all windows of a browser. Raises
    `InvalidArgument` where more are named than anybody looks at.
    """
    hub: Hub = request.app.state.hub
    projects = set(request.query_params.getlist("project") or [""])
    if len(projects) > MOST:
        raise InvalidArgument(f"one stream tells of {MOST} projects at most", "close some windows")
    if hub.is_full:
        return full()
    return stream(request, _changes(hub, token_of(request), projects))


async def _changes(hub: Hub, token: str, projects: Collection[str]) -> AsyncIterator[str]:
    with hub.listening(token, projects) as listener:
        yield RETRY
        while not hub.closed:
            news = await listener.news(KEEP_ALIVE)
            if not news:
                yield ALIVE
                continue
            for project, kinds in news.items():
                yield event("change", {"project": project, "kinds": kinds})
            await asyncio.sleep(GATHER)
