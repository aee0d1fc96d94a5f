"""The dashboard as an ASGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from calf.model.errors import CalfError
from calf.web import links, projects, search, shipped
from calf.web.error_pages import show_error, show_lost
from calf.web.guard import Guard
from calf.web.shaping import FILTERS
from calf.web.upstream import Upstream

TOPICS: tuple[Callable[[], list[BaseRoute]], ...] = (projects.routes, search.routes)
"""What gives the routes, a topic each."""


def make_app(upstream: Upstream, hosts: Iterable[str]) -> Starlette:
    """The dashboard of a server, to be asked under the names `hosts` (`127.0.0.1:4000`).

    The application closes `upstream` when it ends.
    """
    routes = [route for topic in TOPICS for route in topic()]
    routes.append(shipped.mount())
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=list(hosts)), Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={CalfError: show_error, 404: show_lost},
    )
    app.state.upstream = upstream
    app.state.templates = make_templates()
    return app


def make_templates() -> Environment:
    """The templates: everything escaped, and a name that is not there an error."""
    made = Environment(
        loader=PackageLoader("calf.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.globals["links"] = links
    made.globals["asset"] = shipped.asset
    return made
