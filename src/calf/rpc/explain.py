"""Explanations over the wire: what would run and why, where a file comes from, how to run a datum by hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.model.errors import InvalidArgument
from calf.model.pps_infos import DatumInput
from calf.model.refs import File
from calf.pps import defaults, explain
from calf.pps.engine import Pps
from calf.pps.explain import Difference, Origin, PlannedDatum
from calf.pps.jobs.catch_up import catch_up
from calf.pps.pipelines import effective_spec
from calf.rpc.call import Call, Handlers
from calf.rpc.spec_json import read_spec
from calf.rpc.write_plan import write_plan
from calf.wire.convert_pfs import write_commit_info
from calf.wire.convert_pps import (
    read_datum,
    write_datum_info,
    write_effective_spec,
    write_image,
    write_job_info,
)
from calf.wire.convert_refs import (
    read_commit_ref,
    read_file,
    read_pipeline,
    write_commit,
    write_file,
    write_job,
    write_pipeline,
)
from calf.wire.messages import Message, calf_pps, pps
from calf.wire.times import write_duration

_HISTORY = 100 * 365 * 86400.0
"""Seconds: logs of any age."""


def handlers(engine: Pps) -> Handlers:
    """All methods that explain."""
    return {
        "/calf_pps_v1.API/Plan": partial(plan, engine),
        "/calf_pps_v1.API/Why": partial(why, engine),
        "/calf_pps_v1.API/DebugDatum": partial(debug_datum, engine),
    }


def plan(engine: Pps, request: Message, call: Call) -> Iterator[Message]:
    """What a job would do: the summary, then each datum."""
    catch_up(engine.pfs)
    given = [read_commit_ref(commit) for commit in request.commits]
    with engine.pfs.read() as tx:
        if request.create_pipeline_request_json:
            wanted = defaults.merged(tx, read_spec(request.create_pipeline_request_json))
            spec, again = effective_spec(engine, wanted.spec), wanted.reprocess or request.reprocess
            found = explain.plan(engine, tx, spec, given, reprocess=again)
        elif request.HasField("pipeline"):
            found = explain.plan_pipeline(engine, tx, read_pipeline(request.pipeline), given)
        else:
            raise InvalidArgument("must specify a pipeline or a spec to plan")
    yield calf_pps.PlanResponse(summary=write_plan(found))
    for datum in found.datums:
        call.cancel.check()
        yield calf_pps.PlanResponse(datum=_write_planned(datum))


def _write_planned(datum: PlannedDatum) -> Message:
    return calf_pps.PlannedDatum(
        id=datum.id,
        hash=datum.hash,
        run=bool(datum.differences),
        differences=map(_write_difference, datum.differences),
        inputs=map(_write_part, datum.inputs),
    )


def _write_difference(it: Difference) -> Message:
    return calf_pps.Difference(part=it.part, name=it.name, kind=it.kind, before=it.before, after=it.after)


def _write_part(part: DatumInput) -> Message:
    return calf_pps.DatumPart(
        name=part.name,
        file=write_file(File(part.commit, part.path), part.branch),
        hash=part.hash,
        size_bytes=part.size,
        branch=part.branch,
        join_on=part.join_on,
        group_by=part.group_by,
        lazy=part.lazy,
        empty_files=part.empty_files,
        reference=part.reference,
    )


def why(engine: Pps, request: Message, call: Call) -> Iterator[Message]:
    """The origin of a file, or of each file of a directory."""
    ref, path, _ = read_file(request.file)
    for origin in explain.why(engine, ref, path, call.cancel):
        call.cancel.check()
        yield _write_origin(origin)


def _write_origin(origin: Origin) -> Message:
    message = calf_pps.Origin(
        file=write_file(origin.file),
        hash=origin.hash,
        size_bytes=origin.size,
        env=origin.env,
        statement=origin.statement,
        job=write_job_info(origin.job) if origin.job else None,
        commit=write_commit_info(origin.commit) if origin.commit else None,
    )
    if origin.datum is not None:
        run = origin.datum.datum
        message.datum.CopyFrom(write_datum_info(origin.datum))
        message.inputs.extend(map(_write_part, origin.datum.inputs))
        message.logs.CopyFrom(
            pps.GetLogsRequest(
                pipeline=write_pipeline(run.job.pipeline),
                job=write_job(run.job),
                datum=pps.Datum(job=write_job(run.job), id=run.id),
                since=write_duration(_HISTORY),
            )
        )
    if origin.pipeline is not None:
        version = origin.pipeline
        image = (origin.job.image if origin.job else None) or version.image
        message.MergeFrom(
            calf_pps.Origin(
                image=write_image(image),
                spec_commit=write_commit(version.spec_commit),
                pipeline_version=version.version,
                effective_spec_json=write_effective_spec(version),
                salt=version.salt,
            )
        )
    return message


def debug_datum(engine: Pps, request: Message, _call: Call) -> Message:
    """What it takes to run a datum by hand."""
    kit = explain.debug_datum(engine, read_datum(request.datum))
    transform = kit.transform
    return calf_pps.DebugDatumResponse(
        datum=write_datum_info(kit.datum),
        job=write_job_info(kit.job),
        image=write_image(kit.image),
        cmd=transform.cmd,
        stdin=transform.stdin,
        err_cmd=transform.err_cmd,
        err_stdin=transform.err_stdin,
        env=kit.env,
        working_dir=transform.working_dir,
        user=transform.user,
        inputs=map(_write_part, kit.datum.inputs),
        output=write_file(kit.output) if kit.output else None,
        accept_return_code=transform.accept_return_code,
        datum_batching=transform.datum_batching,
        timeout=write_duration(kit.timeout) if kit.timeout else None,
    )
