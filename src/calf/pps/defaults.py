"""Defaults for the specs of pipelines: of the cluster, and of a project, which lie over those (spec B4).

What a pipeline runs is the user's spec laid over its project's defaults laid over the cluster's. Both what
the user gave and what came of it are kept with each version, so changed defaults change nothing by
themselves: `regenerate` makes new versions of the pipelines that they concern.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from calf.db import defaults as rows
from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument, InvalidSpec
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import Pipeline
from calf.model.spec import PipelineRequest, canonical, merge, parse_request, to_json
from calf.model.spec.keys import by_key
from calf.model.spec.merging import check_not_emptied
from calf.model.spec.parsing import FLAGS
from calf.pfs import projects
from calf.pfs.transaction import Txn
from calf.pps.engine import Pps
from calf.pps.pipelines.create import create, effective_spec
from calf.pps.pipelines.own_inputs import with_starts

NONE = "{}"
"""The document of a scope that has no defaults."""
CLUSTER = rows.CLUSTER
_KEY = "create_pipeline_request"


@dataclass(frozen=True, slots=True)
class Change:
    """What to do with new defaults: with `regenerate`, make new versions of the pipelines concerned, with
    `reprocess` such that run all their datums.
    """

    regenerate: bool = False
    reprocess: bool = False


def of_cluster(tx: Tx) -> str:
    """The cluster's document, as it was set: `{"createPipelineRequest": {...}}`."""
    found = rows.get(tx, CLUSTER)
    return found[0] if found else NONE


def of_project(tx: Tx, project: str) -> tuple[str, float]:
    """A project's document, as it was set, and when (0.0: never). Raises `NotFound` for the project."""
    projects.inspect(tx, project)
    return rows.get(tx, project) or (NONE, 0.0)


def merged(tx: Tx, document: Mapping[str, object]) -> PipelineRequest:
    """The request of a user's document, laid over the defaults of its project.

    Raises `FieldError` with the place in the user's document for what is wrong there.
    """
    given = canonical(document)
    check_not_emptied(given)
    request = parse_request(merge({}, given))
    under = _laid_under(tx, request.spec.pipeline.project)
    return parse_request(merge(under, given)) if under else request


def user_json(document: Mapping[str, object]) -> str:
    """What is kept of a user's document: all but the flags of the request."""
    return json.dumps({key: value for key, value in document.items() if key not in _ALL_FLAGS})


def replace(pps: Pps, txn: Txn, scope: str, text: str, change: Change) -> list[Pipeline]:
    """Set the document of a scope (`CLUSTER`, or a project's name) to the JSON `text`.

    Gives the pipelines whose effective spec is another one now; with `regenerate` they have new versions,
    too. Raises `FieldError` for what no spec has, or for a pipeline that is not valid any more; `NotFound`
    for the project.
    """
    if change.reprocess and not change.regenerate:
        raise InvalidArgument("reprocess needs regenerate", "say --regenerate too, or leave --reprocess out")
    if scope != CLUSTER:
        projects.inspect(txn.tx, scope)
    text = text.strip() or NONE
    _check(text)
    rows.put(txn.tx, scope, text, txn.now)
    concerned = [info for info in pipelines.all_(txn.tx) if scope in (CLUSTER, info.pipeline.project)]
    return [info.pipeline for info in reversed(concerned) if _regenerate(pps, txn, info, change)]


def forget(txn: Txn) -> None:
    """Go back to no defaults anywhere; pipelines stay as they are."""
    rows.delete_all(txn.tx)


def _regenerate(pps: Pps, txn: Txn, info: PipelineInfo, change: Change) -> bool:
    """Whether defaults make another spec of what the user of a pipeline gave; a new version if asked for."""
    document = json.loads(info.user_spec_json or NONE)
    if not document:
        return False
    try:
        spec = merged(txn.tx, document).spec
        if to_json(with_starts(effective_spec(pps, spec), info.updated)) == to_json(info.spec):
            return False
        if change.regenerate:
            create(pps, txn, spec, info.user_spec_json, update=True, reprocess=change.reprocess)
    except InvalidSpec as error:
        text = f'pipeline "{info.pipeline}" would not be valid: {error.message}'
        raise InvalidSpec(text, error.hint, error.field) from None
    return True


def _laid_under(tx: Tx, project: str) -> dict[str, object]:
    """The defaults of a project over those of the cluster."""
    laid: dict[str, object] = {}
    for scope in (CLUSTER, project):
        found = rows.get(tx, scope)
        if found:
            laid = merge(laid, _check(found[0]))
    return laid


def _check(text: str) -> dict[str, object]:
    """The defaults in a document, in one spelling. Raises `FieldError` for what is wrong with them."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidSpec(f"malformed defaults: {error}", "it must be one JSON object") from None
    if not isinstance(document, Mapping):
        raise InvalidSpec("malformed defaults: it must be one JSON object")
    inside = by_key(document, (_KEY,), "").get(_KEY, {})
    if not isinstance(inside, Mapping):
        raise InvalidSpec(f"{_KEY}: must be an object", "", _KEY)
    found = canonical(inside)
    for key in ("pipeline", *FLAGS):
        if key in found:
            raise InvalidSpec(f"{key} cannot have a default", "each pipeline says that for itself", key)
    parse_request({"pipeline": {"name": "any"}, **found})
    return found


_ALL_FLAGS = (*FLAGS, "dryRun")
