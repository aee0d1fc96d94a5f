"""Defaults of specs over the wire: of the cluster and of projects, told and set."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from calf.model.refs import Pipeline
from calf.pps import defaults
from calf.pps.defaults import CLUSTER, Change
from calf.pps.engine import Pps
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_project, write_pipeline
from calf.wire.messages import Message
from calf.wire.messages import pps as api
from calf.wire.times import write_time


class _DryRun(Exception):
    """Undoes a transaction that was only to show what would come of it."""


def handlers(pps: Pps) -> Handlers:
    """All methods about defaults."""
    return {
        "/pps_v2.API/GetClusterDefaults": partial(get_cluster_defaults, pps),
        "/pps_v2.API/SetClusterDefaults": partial(set_cluster_defaults, pps),
        "/pps_v2.API/GetProjectDefaults": partial(get_project_defaults, pps),
        "/pps_v2.API/SetProjectDefaults": partial(set_project_defaults, pps),
    }


def get_cluster_defaults(pps: Pps, _request: Message, _call: Call) -> Message:
    """The cluster's document."""
    with pps.pfs.read() as tx:
        return api.GetClusterDefaultsResponse(cluster_defaults_json=defaults.of_cluster(tx))


def get_project_defaults(pps: Pps, request: Message, _call: Call) -> Message:
    """A project's document."""
    with pps.pfs.read() as tx:
        text, at = defaults.of_project(tx, read_project(request.project))
    return api.GetProjectDefaultsResponse(project_defaults_json=text, created_at=write_time(at))


def set_cluster_defaults(pps: Pps, request: Message, _call: Call) -> Message:
    """Set the cluster's document; answers which pipelines it concerns."""
    affected = _set(pps, CLUSTER, request.cluster_defaults_json, request)
    return api.SetClusterDefaultsResponse(affected_pipelines=map(write_pipeline, affected))


def set_project_defaults(pps: Pps, request: Message, _call: Call) -> Message:
    """Set a project's document; answers which pipelines it concerns."""
    affected = _set(pps, read_project(request.project), request.project_defaults_json, request)
    return api.SetProjectDefaultsResponse(affected_pipelines=map(write_pipeline, affected))


def _set(pps: Pps, scope: str, text: str, request: Message) -> list[Pipeline]:
    with suppress(_DryRun), pps.pfs.transaction() as txn:
        affected = defaults.replace(pps, txn, scope, text, Change(request.regenerate, request.reprocess))
        if request.dry_run:
            raise _DryRun
    return affected
