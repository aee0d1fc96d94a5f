"""Server-sent events: how they are written, and the response that is a stream of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

RETRY = "retry: 1000\n\n"
"""How soon, in milliseconds, a browser comes again when the stream has ended."""
ALIVE = ": \n\n"
"""Says nothing; who does not take it any more has gone."""
KEEP_ALIVE = 15.0
"""Seconds of silence after which that is said."""

_TYPE = "text/event-stream"


def event(name: str, data: Any) -> str:
    """One event; `data` is what JSON can say."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


def stream(request: Request, events: AsyncIterator[str]) -> Response:
    """The response that sends events as they come; who asks for its head alone waits for none."""
    if request.method == "HEAD":
        return Response(media_type=_TYPE)
    return StreamingResponse(events, media_type=_TYPE)


def full() -> Response:
    """The answer when as many listen as may."""
    return PlainTextResponse("too many listen already\n", 503, {"retry-after": "5"})
