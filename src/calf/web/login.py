"""Letting people in: the page that takes a token, the cookie that keeps it, what stands before all others.

A token is never part of a URL, and nothing here is logged.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from calf.model.errors import CalfError, Category, InvalidArgument, Unauthenticated
from calf.web import links
from calf.web.keeper import HINT, Keeper
from calf.web.pages import SHOWN, error_data, render, status_of

_COOKIE = "calf-token"
_LONGEST_FORM, _MOST_FIELDS = 8192, 10
_FREE = ("/login", "/logout", "/assets/")
_NOBODY = Unauthenticated("this dashboard asks for a token", HINT)
_BEARER = "bearer "
_WAIT = {"retry-after": "5"}


def routes() -> list[BaseRoute]:
    """`/login` and `/logout`."""
    return [
        Route("/login", show_login, methods=["GET"]),
        Route("/login", log_in, methods=["POST"]),
        Route("/logout", log_out, methods=["POST"]),
    ]


class Login:
    """ASGI middleware: lets requests through that `keeper` admits, with the token that the server is shown.

    Paths in `free` need none.
    """

    def __init__(self, app: ASGIApp, keeper: Keeper, free: tuple[str, ...] = ()) -> None:
        self._app, self._keeper, self._free = app, keeper, (*_FREE, *free)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer that a token is needed."""
        if scope["type"] != "http" or _is_below(scope["path"], self._free):
            await self._app(scope, receive, send)
            return
        token = _shown(Request(scope))
        try:
            found = self._keeper.admit(token, scope.get("client"), scope.get("server"))
        except CalfError as error:
            is_denied = error.category is Category.DENIED
            answer = JSONResponse(error_data(error), 403 if is_denied else 429, None if is_denied else _WAIT)
            await answer(scope, receive, send)
            return
        if found is None:
            await _ask(Request(scope), is_stale=bool(token))(scope, receive, send)
            return
        scope[SHOWN] = found
        await self._app(scope, receive, send)


def show_login(request: Request) -> Response:
    """The page that asks for a token."""
    return _login_page(request, "", "")


async def log_in(request: Request) -> Response:
    """Keep a token that does, and go on to where somebody wanted to go."""
    form = await _read(request)
    token, onward = (form.get(name, [""])[0].strip() for name in ("token", "next"))
    keeper: Keeper = request.app.state.keeper
    try:
        if not (token.isascii() and token.isprintable() and token):
            raise InvalidArgument("a token is visible characters of ASCII", HINT)
        await run_in_threadpool(keeper.check, token, request.scope.get("client"), request.app.state.upstream)
    except CalfError as error:
        is_too_many = error.category is Category.UNREACHABLE
        status = 429 if is_too_many else status_of(error)
        told = error.message if error.hint == HINT else f"{error.message}: {error.hint}"
        return _login_page(request, told, onward, status)
    gone_on = RedirectResponse(_safe(onward), 303)
    is_tls = request.url.scheme == "https"
    gone_on.set_cookie(cookie_of(request), token, httponly=True, samesite="strict", secure=is_tls)
    return gone_on


def log_out(request: Request) -> Response:
    """Forget the token."""
    gone = RedirectResponse(links.login(), 303)
    gone.delete_cookie(cookie_of(request))
    return gone


def needs_login(request: Request) -> Response:
    """The answer where the server, asked for a page, asked for a token."""
    return _ask(request, is_stale=cookie_of(request) in request.cookies)


def cookie_of(request: Request) -> str:
    """The cookie's name, with the port: browsers send one to all ports of a host, and dashboards of several
    servers would sign each other's people out.
    """
    port = request.headers.get("host", "").rpartition(":")[2]
    return f"{_COOKIE}-{port}" if port.isdecimal() else _COOKIE


def _ask(request: Request, *, is_stale: bool) -> Response:
    """A page goes to the login; what is no page is told."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    answer: Response
    if wants_page and not request.headers.get("hx-request"):
        onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        answer = RedirectResponse(links.login(onward if onward != "/" else ""), 303)
    else:
        answer = JSONResponse(error_data(_NOBODY), 401, {"www-authenticate": "Bearer"})
    if is_stale:
        answer.delete_cookie(cookie_of(request))  # or each request would count as a wrong guess
    return answer


def _login_page(request: Request, wrong: str, onward: str, status: int = 200) -> Response:
    data: dict[str, Any] = {
        "page": None,
        "wrong": wrong,
        "onward": _safe(onward or request.query_params.get("next", "")),
        "from_elsewhere": request.headers.get("sec-fetch-site") == "cross-site",
    }
    return render(request, "login.html", data, status)


async def _read(request: Request) -> dict[str, list[str]]:
    read = b""
    async for piece in request.stream():
        read += piece
        if len(read) > _LONGEST_FORM:
            raise InvalidArgument("this is no token: it is too long", HINT)
    try:
        return parse_qs(read.decode("ascii", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidArgument("this is not the form of a token: it has too many fields", HINT) from None


def _safe(onward: str) -> str:
    """A page of ours, the first one where another site is meant."""
    if not onward.startswith("/") or onward.startswith(("//", "/\\")) or not onward.isprintable():
        return links.projects()
    return quote(onward, safe="/?&=%+-._~:@!$'()*,;")


def _shown(request: Request) -> str:
    given = request.headers.get("authorization", "")
    if given[: len(_BEARER)].lower() == _BEARER:
        return given[len(_BEARER) :].strip()
    return request.cookies.get(cookie_of(request), "")


def _is_below(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or (prefix.endswith("/") and path.startswith(prefix)) for prefix in prefixes)
