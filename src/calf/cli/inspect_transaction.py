"""pachctl inspect transaction."""

from __future__ import annotations

import click

from calf.cli.active_transaction import choose
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.views.labels import repo_name
from calf.views.words import moment, printable
from calf.wire.messages import Message, transaction


@click.command("transaction")
@click.argument("id_", metavar="[TRANSACTION]", required=False)
@output_options
@click.pass_obj
def command(session: Session, id_: str | None, output: Output) -> None:
    """Show an open transaction and what it asks for, by default the active one."""
    wanted = transaction.Transaction(id=choose(session, id_))
    info = session.client.transaction.InspectTransaction(
        transaction.InspectTransactionRequest(transaction=wanted)
    )
    if output.raw:
        output.documents([info])
        return
    print_labels(
        [("ID", info.transaction.id), ("Started", moment(info.started, full=output.full_timestamps))]
    )
    click.echo("Requests:")
    for request in info.requests:
        click.echo(f"  {printable(describe(request))}")


def describe(request: Message) -> str:
    """A request in the words of the command that makes it."""
    for field, value in request.ListFields():
        words = field.name.removesuffix("_v2").replace("_", " ")
        if _is_update(field.name, value):
            words = words.replace("create", "update")
        return f"{words} {_object(field.name, value)}".strip()
    return "unknown request"


def _is_update(kind: str, request: Message) -> bool:
    if kind == "create_pipeline_v2":
        return bool(request.create_pipeline_request.update)
    return kind in ("create_repo", "create_pipeline") and bool(request.update)


def _object(kind: str, request: Message) -> str:
    if kind.endswith("_repo"):
        return repo_name(request.repo)
    if kind in ("start_commit", "create_branch", "delete_branch"):
        return f"{repo_name(request.branch.repo)}@{request.branch.name}"
    if kind == "finish_commit":
        return f"{_commit_repo(request.commit)}@{request.commit.id or request.commit.branch.name}"
    if kind == "squash_commit_set":
        return str(request.commit_set.id)
    if kind in ("stop_job", "update_job_state"):
        return f"{request.job.pipeline.name}@{request.job.id}"
    if kind == "create_pipeline_v2":
        return str(request.create_pipeline_request.pipeline.name)
    return str(request.pipeline.name) if kind == "create_pipeline" else ""


def _commit_repo(commit: Message) -> str:
    return repo_name(commit.repo if commit.repo.name else commit.branch.repo)
