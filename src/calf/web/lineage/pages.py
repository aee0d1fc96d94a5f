"""The lineage of a file, and the check of what is signed about it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calf.client.connection import Client
from calf.model.errors import CalfError, Category, NotFound
from calf.views.words import printable
from calf.web import links
from calf.web.files.places import crumbs_to_path, file_in, find_commit
from calf.web.lineage.behind import made_by
from calf.web.lineage.chain import chain
from calf.web.lineage.origins import NO_ORIGINS, origins_of, reads_of
from calf.web.lineage.signed import signed_data, verified_data
from calf.web.lineage.spots import Spot, spot_of
from calf.web.lineage.uses import uses_of
from calf.web.pages import Ask, Page, ask_of, page, render, token_of
from calf.web.reports.decisions import verdict
from calf.wire.messages import Message, pfs

_MOST_FILES = 100
_UNKNOWN = "this server knows no verification: it is calf's own. `pachctl fsck` checks what is stored"


def routes() -> list[BaseRoute]:
    """`/p/{project}/repos/{name}/lineage`, `/verify`."""
    return [
        *page("/p/{project}/repos/{name}/lineage", show_lineage),
        Route("/p/{project}/repos/{name}/verify", verify, methods=["POST"]),
    ]


def show_lineage(ask: Ask) -> Page:
    """What made a file (or the files of a folder), and what was made from it."""
    commit = find_commit(ask, ask.needed("commit")).commit
    spot = spot_of(commit)
    info = _inspect(ask, file_in(commit, ask.text("path", "/") or "/"))
    is_folder = info.file_type == pfs.DIR
    path = info.file.path.rstrip("/") + "/" if is_folder else info.file.path
    origins = origins_of(ask.client, spot, path) if info.hash else NO_ORIGINS
    made = made_by(ask.client, spot)
    runs = origins["runs"]
    reads = reads_of(made, runs[0] if len(runs) == 1 and not is_folder else None)
    data = {
        **spot.data,
        "path": path,
        "folder": is_folder,
        "size": int(info.size_bytes),
        "hash": info.hash.hex(),
        "origins": origins,
        "files": _files(ask, spot, path) if is_folder else {"paths": [], "next": ""},
        "uses": uses_of(ask.client, spot, path, ask.text("look")),
        "chain": chain(ask.client, spot, path, reads, ask.text("about")),
        "verdict": verdict(ask.client, spot) if made else None,
        "signed": signed_data(ask.client, spot) if made else None,
    }
    shown = printable(path.rstrip("/").rpartition("/")[2] or f"{spot.repo}@{spot.commit[:8]}")
    return Page(
        "lineage/lineage.html",
        f"Lineage of {shown}",
        data,
        crumbs_to_path(ask, spot.commit, path),
        section="repos",
    )


def _inspect(ask: Ask, file: Message) -> Message:
    """The record of a file; of the root of a commit that holds nothing one without a hash."""
    try:
        return ask.client.pfs.InspectFile(pfs.InspectFileRequest(file=file))
    except NotFound:
        if file.path != "/":
            raise
    return pfs.FileInfo(file=file, file_type=pfs.DIR)


def _files(ask: Ask, spot: Spot, path: str) -> dict[str, Any]:
    """What lies in a folder, a page of it: each has a lineage of its own."""
    marker = ask.text("after")
    request = pfs.ListFileRequest(
        file=spot.file(path),
        number=_MOST_FILES + 1,
        paginationMarker=spot.file(marker) if marker else None,
    )
    paths = [info.file.path for info in islice(ask.client.pfs.ListFile(request), _MOST_FILES + 1)]
    return {"paths": paths[:_MOST_FILES], "next": paths[_MOST_FILES - 1] if len(paths) > _MOST_FILES else ""}


def verify(request: Request) -> Response:
    """Have the engine check a commit and all behind it; a part of a page for htmx, else a page."""
    ask = ask_of(request)
    spot = spot_of(find_commit(ask, ask.needed("commit")).commit)
    patient = request.app.state.upstream.patient(token_of(request))
    try:
        data = _verified(patient, spot)
    finally:
        patient.close()
    if request.headers.get("hx-request"):
        return render(request, "lineage/verdict.html", data)
    back = links.lineage(spot.project, spot.repo, spot.commit, "/")
    shown = Page(
        "lineage/verified.html", f"Verification of {spot.repo}@{spot.commit[:8]}", data, (("Lineage", back),)
    )
    return render(request, shown.template, {"page": shown, **data})


def _verified(client: Client, spot: Spot) -> dict[str, Any]:
    try:
        return {"problem": "", **verified_data(client, spot)}
    except CalfError as error:
        if error.category is Category.UNIMPLEMENTED:
            return {"problem": _UNKNOWN}
        raise
