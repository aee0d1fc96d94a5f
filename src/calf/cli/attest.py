"""pachctl attest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calf.cli import refs
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option
from calf.model.errors import CalfError
from calf.views.words import many, printable
from calf.wire.messages import Message, google, pps

if TYPE_CHECKING:
    from calf.cli.proving import Replay
    from calf.model.statement.reading import Statement

_INSTEAD = "`pachctl inspect commit` names what a commit was made from"
_ALL, _NONE = "all", "none"


@click.command("attest")
@click.argument("commit", metavar="[REPO@COMMIT]", required=False)
@click.option(
    "-o",
    "--output",
    "into",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write; default: standard output.",
)
@click.option(
    "--replay",
    "wanted",
    default=_NONE,
    show_default=True,
    metavar="all|none|PIPELINE,...",
    help="Also run the jobs behind it again, and write down whether they make the same.",
)
@click.option("--public-key", is_flag=True, help="Print the key that checks the server's signatures.")
@project_option
@click.pass_obj
def command(
    session: Session,
    commit: str | None,
    into: Path | None,
    wanted: str,
    public_key: bool,
    project: str | None,
) -> None:
    """Write the proof of what an output holds and what it was made from.

    It is checked without a server by `pachctl verify --proof`. What could not be verified or reproduced is
    written down in it too, and is no failure of this command.

    \b
    pachctl attest model@master -o proof.json
    pachctl attest model@master --replay all -o proof.json
    pachctl attest --public-key > calf.pub
    """
    with only_ours("attest", _INSTEAD):
        if public_key:
            answer = session.client.call("/calf_v1.Attestation/PublicKey", google.Empty())
            click.echo(answer.pem, nl=False)
            return
        if commit is None:
            raise click.UsageError("name a commit, as REPO@COMMIT")
        _write(session, refs.commit(commit, session.project(project)), into, wanted)


def _write(session: Session, commit: Message, into: Path | None, wanted: str) -> None:
    from calf.cli.proving import collect
    from calf.model.statement.replays import LEVELS

    if wanted not in (_ALL, _NONE):
        _check_names(session, commit, wanted)
    proof = collect(session.client, commit, None if wanted == _NONE else _replay(session, wanted))
    for problem in proof["verified"]["problems"]:
        click.echo(f"warning: {printable(problem)}", err=True)
    for job in (proof["reproduced"] or {}).get("jobs", ()):
        if job["result"] not in LEVELS:
            told = f": {job['detail']}" if job["detail"] else ""
            click.echo(f"warning: {job['job']} {job['result']}{printable(told)}", err=True)
    text = json.dumps(proof, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if into is None:
        click.echo(text, nl=False)
        return
    into.write_text(text, encoding="utf-8")
    verified = proof["verified"]
    statements = many(verified["statements"], "statement")
    click.echo(f"{into}: {statements} about {proof['commit']}", err=True)


def _check_names(session: Session, commit: Message, wanted: str) -> None:
    """Refuse the name of a pipeline that made nothing of this."""
    from calf.cli.proving import read_chain

    known = {each.statement.job.partition("@")[0] for each in read_chain(session.client, commit)}
    plain = {pipeline.rpartition("/")[2] for pipeline in known}
    for name in sorted(_names(wanted) - known - plain):
        raise click.UsageError(f"no job of {name!r} is behind it; those of {', '.join(sorted(plain))} are")


def _names(wanted: str) -> set[str]:
    return {name.strip() for name in wanted.split(",")}


def _replay(session: Session, wanted: str) -> Replay:
    """Replays all jobs, or those of the pipelines named, with commas between."""
    names = _names(wanted)

    def replay(statement: Statement) -> Mapping[str, Any]:
        from calf.cli.proving import NOT_REPLAYED
        from calf.cli.waiting import tell_of
        from calf.views.replay.running import CANNOT, Options, replay_job

        pipeline, _, job_id = statement.job.partition("@")
        project, _, name = pipeline.partition("/")
        if wanted != _ALL and name not in names and pipeline not in names:
            return {"result": NOT_REPLAYED, "detail": ""}
        of = pps.Pipeline(name=name, project={"name": project})
        try:
            job = pps.Job(pipeline=of, id=job_id)
            outcome = replay_job(session.client, job, Options(sign=True, watch=tell_of(session.client)))
        except CalfError as error:
            if error.category not in CANNOT:
                raise
            return {"result": NOT_REPLAYED, "detail": error.message}
        told = {"result": outcome.result, "detail": outcome.detail}
        return {**told, "signed": outcome.signed} if outcome.ok and outcome.signed else told

    return replay
