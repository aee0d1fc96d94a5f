"""Making a pipeline, and making a new version of one (spec B8)."""

from __future__ import annotations

from calf.db import pipelines
from calf.model.not_found import pipeline_exists, pipeline_not_found
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import Pipeline
from calf.model.spec import Input, PipelineSpec, to_json, validate, with_defaults
from calf.pfs.transaction import Txn
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import UPDATED
from calf.pps.jobs.stop import stop_all
from calf.pps.pipelines.own_inputs import make_own_inputs, with_starts
from calf.pps.pipelines.ports import check_port_is_free
from calf.pps.pipelines.state import judge, state_of
from calf.pps.pipelines.unsupported import refuse_unsupported
from calf.pps.pipelines.wiring import (
    check_inputs,
    check_name_is_free,
    make_repos,
    mark_version,
    unwire,
    wire,
)


def effective_spec(pps: Pps, spec: PipelineSpec) -> PipelineSpec:
    """The spec that would be stored and run.

    Raises `InvalidSpec`; `Unimplemented` for what is missing.
    """
    validate(spec)
    refuse_unsupported(spec)
    return with_defaults(spec, pps.settings.default_image)


def create(
    pps: Pps, txn: Txn, spec: PipelineSpec, user_json: str, *, update: bool = False, reprocess: bool = False
) -> PipelineInfo:
    """Make a pipeline, or with `update` its next version, which kills the jobs of the old one.

    At the end of the transaction output and meta commit are open, which means a job, also when nothing
    changed and over empty inputs; not so while the pipeline is stopped. Datums that are as before are
    skipped, unless `reprocess` gives the version a new salt. The image's name is pinned now; one that is
    not known makes the pipeline CRASHING until it is.

    Raises what `effective_spec` does; `AlreadyExists` without `update`, also for a repo of that name;
    `NotFound` for project or input repo; `FieldError` for a cycle or a port that is taken.
    """
    effective = with_starts(effective_spec(pps, spec), txn.now)
    if not update and pipelines.get(txn.tx, effective.pipeline) is not None:
        raise pipeline_exists(effective.pipeline)
    return _make(pps, txn, effective, user_json, reprocess, spec.input)


def rerun(pps: Pps, txn: Txn, pipeline: Pipeline, *, reprocess: bool = False) -> PipelineInfo:
    """Make a new version of the same spec, and so a job on the current inputs. Raises `NotFound`."""
    info = pipelines.get(txn.tx, pipeline)
    if info is None:
        raise pipeline_not_found(pipeline)
    return _make(pps, txn, info.spec, info.user_spec_json, reprocess, info.spec.input)


def _make(
    pps: Pps, txn: Txn, spec: PipelineSpec, user_json: str, reprocess: bool, given: Input | None
) -> PipelineInfo:
    """Make a version from an effective spec; errors about inputs name their place in `given`."""
    old = pipelines.get(txn.tx, spec.pipeline)
    if old is None:
        check_name_is_free(txn, spec.pipeline)
    make_repos(txn, spec)
    check_inputs(txn, given, spec.pipeline)
    check_port_is_free(txn.tx, spec, pps.settings.port)
    make_own_inputs(txn, spec, old)
    info = _version(pps, txn, spec, user_json, old, reprocess)
    if old is not None:
        stop_all(txn, old.pipeline, UPDATED)
        moved = (old.spec.output_branch, old.type) != (spec.output_branch, spec.type)
        if moved and not old.stopped:
            unwire(txn, old.spec)
    if not info.stopped:
        wire(txn, spec)
    pipelines.insert_version(txn.tx, info)
    txn.record("pipeline-changed", info.pipeline)
    return info


def _version(
    pps: Pps,
    txn: Txn,
    spec: PipelineSpec,
    user_json: str,
    old: PipelineInfo | None,
    reprocess: bool,
) -> PipelineInfo:
    image, why = judge(pps, txn.tx, spec)
    stopped = old.stopped if old else False
    state, reason = state_of(spec, why, stopped)
    return PipelineInfo(
        pipeline=spec.pipeline,
        version=old.version + 1 if old else 1,
        spec_commit=mark_version(txn, spec.pipeline),
        type=spec.type,
        state=state,
        spec=spec,
        salt=_salt(pps, spec, old, reprocess),
        reason=reason,
        stopped=stopped,
        image=image,
        user_spec_json=user_json,
        effective_spec_json=to_json(spec),
        created=old.created if old else txn.now,
        updated=txn.now,
    )


def _salt(pps: Pps, spec: PipelineSpec, old: PipelineInfo | None, reprocess: bool) -> str:
    """The old salt, so that results are kept; else the spec's own, if it is a new one, or a fresh one."""
    if old is not None and not reprocess:
        return old.salt
    if spec.salt and (old is None or old.salt != spec.salt):
        return spec.salt
    return pps.pfs.new_id()
