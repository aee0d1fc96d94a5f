"""Forms that pages post: what was filled in, and the page to go to when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from calf.client.connection import Client
from calf.model.errors import InvalidArgument
from calf.web.pages import Ask, ask_of, token_of

_LARGEST = 64 * 1024
_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody wants done: the request's `ask`, and what the form says.

    `patient` opens a connection for calls that take as long as they take; whoever opens it closes it.
    """

    ask: Ask
    form: Mapping[str, str]
    patient: Callable[[], Client]


Doer = Callable[[Deed], str]
"""Does it and gives the URL of the page that shows it. Raises `CalfError`."""


def post(path: str, do: Doer) -> Route:
    """The route of a deed. The guard has seen that a page of ours asks for it."""

    async def handle(request: Request) -> Response:
        form = await _read(request)
        upstream, token = request.app.state.upstream, token_of(request)
        deed = Deed(ask_of(request), form, lambda: upstream.patient(token))
        return RedirectResponse(await run_in_threadpool(do, deed), 303)

    return Route(path, handle, methods=["POST"])


async def _read(request: Request) -> Mapping[str, str]:
    text = bytearray()
    async for piece in request.stream():
        text += piece
        if len(text) > _LARGEST:
            raise InvalidArgument("the form is too large", "name fewer commits")
    try:
        return dict(parse_qsl(text.decode(), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        raise InvalidArgument("the form cannot be read", "go back to the page and try again") from None
