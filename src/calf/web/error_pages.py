"""What is shown in place of a page: what is wrong, and what to do."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

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
    if request.url.path.endswith(".json"):
        return JSONResponse(data, 404)
    return render(request, "error.html", {"page": None, **data}, 404)


def show_broken(request: Request, error: Exception) -> Response:
    """A mistake of ours: what it was stands in the log, under the number that the page names."""
    number, now = uuid.uuid4().hex[:8], datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    error.add_note(f"error {number} of the dashboard, at {request.method} {request.url.path!r}")
    data = {
        "error": "internal",
        "message": f"the dashboard made a mistake: error {number}, at {now}",
        "hint": f"the server's log says which: look there for {number}",
        "number": number,
        "time": now,
    }
    if request.url.path.endswith(".json"):
        return JSONResponse(data, 500)
    return render(request, "error.html", {"page": None, "near": [], **data}, 500)
