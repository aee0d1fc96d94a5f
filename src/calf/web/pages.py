"""What a page is: data, and a template that shows them; the same data are its `.json` twin.

A view reads from the server and gives a `Page`; it knows no HTTP. Data are what JSON can say: dictionaries,
lists, texts, numbers, times as RFC 3339. What a page shows must be in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from calf.client.connection import Client
from calf.model.errors import CalfError, InvalidArgument
from calf.wire.messages import pfs

SHOWN = "calf.token"
"""Where in the scope of a request the token of whoever sent it stands, if he has one."""
Data = Mapping[str, Any]
_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants to see: `path` are the parts of the URL, `query` what stands behind the `?`."""

    client: Client
    path: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def project(self) -> str:
        """The project that the URL names."""
        return self.path.get("project", "default")

    def text(self, name: str, default: str = "") -> str:
        """A value of the query."""
        return self.query.get(name, default)

    def needed(self, name: str) -> str:
        """A value that the query must have. Raises `InvalidArgument`."""
        if value := self.query.get(name):
            return value
        raise InvalidArgument(f"this page needs ?{name}=", "go back to where the link was and take it again")

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`. Raises `InvalidArgument`."""
        value = self.query.get(name, str(default))
        if value.isascii() and value.isdecimal() and len(value) <= _DIGITS and 1 <= int(value) <= most:
            return int(value)
        raise InvalidArgument(f"?{name}={value[:40]} is no number from 1 to {most}", "")

    def check_project(self) -> None:
        """See that the project is there. Raises `NotFound`."""
        self.client.pfs.InspectProject(pfs.InspectProjectRequest(project=pfs.Project(name=self.project)))


@dataclass(frozen=True, slots=True)
class Page:
    """`template` shows `data` under `title`. `crumbs` are (words, link) of what the page lies in, outermost
    first. A page that is `live` is asked for again when something changes.
    """

    template: str
    title: str
    data: Data
    crumbs: tuple[tuple[str, str], ...] = ()
    live: bool = False
    section: str = field(default="")
    """The entry of the menu that the page belongs to: `dag`, `repos`, `pipelines`, `jobs`, `reports`."""


View = Callable[[Ask], Page]


def ask_of(request: Request) -> Ask:
    """What a request asks, with the connection of whoever sent it."""
    client = request.app.state.upstream.client(token_of(request))
    return Ask(client, request.path_params, request.query_params)


def token_of(request: Request) -> str:
    """The token to show to the server for whoever sent a request; empty for none."""
    return str(request.scope.get(SHOWN, ""))


def page(path: str, view: View) -> list[Route]:
    """The routes of a page: itself, and its twin with `.json` behind the path."""

    def show(request: Request) -> Response:
        found = view(ask_of(request))
        return render(request, found.template, {"page": found, **found.data})

    def tell(request: Request) -> Response:
        try:
            found = view(ask_of(request))
        except CalfError as error:
            return JSONResponse(error_data(error), status_of(error))
        return JSONResponse({"title": found.title, **found.data})

    bare = path.rstrip("/")
    twin = f"{bare}.json" if bare else "/index.json"
    return [Route(twin, tell, methods=["GET"]), Route(path, show, methods=["GET"])]


def render(request: Request, template: str, data: Data, status: int = 200) -> Response:
    """A template with data as a response; also in it: `request`, and `query`, what stands behind the `?`."""
    made = request.app.state.templates.get_template(template)
    text = made.render(request=request, query=request.query_params, **data)
    return Response(text, status, media_type="text/html")


_STATUS = {
    "not-found": 404, "exists": 409, "wrong-state": 409, "invalid": 400, "invalid-spec": 400,
    "precondition": 409, "unfinished": 409, "denied": 403, "unauthenticated": 401, "unimplemented": 501,
    "no-space": 507, "unreachable": 502, "timed-out": 504, "locked": 409,
}  # fmt: skip


def status_of(error: CalfError) -> int:
    """The HTTP status of an error."""
    return _STATUS.get(error.category.value, 500)


def error_data(error: CalfError) -> dict[str, Any]:
    """An error as data."""
    return {"error": error.category.value, "message": error.message, "hint": error.hint}
