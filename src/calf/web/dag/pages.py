"""`/p/PROJECT`: the graph, and beside it the panel of a box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calf.model.errors import InvalidArgument
from calf.model.names import is_id
from calf.views.drawing.read_dag import read_dag
from calf.views.drawing.svg import draw_svg
from calf.web.dag.comparing import compare
from calf.web.dag.figure import figure
from calf.web.dag.nodes import Edges, Node, nodes_now, nodes_then
from calf.web.dag.panel import panel_of
from calf.web.dag.reading import Now, Then, read_now, read_set
from calf.web.dag.sets import sets_of
from calf.web.pages import Ask, Page, ask_of, page
from calf.wire.messages import pfs


def routes() -> list[BaseRoute]:
    """`/p/PROJECT` and the picture to be saved."""
    return [
        Route("/p/{project}/dag.svg", save_picture, methods=["GET"]),
        *page("/p/{project}", show),
    ]


def show(ask: Ask) -> Page:
    """The graph of a project; with `panel` in the query only what stands in the panel of that box."""
    if panel := ask.text("panel"):
        found = panel_of(ask.client, ask.project, panel, _set_id(ask, "commit"))
        return Page("dag/panel_alone.html", found["name"], {"panel": found})
    now = read_now(ask.client, ask.project)
    then, before = (
        read_set(ask.client, it) if (it := _set_id(ask, name)) else None for name in ("commit", "against")
    )
    nodes, edges, changes = _graph(ask, now, then, before)
    find = ask.text("find").strip()[:100]
    for node in nodes.values():
        node["found"] = bool(find) and (
            find.lower() in node["label"].lower() or find.lower() == node["state"]
        )
    data: dict[str, Any] = {
        "commit": then.id if then else "",
        "against": before.id if before else "",
        "find": find,
        "figure": figure(nodes, edges),
        "totals": dict(Counter(node["state"] for node in nodes.values() if node["state"]).most_common()),
        "began": [] if then is None else sorted(_began(then)),
        "changes": changes,
        "panel": None,
        **sets_of(ask.client, ask.project, ask.text("after"), [each for each in (then, before) if each]),
    }
    if chosen := ask.text("node"):
        data["panel"] = panel_of(ask.client, ask.project, chosen, _set_id(ask, "commit"))
    return Page(
        "dag/table.html" if ask.text("show") == "table" else "dag/dag.html",
        ask.project,
        data,
        live=before is None,
        section="dag",
    )


def _graph(
    ask: Ask, now: Now, then: Then | None, before: Then | None
) -> tuple[dict[str, Node], Edges, list[dict[str, Any]]]:
    if then is None:
        if before is not None:
            raise InvalidArgument("?against= needs ?commit=", "choose two commit sets in the bar")
        return *nodes_now(now, ask.project), []
    nodes, edges = nodes_then(now, then, ask.project)
    if before is None:
        return nodes, edges, []
    return nodes, edges, compare(ask.client, nodes, then, before)


def _began(then: Then) -> Iterator[str]:
    """The repos with which a set began: those whose commits users made."""
    for key, info in then.commits.items():
        if then.is_own(key) and info.origin.kind == pfs.USER:
            yield key.partition("/")[2]


def _set_id(ask: Ask, name: str) -> str:
    """The id of a commit set from the query. Raises `InvalidArgument`."""
    text = ask.text(name)
    if text and not is_id(text):
        raise InvalidArgument(f"?{name}={text[:40]} is no id of a commit set", "it has 32 characters 0-9a-f")
    return text


def save_picture(request: Request) -> Response:
    """The graph as `draw pipeline` draws it."""
    ask = ask_of(request)
    drawn = draw_svg(read_dag(ask.client, ask.project, _set_id(ask, "commit")))
    name = f"{ask.project}-dag.svg"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(drawn, media_type="image/svg+xml", headers=headers)
