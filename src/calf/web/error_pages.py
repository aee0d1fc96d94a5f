"""What is shown in place of a page: what is wrong, and what to do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from calf.model.errors import CalfError, Category
from calf.web.login import needs_login
from calf.web.lost import near
from calf.web.pages import ask_of, error_data, render, status_of

_PASSING = (Category.UNREACHABLE, Category.TIMEOUT)


def show_error(request: Request, error: Exception) -> Response:
    """What the server said; names that are nearly the same; a page that asks again where it may pass."""
    assert isinstance(error, CalfError)
    if error.category is Category.UNAUTHENTICATED:
        return needs_login(request)
    data = {"page": None, "retry": error.category in _PASSING, "near": [], **error_data(error)}
    if error.category is Category.NOT_FOUND:
        data["near"] = near(ask_of(request).client, request.url.path)
    return render(request, "error.html", data, status_of(error))


def show_lost(request: Request, _: Exception) -> Response:
    """A URL that no page has."""
    data = {"error": "not-found", "message": "there is no such page", "hint": "the menu leads on"}
    return render(request, "error.html", {"page": None, **data}, 404)


def show_broken(request: Request, _: Exception) -> Response:
    """A mistake of ours; what it was stands in the log."""
    data = {
        "error": "internal",
        "message": "the dashboard made a mistake",
        "hint": "the server's log says which",
    }
    return render(request, "error.html", {"page": None, "near": [], **data}, 500)
