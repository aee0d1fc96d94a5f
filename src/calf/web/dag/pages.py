"""`/p/PROJECT`: the graph, and beside it the panel of a box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calf.model.errors import InvalidArgument, NotFound
from calf.model.names import is_id
from calf.views.drawing.svg import draw_svg
from calf.web.dag.comparing import ALIKE, add_files, compare
from calf.web.dag.faults import tell_why
from calf.web.dag.figure import figure
from calf.web.dag.nodes import Edges, Node, graph_of, nodes_now, nodes_then
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
    commit, against = _set_id(ask, "commit"), _set_id(ask, "against")
    if panel := ask.text("panel"):
        found = panel_of(ask.client, ask.project, panel, commit)
        return Page("dag/panel_alone.html", found["name"], {"panel": found})
    if against and not commit:
        raise InvalidArgument("?against= needs ?commit=", "choose two commit sets in the bar")
    now = read_now(ask.client, ask.project)
    chosen = [read_set(ask.client, each) for each in (commit, against) if each]
    nodes, edges = _graph(now, chosen, ask.project)
    if not against:
        tell_why(ask.client, nodes, edges)
    changes = compare(ask.client, nodes, now, *chosen) if against else []
    all_ = ask.text("files") == "count"
    counted = not against or add_files(ask.client, nodes, changes, *chosen, all_=all_)
    word = "change" if against else "state"
    find = _find(ask.text("find"), nodes, word)
    shown = figure(nodes, edges)
    order = {node["key"]: (node["x"], node["y"]) for node in shown["nodes"]}
    data: dict[str, Any] = {
        "commit": commit,
        "against": against,
        "find": find,
        "figure": shown,
        "totals": dict(Counter(each for node in nodes.values() if (each := node[word])).most_common()),
        "began": sorted(_began(chosen[0])) if chosen else [],
        "changes": sorted(changes, key=lambda row: order[row["key"]]),
        "changed": sum(row["change"] != ALIKE for row in changes),
        "counted": counted,
        "panel": _panel(ask, commit),
        **sets_of(ask.client, ask.project, ask.text("after"), chosen),
    }
    template = "dag/table.html" if ask.text("show") == "table" else "dag/dag.html"
    return Page(template, ask.project, data, live=not against, section="dag")


def _graph(now: Now, chosen: Sequence[Then], project: str) -> tuple[dict[str, Node], Edges]:
    """The boxes and edges as of the first of the chosen commit sets, or as they are where none is chosen."""
    return nodes_then(now, chosen[0], project) if chosen else nodes_now(now, project)


def _find(text: str, nodes: dict[str, Node], word: str) -> str:
    """Mark the boxes that have the text in their name, or are of that state or kind; the text, tidied."""
    wanted = text.strip()[:100]
    for node in nodes.values():
        name, words = node["label"].lower(), (node[word], node["kind"], node["type"])
        node["found"] = bool(wanted) and (wanted.lower() in name or wanted.lower() in words)
    return wanted


def _panel(ask: Ask, commit: str) -> dict[str, Any] | None:
    """The panel that stands open; a box that is no more has none."""
    try:
        return panel_of(ask.client, ask.project, node, commit) if (node := ask.text("node")) else None
    except NotFound:
        return None


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
    """The graph as `draw pipeline` draws it, of the boxes that the page has."""
    ask = ask_of(request)
    commit = _set_id(ask, "commit")
    now = read_now(ask.client, ask.project)
    chosen = [read_set(ask.client, commit)] if commit else []
    drawn = draw_svg(graph_of(*_graph(now, chosen, ask.project)))
    name = f"{ask.project}-dag.svg"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(drawn, media_type="image/svg+xml", headers=headers)
