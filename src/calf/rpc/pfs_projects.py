"""Projects over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.model.refs import Pipeline
from calf.pfs import projects, repos
from calf.pfs.engine import Pfs
from calf.pps import defaults, pipelines
from calf.pps.engine import Pps
from calf.pps.pipelines import PipelineQuery
from calf.rpc.call import Call, Handlers
from calf.wire.convert_pfs import write_project_info
from calf.wire.convert_refs import read_project
from calf.wire.messages import Message, google
from calf.wire.messages import pfs as api


def handlers(pps: Pps) -> Handlers:
    """All methods about projects."""
    pfs = pps.pfs
    return {
        "/pfs_v2.API/CreateProject": partial(create_project, pfs),
        "/pfs_v2.API/InspectProject": partial(inspect_project, pfs),
        "/pfs_v2.API/InspectProjectV2": partial(inspect_project_v2, pfs),
        "/pfs_v2.API/ListProject": partial(list_project, pfs),
        "/pfs_v2.API/DeleteProject": partial(delete_project, pps),
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
    """One record, with the project's defaults for pipelines."""
    info = inspect_project(pfs, request, call)
    with pfs.read() as tx:
        text, _ = defaults.of_project(tx, info.project.name)
    return api.InspectProjectV2Response(info=info, defaults_json=text)


def list_project(pfs: Pfs, _request: Message, _call: Call) -> Iterator[Message]:
    """Every record."""
    with pfs.read() as tx:
        infos = projects.list_(tx)
    yield from map(write_project_info, infos)


def delete_project(pps: Pps, request: Message, _call: Call) -> Message:
    """Remove an empty project; by force, with all that it holds."""
    name = read_project(request.project)
    gone: list[Pipeline] = []
    with pps.pfs.transaction() as txn:
        projects.inspect(txn.tx, name)
        if request.force:
            gone = [info.pipeline for info in pipelines.list_(txn.tx, PipelineQuery(projects=(name,)))]
            pipelines.delete_several(txn, gone, force=True)
            left = [info.repo for info in repos.list_(txn.tx, projects=(name,))]
            repos.delete_several(txn, left, force=True)
        projects.delete(txn, name)
    for pipeline in gone:
        pps.logs.delete(pipeline.project, pipeline.name)
    return google.Empty()
