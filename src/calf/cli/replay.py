"""pachctl replay."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from calf.cli import refs
from calf.cli.job_at import job_at
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option
from calf.cli.states import job_state
from calf.cli.words import printable
from calf.kit import exit_codes
from calf.wire.messages import Message, pps

_INSTEAD = "`pachctl run pipeline` with the commits of a job runs it again, and `pachctl diff file` compares"


@click.command("replay")
@click.argument("job", metavar="PIPELINE@JOB", required=False)
@click.option("--all", "commit_set", metavar="ID", help="Replay every job of a commit set, upstream first.")
@click.option("--keep", is_flag=True, help="Keep the new commit, and print its id.")
@click.option("--anyway", is_flag=True, help="Run even if the recorded image was changed.")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where pictures that differ are shown; default: a new folder for temporary files.",
)
@click.option("-o", "--output", "form", type=click.Choice(["json"]), help="Print documents for programs.")
@project_option
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    job: str | None,
    commit_set: str | None,
    keep: bool,
    anyway: bool,
    pictures: Path | None,
    form: str | None,
    project: str | None,
) -> int:
    """Run a job of the past again, and say whether it makes the same, bit for bit.

    It runs the recorded inputs, version and image; no branch moves. Exits with 104 when the output differs,
    after it has said which file and how, and what changed around the stage.

    \b
    pachctl replay train@9c1d...          a job, or the commit that it made
    pachctl replay release@master^        the release before the last
    pachctl replay --all 9c1d...          each job of a commit set
    """
    from calf.cli.replay_words import words
    from calf.cli.replaying import Options, replay_job

    if (job is None) == (commit_set is None):
        raise click.UsageError("name PIPELINE@JOB, or --all and a commit set")
    options = Options(keep, anyway) if pictures is None else Options(keep, anyway, lambda: _made(pictures))
    ok = True
    with only_ours("replay", _INSTEAD), ended_in_order():
        for each in _of_set(session, commit_set) if commit_set else [job_at(session, str(job), project)]:
            outcome = replay_job(session, each, options)
            ok = ok and outcome.ok
            if form == "json":
                click.echo(json.dumps(outcome.document()))
            else:
                click.echo("\n".join(map(printable, words(outcome))))
    return exit_codes.OK if ok else exit_codes.NOT_REPRODUCIBLE


@contextmanager
def ended_in_order() -> Iterator[None]:
    """When this process is asked to end (SIGTERM), what was begun is cleared away first, as with Ctrl-C."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _of_set(session: Session, commit_set: str) -> Iterator[Message]:
    """The jobs of a set, upstream first; those that have no output to compare with are told of."""
    wanted = pps.JobSet(id=refs.set_id(commit_set, "the ID of a commit set"))
    infos = list(session.client.pps.InspectJobSet(pps.InspectJobSetRequest(job_set=wanted)))
    if not infos:
        raise click.UsageError(f"no job belongs to commit set {commit_set}")
    for info in infos:
        if info.state == pps.JOB_SUCCESS:
            yield info.job
        else:
            name = f"{info.job.pipeline.name}@{info.job.id}"
            session.warn(f"{name} is not replayed: it is {job_state(info.state)}, and has no output")
