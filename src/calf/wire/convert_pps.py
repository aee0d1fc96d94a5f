"""The records of pipelines, jobs and datums from the model to the wire."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from calf.model.pps_infos import DatumInfo, DatumInput, Image, JobInfo, LogLine, PipelineInfo, Stats
from calf.model.refs import Branch, Commit, Datum, File
from calf.model.spec import Input, PfsInput, PipelineSpec, sources, to_document
from calf.model.spec import to_json as spec_text
from calf.model.spec.inputs import CronInput
from calf.model.states import FileType, PipelineState
from calf.wire.convert_refs import read_job, write_commit, write_file, write_job, write_pipeline
from calf.wire.documents import from_document, to_json
from calf.wire.messages import Message, calf, pfs, pps
from calf.wire.times import write_duration, write_time

_WITHOUT_WORKERS = frozenset({PipelineState.PAUSED, PipelineState.STANDBY, PipelineState.FAILURE})


def write_pipeline_info(info: PipelineInfo, *, details: bool = False) -> Message:
    """A PipelineInfo; `details` (the spec and more) only where asked for, as clients expect."""
    return pps.PipelineInfo(
        pipeline=write_pipeline(info.pipeline),
        version=info.version,
        spec_commit=write_commit(info.spec_commit, "master"),
        stopped=info.stopped,
        state=info.state.value,
        reason=info.reason,
        last_job_state=info.last_job_state.value,
        metadata=info.metadata,
        parallelism=info.spec.parallelism,
        type=info.type.value,
        details=_pipeline_details(info) if details else None,
        user_spec_json=info.user_spec_json,
        effective_spec_json=write_effective_spec(info),
        calf=calf.PipelineNote(image=write_image(info.image)),
    )


def write_effective_spec(info: PipelineInfo) -> str:
    """The JSON of what a pipeline runs, as protobuf writes a CreatePipelineRequest."""
    return _effective_spec(info.effective_spec_json or "{}", info.salt)


@lru_cache(maxsize=1024)
def _effective_spec(text: str, salt: str) -> str:
    """Kept, as it takes half a millisecond and whoever lists pipelines has it made for each."""
    return to_json(from_document({**json.loads(text), "salt": salt}, pps.CreatePipelineRequest()))


@lru_cache(maxsize=1024)
def _spec_details(text: str) -> Message:
    """What of the details stands in the spec. Danger: kept, so only to be copied from."""
    return from_document(json.loads(text), pps.PipelineInfo.Details(), lenient=True)


def _pipeline_details(info: PipelineInfo) -> Message:
    details = pps.PipelineInfo.Details()
    details.CopyFrom(_spec_details(info.effective_spec_json or spec_text(info.spec)))
    details.MergeFrom(
        pps.PipelineInfo.Details(
            salt=info.salt,
            reason=info.reason,
            recent_error=info.reason,
            created_at=write_time(info.created),
            updated_at=write_time(info.updated),
            workers_requested=0 if info.state in _WITHOUT_WORKERS else info.spec.parallelism,
            workers_available=info.workers,
            unclaimed_tasks=info.unclaimed,
        )
    )
    return details


def write_image(image: Image | None) -> Message | None:
    """What a stage runs in; None while that is not known."""
    return calf.Image(name=image.name, digest=image.digest, kind=image.kind) if image else None


def write_job_info(
    info: JobInfo,
    spec: PipelineSpec | None = None,
    commits: Mapping[Branch, Commit] | None = None,
    *,
    branch: str = "",
) -> Message:
    """A JobInfo; with `spec` it has details, whose inputs name the `commits` that the job reads.

    `branch` is that of the output commit, as in `write_commit`.
    """
    message = pps.JobInfo()
    message.CopyFrom(_job_record(info, branch))
    if spec:
        message.details.CopyFrom(_job_details(spec, commits or {}))
    return message


@lru_cache(maxsize=2048)
def _job_record(info: JobInfo, branch: str) -> Message:
    """A JobInfo without details. Danger: kept, since lists have the same ones each time; only to be copied
    from.
    """
    return pps.JobInfo(
        job=write_job(info.job),
        pipeline_version=info.pipeline_version,
        output_commit=write_commit(info.output_commit, branch),
        restart=info.restarts,
        data_processed=info.counts.processed,
        data_skipped=info.counts.skipped,
        data_failed=info.counts.failed,
        data_recovered=info.counts.recovered,
        data_total=info.counts.total,
        stats=write_stats(info.stats),
        state=info.state.value,
        reason=info.reason,
        created=write_time(info.created),
        started=write_time(info.started),
        finished=write_time(info.finished),
        calf=_write_note(info),
    )


def _write_note(info: JobInfo) -> Message:
    limits = [calf.Limit(name=limit.name, value=limit.value, by=limit.by) for limit in info.limits]
    return calf.JobNote(
        image=write_image(info.image), isolation=info.isolation, detached=info.detached, limits=limits
    )


def write_worker_status(worker: str, datum: Datum, started: float, inputs: Iterable[DatumInput]) -> Message:
    """A WorkerStatus: what a worker does now, and since when."""
    status = pps.DatumStatus(started=write_time(started), data=_input_files(inputs))
    return pps.WorkerStatus(worker_id=worker, job_id=datum.job.id, datum_status=status)


def _input_files(inputs: Iterable[DatumInput]) -> list[Message]:
    return [pps.InputFile(path=part.path, hash=part.hash) for part in inputs]


def _job_details(spec: PipelineSpec, commits: Mapping[Branch, Commit]) -> Message:
    if spec.input is not None:
        spec = dataclasses.replace(spec, input=_with_commits(spec.input, commits))
    return from_document(to_document(spec), pps.JobInfo.Details(), lenient=True)


def _with_commits(node: Input, commits: Mapping[Branch, Commit]) -> Input:
    if isinstance(node, PfsInput | CronInput):
        commit = commits.get(sources(node)[0].source)
        return dataclasses.replace(node, commit=commit.id) if commit else node
    return dataclasses.replace(node, members=tuple(_with_commits(member, commits) for member in node.members))


def write_job_set_info(set_id: str, jobs: Iterable[Message]) -> Message:
    """A JobSetInfo of jobs as they were written."""
    return pps.JobSetInfo(job_set=pps.JobSet(id=set_id), jobs=jobs)


def write_stats(stats: Stats) -> Message:
    """A ProcessStats."""
    return pps.ProcessStats(
        download_time=write_duration(stats.download_time),
        process_time=write_duration(stats.process_time),
        upload_time=write_duration(stats.upload_time),
        download_bytes=stats.download_bytes,
        upload_bytes=stats.upload_bytes,
    )


def read_datum(message: Message) -> Datum:
    """A Datum. Raises InvalidArgument when its job is missing."""
    return Datum(read_job(message.job), message.id)


def write_datum_info(info: DatumInfo, branch: str = "") -> Message:
    """A DatumInfo; a datum that was only listed, not run, has no job id and no record in the meta repo.

    `branch` is the one of that record's commit, for clients that read it.
    """
    job = info.datum.job
    ran = bool(job.id)
    record = File(Commit(job.pipeline.meta_repo, job.id), f"/pfs/{info.datum.id}")
    return pps.DatumInfo(
        datum=pps.Datum(id=info.datum.id, job=write_job(job) if ran else None),
        state=info.state.value,
        stats=write_stats(info.stats),
        pfs_state=write_file(record, branch) if ran else None,
        data=[_write_datum_input(each) for each in info.inputs],
        image_id=info.image_id,
        calf=calf.DatumNote(reason=info.reason, hash=info.hash),
    )


def _write_datum_input(part: DatumInput) -> Message:
    kind = FileType.DIR if part.path.endswith("/") else FileType.FILE
    return pfs.FileInfo(
        file=write_file(File(part.commit, part.path), part.branch),
        file_type=kind.value,
        size_bytes=part.size,
        hash=part.hash,
    )


def write_log_message(line: LogLine, inputs: Iterable[DatumInput] = ()) -> Message:
    """A LogMessage; `inputs` are those of the line's datum."""
    return pps.LogMessage(
        project_name=line.project,
        pipeline_name=line.pipeline,
        job_id=line.job,
        datum_id=line.datum,
        master=not (line.datum or line.user),
        user=line.user,
        ts=write_time(line.at),
        message=line.message,
        data=_input_files(inputs),
    )
