"""pachctl run pipeline."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option
from calf.wire.messages import Message, calf_pps, pfs, pps

_INSTEAD = "`pachctl create branch REPO@BRANCH --head REPO@COMMIT` moves an input back, which starts a job"


@click.command("pipeline")
@click.argument("pipeline")
@click.argument("commits", metavar="[REPO@COMMIT]...", nargs=-1)
@click.option(
    "--job", default="", metavar="ID", help="On the inputs of this job, with the version that it ran."
)
@project_option
@click.pass_obj
def command(session: Session, pipeline: str, commits: tuple[str, ...], job: str, project: str | None) -> None:
    """Run a pipeline on commits of the past, every datum anew; prints the job.

    The output becomes a commit of its own: no branch moves, and nothing downstream starts. Inputs that are
    not named are read at the heads of their branches, or as the job of --job read them.

    \b
    pachctl run pipeline edges images@3f2a...     on this commit of an input
    pachctl run pipeline edges^2 images@3f2a...   in the version before the last but one
    pachctl run pipeline edges --job 9c1d...      once more what a job did; `pachctl replay` compares as well
    """
    where = session.project(project)
    request = calf_pps.RunPipelineRequest(
        pipeline=refs.pipeline(pipeline, where),
        provenance=[refs.commit(each, where) for each in commits],
        job_id=job,
    )
    with only_ours("run pipeline", _INSTEAD):
        made = session.client.call("/calf_pps_v1.API/RunPipeline", request).job
    info = session.client.pps.InspectJob(pps.InspectJobRequest(job=made))
    output = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=info.output_commit))
    read = [f"{each.repo.name}@{each.id}" for each in output.direct_provenance if each.repo.type == "user"]
    for each in output.direct_provenance:
        if each.repo.type == "user":
            _warn_of_bad_input(session, each)
    click.echo(f"version {info.pipeline_version} of {made.pipeline.name} reads {', '.join(read)}", err=True)
    click.echo(f"{made.pipeline.name}@{made.id}")


def _warn_of_bad_input(session: Session, commit: Message) -> None:
    """A head that ended with an error makes the job one that cannot run."""
    found = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))
    if found.error:
        name = commit.repo.name
        cure = f"name a good one, such as {name}@{commit.id}^, beside the others"
        session.warn(f"input {name}@{commit.id} has an error, so the job cannot run ({found.error}); {cure}")
