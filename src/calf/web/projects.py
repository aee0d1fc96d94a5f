"""All projects: where one begins."""

from __future__ import annotations

from starlette.routing import BaseRoute

from calf.web.pages import Ask, Page, page
from calf.web.shaping import rfc3339
from calf.wire.messages import pfs


def routes() -> list[BaseRoute]:
    """`/`."""
    return [*page("/", show_projects)]


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
