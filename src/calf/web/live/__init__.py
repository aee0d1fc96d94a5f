"""What goes on while a page stands open, as server-sent events."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from calf.web.live.changes import tell_changes
from calf.web.live.lines import tell_lines


def routes() -> list[BaseRoute]:
    """`/events` and `/events/logs`."""
    return [
        Route("/events", tell_changes, methods=["GET"]),
        Route("/events/logs", tell_lines, methods=["GET"]),
    ]
