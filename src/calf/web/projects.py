"""All projects: where one begins, unless there is only one, which is gone to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from calf.web import links
from calf.web.pages import Ask, Page, ask_of, page
from calf.web.shaping import rfc3339
from calf.wire.messages import pfs


def routes() -> list[BaseRoute]:
    """`/`."""
    twin, shown = page("/", show_projects)

    def begin(request: Request) -> Response:
        if not request.query_params.get("all"):
            found = list(ask_of(request).client.pfs.ListProject(pfs.ListProjectRequest()))
            if len(found) == 1:
                return RedirectResponse(links.dag(found[0].project.name), 303)
        answer: Response = shown.endpoint(request)
        return answer

    return [twin, Route("/", begin, methods=["GET"])]


def show_projects(ask: Ask) -> Page:
    """Each project with its description."""
    projects = [
        {
            "name": info.project.name,
            "description": info.description,
            "created": rfc3339(info.created_at),
        }
        for info in ask.client.pfs.ListProject(pfs.ListProjectRequest())
    ]
    return Page("projects.html", "Projects", {"projects": projects}, live=True)
