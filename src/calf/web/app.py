"""The dashboard as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from jinja2 import Environment, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from calf.model.errors import CalfError
from calf.web import actions, jobs, links, live, login, pipelines, projects, prometheus, search, shipped
from calf.web.actions.replays import Replays
from calf.web.dag.pages import routes as dag_routes
from calf.web.error_pages import show_broken, show_error, show_lost
from calf.web.files.routes import routes as file_routes
from calf.web.guard import Guard
from calf.web.keeper import OPEN, Keeper
from calf.web.lineage.pages import routes as lineage_routes
from calf.web.live.hub import Hub
from calf.web.login import Login, cookie_of
from calf.web.reports import routes as report_routes
from calf.web.shaping import FILTERS
from calf.web.taken_in import read_templates
from calf.web.upstream import Upstream

TOPICS: tuple[Callable[[], list[BaseRoute]], ...] = (
    projects.routes,
    dag_routes,
    file_routes,
    pipelines.routes,
    jobs.routes,
    lineage_routes,
    search.routes,
    live.routes,
    prometheus.routes,
    login.routes,
)
"""What gives the routes, a topic each."""


class Dashboard(Starlette):
    """The application, behind the guard: also what it says when it is broken bears the guard's headers."""

    hosts: tuple[str, ...] = ()

    def build_middleware_stack(self) -> ASGIApp:
        """See `Starlette`."""
        return Guard(super().build_middleware_stack(), self.hosts)


def make_app(
    upstream: Upstream, hosts: Iterable[str], keeper: Keeper = OPEN, free: tuple[str, ...] = ()
) -> Dashboard:
    """The dashboard of a server, to be asked under the names `hosts`, by whom `keeper` lets in.

    The paths `free` are anybody's. The application closes `upstream` when it ends.
    """
    replays = Replays()
    routes = [*(route for topic in TOPICS for route in topic()), *actions.routes(replays)]
    routes += report_routes(replays)
    routes.append(shipped.mount())
    app = Dashboard(
        routes=routes,
        middleware=[
            Middleware(Login, keeper=keeper, free=free),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers={CalfError: show_error, 404: show_lost, 500: show_broken},
        lifespan=_close,
    )
    app.hosts = tuple(hosts)
    app.state.upstream = upstream
    app.state.keeper = keeper
    app.state.hub = Hub(upstream)
    app.state.followers = set()
    app.state.replays = replays
    app.state.templates = make_templates()
    return app


@asynccontextmanager
async def _close(app: Starlette) -> AsyncIterator[None]:
    yield
    app.state.hub.close()
    app.state.replays.close()
    app.state.upstream.close()


def make_templates() -> Environment:
    """The templates as they are now: everything escaped, and a name that is not there an error."""
    made = Environment(
        loader=read_templates(),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.globals["links"] = links
    made.globals["asset"] = shipped.asset
    made.globals["cookie_of"] = cookie_of
    return made
