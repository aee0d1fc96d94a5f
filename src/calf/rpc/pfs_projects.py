"""Projects over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.pfs import projects
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.wire.convert_pfs import write_project_info
from calf.wire.convert_refs import read_project
from calf.wire.messages import Message, google
from calf.wire.messages import pfs as api


def handlers(pfs: Pfs) -> Handlers:
    """All methods about projects."""
    return {
        "/pfs_v2.API/CreateProject": partial(create_project, pfs),
        "/pfs_v2.API/InspectProject": partial(inspect_project, pfs),
        "/pfs_v2.API/InspectProjectV2": partial(inspect_project_v2, pfs),
        "/pfs_v2.API/ListProject": partial(list_project, pfs),
        "/pfs_v2.API/DeleteProject": partial(delete_project, pfs),
    }


def create_project(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Make a project, or change its description."""
    with pfs.transaction() as txn:
        projects.create(txn, request.project.name, request.description, request.update)
    return google.Empty()


def inspect_project(pfs: Pfs, request: Message, _call: Call) -> Message:
    """One record."""
    with pfs.read() as tx:
        return write_project_info(projects.inspect(tx, read_project(request.project)))


def inspect_project_v2(pfs: Pfs, request: Message, call: Call) -> Message:
    """One record, with the project's defaults for pipelines, of which there are none."""
    info = inspect_project(pfs, request, call)
    return api.InspectProjectV2Response(info=info, defaults_json="{}")


def list_project(pfs: Pfs, _request: Message, _call: Call) -> Iterator[Message]:
    """Every record."""
    with pfs.read() as tx:
        infos = projects.list_(tx)
    yield from map(write_project_info, infos)


def delete_project(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Remove an empty project."""
    with pfs.transaction() as txn:
        projects.delete(txn, read_project(request.project))
    return google.Empty()
