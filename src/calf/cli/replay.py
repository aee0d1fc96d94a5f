"""pachctl replay."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calf.cli import refs
from calf.cli.job_at import job_at
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option
from calf.cli.words import printable
from calf.kit import exit_codes
from calf.model.errors import CalfError
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.cli.replaying import Options

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
    after it has said which file and how, and what changed around the stage; with 6 when none differs, but a
    job has no output to compare with, or cannot run any more.

    \b
    pachctl replay train@9c1d...          a job, or the commit that it made
    pachctl replay release@master^        the release before the last
    pachctl replay --all 9c1d...          each job of a commit set
    """
    from calf.cli.replaying import Options

    if (job is None) == (commit_set is None):
        raise click.UsageError("name PIPELINE@JOB, or --all and a commit set")
    options = Options(keep, anyway) if pictures is None else Options(keep, anyway, lambda: _made(pictures))
    with only_ours("replay", _INSTEAD), ended_in_order():
        if commit_set is not None:
            return _replay_all(session, commit_set, options, form)
        return _replay(session, job_at(session, str(job), project), options, form)


def _replay(session: Session, job: Message, options: Options, form: str | None) -> int:
    from calf.cli.replay_words import words
    from calf.cli.replaying import replay_job

    outcome = replay_job(session, job, options)
    if form == "json":
        click.echo(json.dumps(outcome.document()))
    else:
        click.echo("\n".join(map(printable, words(outcome))))
    return exit_codes.OK if outcome.ok else exit_codes.NOT_REPRODUCIBLE


def _replay_all(session: Session, commit_set: str, options: Options, form: str | None) -> int:
    """Each job of a set, upstream first. Of one that cannot be replayed it is said why, and others go on."""
    from calf.cli.replaying import CANNOT

    wanted = pps.JobSet(id=refs.set_id(commit_set, "the ID of a commit set"))
    infos = list(session.client.pps.InspectJobSet(pps.InspectJobSetRequest(job_set=wanted)))
    if not infos:
        raise click.UsageError(f"no job belongs to commit set {commit_set}")
    codes = []
    for info in infos:
        try:
            codes.append(_replay(session, info.job, options, form))
        except CalfError as error:
            if error.category not in CANNOT:
                raise
            session.warn(f"{info.job.pipeline.name}@{info.job.id} is not replayed: {error.message}")
            codes.append(exit_codes.WRONG_STATE)
    return max(codes)  # that of a difference is the greatest


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
