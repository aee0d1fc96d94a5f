"""pachctl replay."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calf.cli.job_at import job_at
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option
from calf.kit import exit_codes
from calf.views.words import printable
from calf.wire.messages import Message

if TYPE_CHECKING:
    from calf.views.replay.outcome import Outcome
    from calf.views.replay.running import Options

_INSTEAD = "`pachctl run pipeline` with the commits of a job runs it again, and `pachctl diff file` compares"


@click.command("replay")
@click.argument("job", metavar="PIPELINE@JOB", required=False)
@click.option(
    "--all", "commit_set", metavar="ID|REPO@COMMIT", help="Replay every job behind it, upstream first."
)
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
    pachctl replay --all release@master   each job behind it, back to the users' commits
    pachctl replay --all 9c1d...          each job behind the outputs of a commit set
    """
    from calf.cli.waiting import tell_of
    from calf.views.replay.running import Options

    if (job is None) == (commit_set is None):
        raise click.UsageError("name PIPELINE@JOB, or --all and a commit set")
    with only_ours("replay", _INSTEAD), ended_in_order():
        options = Options(keep, anyway, watch=tell_of(session.client))
        if pictures is not None:
            options = replace(options, folder=lambda: _made(pictures))
        if commit_set is not None:
            from calf.cli.replay_set import jobs_behind

            return _replay_all(session, jobs_behind(session, commit_set, project), options, form)
        outcome = _replay(session, job_at(session, str(job), project), options, form)
        return exit_codes.OK if outcome.ok else exit_codes.NOT_REPRODUCIBLE


def _replay(session: Session, job: Message, options: Options, form: str | None) -> Outcome:
    from calf.views.replay.running import replay_job
    from calf.views.replay.words import words

    outcome = replay_job(session.client, job, options)
    if form == "json":
        click.echo(json.dumps(outcome.document()))
    else:
        click.echo("\n".join(map(printable, words(outcome))))
    return outcome


def _replay_all(session: Session, jobs: list[Message], options: Options, form: str | None) -> int:
    """Each job, upstream first, and the sum; documents for programs have none."""
    from calf.cli.replay_set import exit_code, replay_set, total, words_about

    if form is None:
        click.echo(words_about(jobs))
    results = list(replay_set(session, jobs, lambda job: _replay(session, job, options, form)))
    if form is None:
        click.echo(total(results))
    return exit_code(results)


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
