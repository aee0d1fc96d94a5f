"""All that it takes to run a datum of a job by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calf.db import commits as commit_rows
from calf.db import datums, jobs, pipelines
from calf.db.tx import Tx
from calf.model.errors import NotFound
from calf.model.identity import datum_id
from calf.model.not_found import datum_not_found, pipeline_not_found
from calf.model.pps_infos import DatumInfo, Image, JobInfo
from calf.model.refs import Commit, Datum, File
from calf.model.spec.parts import Transform
from calf.model.states import DatumState
from calf.pfs import commits
from calf.pps.datums import enumerate_datums
from calf.pps.engine import Pps
from calf.pps.explain.why import environment_of
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.inspect import find


@dataclass(frozen=True, slots=True)
class DatumKit:
    """A datum with what its stage sees. `output` is the folder of what it left, also failing, in the meta
    repo; None while the job runs. `timeout` in seconds, 0.0: none.
    """

    datum: DatumInfo
    job: JobInfo
    image: Image | None
    transform: Transform
    env: Mapping[str, str]
    timeout: float
    output: File | None


def debug_datum(pps: Pps, wanted: Datum) -> DatumKit:
    """The kit of a datum, whether it has run, is running or waits; of a skipped one that of its run.

    Raises `NotFound` for job or datum.
    """
    catch_up(pps.pfs)
    with pps.pfs.read() as tx:
        info = _datum(pps, tx, wanted)
        job = find(tx, info.datum.job)
        version = pipelines.get(tx, job.job.pipeline, job.pipeline_version)
        if version is None or version.spec.transform is None:
            raise pipeline_not_found(job.job.pipeline)
        return DatumKit(
            datum=info,
            job=job,
            image=job.image or version.image,
            transform=version.spec.transform,
            env=environment_of(version, info),
            timeout=version.spec.datum_timeout,
            output=_output(tx, info),
        )


def _datum(pps: Pps, tx: Tx, wanted: Datum) -> DatumInfo:
    job = find(tx, wanted.job)
    number = jobs.number(tx, wanted.job)
    known = len(wanted.id) == 64 and set(wanted.id) <= set("0123456789abcdef")
    found = datums.get(tx, wanted.job, number, wanted.id) if known and number is not None else None
    found = found or _not_run_yet(pps, tx, job, wanted)
    if found is None:
        raise datum_not_found(wanted.id, wanted.job)
    return found


def _not_run_yet(pps: Pps, tx: Tx, job: JobInfo, wanted: Datum) -> DatumInfo | None:
    version = pipelines.get(tx, job.job.pipeline, job.pipeline_version)
    if version is None or version.spec.input is None:
        return None
    try:
        sources = commits.inputs(tx, job.output_commit)
        for inputs in enumerate_datums(pps.pfs, tx, version.spec.input, sources):
            if datum_id(inputs) == wanted.id:
                return DatumInfo(wanted, DatumState.UNKNOWN, "", inputs)
    except NotFound:  # the commit of the job was dropped, and its inputs with it
        return None
    return None


def _output(tx: Tx, info: DatumInfo) -> File | None:
    job = info.datum.job
    meta = Commit(job.pipeline.meta_repo, job.id)
    row = commit_rows.get(tx, meta)
    return File(meta, f"/pfs/{info.datum.id}/out/") if row is not None and row.finished else None
