"""What is done with pipelines and jobs."""

from __future__ import annotations

from calf.model.errors import InvalidArgument, Unimplemented
from calf.model.names import is_id
from calf.views.names import repo_called
from calf.web import links
from calf.web.actions.posting import Deed
from calf.web.jobs.shapes import job_of, pipeline_of
from calf.wire.messages import Message, calf_pps, pfs, pps, transaction

_REASON = "job stopped"
_MOST_COMMITS = 50


def start(deed: Deed) -> str:
    """Go on with a stopped pipeline."""
    deed.ask.client.pps.StartPipeline(pps.StartPipelineRequest(pipeline=_pipeline(deed)))
    return _page(deed)


def stop(deed: Deed) -> str:
    """Stop a pipeline, which kills its jobs."""
    deed.ask.client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=_pipeline(deed), must_exist=True))
    return _page(deed)


def rerun(deed: Deed) -> str:
    """A new version with the same spec; with `reprocess` every datum runs anew."""
    again = bool(deed.form.get("reprocess"))
    deed.ask.client.pps.RerunPipeline(pps.RerunPipelineRequest(pipeline=_pipeline(deed), reprocess=again))
    return _page(deed)


def run(deed: Deed) -> str:
    """A job beside all branches: on what `job` read, or on the `commits`, one a line."""
    project, name = deed.ask.project, deed.ask.path["pipeline"]
    lines = [line.strip() for line in deed.form.get("commits", "").splitlines() if line.strip()]
    if len(lines) > _MOST_COMMITS:
        raise InvalidArgument(f"{len(lines)} commits are too many", "name one for each input")
    request = calf_pps.RunPipelineRequest(
        pipeline=_pipeline(deed),
        provenance=[_commit(line, project) for line in lines],
        job_id=deed.form.get("job", ""),
    )
    if not request.provenance and not request.job_id:
        raise InvalidArgument("no commit is named", "write REPO@COMMIT, one a line")
    try:
        made = deed.ask.client.call("/calf_pps_v1.API/RunPipeline", request).job
    except Unimplemented as error:
        error.message = "this server does not run pipelines on commits of the past"
        error.hint = "that is calf's own, which a Pachyderm cluster does not have"
        raise
    return links.job(project, name, made.id)


def stop_job(deed: Deed) -> str:
    """Kill a job."""
    project, name, job_id = deed.ask.project, deed.ask.path["pipeline"], deed.ask.path["job"]
    job = job_of(project, name, job_id)
    deed.ask.client.pps.StopJob(pps.StopJobRequest(job=job, reason=_REASON))
    return links.job(project, name, job_id)


def restart_datum(deed: Deed) -> str:
    """Start over the running datum that reads the files of the form: all that are named `file…`."""
    project, name, job_id = deed.ask.project, deed.ask.path["pipeline"], deed.ask.path["job"]
    files = [value for field, value in deed.form.items() if field.startswith("file")]
    if not files:  # every datum reads none of none
        raise InvalidArgument("no file of a datum is named", "choose a datum that runs, on the job's page")
    request = pps.RestartDatumRequest(job=job_of(project, name, job_id), data_filters=files)
    deed.ask.client.pps.RestartDatum(request)
    return links.job(project, name, job_id)


def stop_set(deed: Deed) -> str:
    """Kill the jobs of a set that have not ended, all at once."""
    set_id = deed.ask.path["set"]
    whole = pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id))
    requests = [
        transaction.TransactionRequest(stop_job=pps.StopJobRequest(job=info.job, reason=_REASON))
        for info in deed.ask.client.pps.InspectJobSet(whole)
        if not info.HasField("finished")
    ]
    if requests:
        batch = transaction.BatchTransactionRequest(requests=requests)
        deed.ask.client.transaction.BatchTransaction(batch)
    return links.job_set(deed.ask.project, set_id)


def _pipeline(deed: Deed) -> Message:
    return pipeline_of(deed.ask.project, deed.ask.path["pipeline"])


def _page(deed: Deed) -> str:
    return links.pipeline(deed.ask.project, deed.ask.path["pipeline"])


def _commit(text: str, project: str) -> Message:
    """`REPO@COMMIT` or `REPO@BRANCH`, the latter with ancestry. Raises `InvalidArgument`."""
    name, _, which = text.partition("@")
    if not name or not which or ":" in text:
        raise InvalidArgument(f"{text[:80]!r} does not name a commit", "write REPO@COMMIT")
    repo = repo_called(name, project)
    if is_id(which):
        return pfs.Commit(repo=repo, id=which)
    return pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name=which))
