"""The routes of this topic."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from calf.web.files.browse import show_files
from calf.web.files.commit import show_commit
from calf.web.files.difference import show_difference
from calf.web.files.history import show_history
from calf.web.files.raw import send_raw
from calf.web.files.repo import show_repo
from calf.web.files.repos import show_repos
from calf.web.files.upload import Uploads, show_upload
from calf.web.pages import page

_REPOS = "/p/{project}/repos"
_REPO = f"{_REPOS}/{{name}}"


def routes() -> list[BaseRoute]:
    """Below `/p/{project}/repos`."""
    return [
        *page(_REPOS, show_repos),
        *page(f"{_REPO}/commit", show_commit),
        *page(f"{_REPO}/files", show_files),
        *page(f"{_REPO}/history", show_history),
        *page(f"{_REPO}/diff", show_difference),
        Route(f"{_REPO}/raw", send_raw, methods=["GET"]),
        Route(f"{_REPO}/upload", Uploads().put, methods=["POST"]),
        *page(f"{_REPO}/upload", show_upload),
        *page(_REPO, show_repo),
    ]
