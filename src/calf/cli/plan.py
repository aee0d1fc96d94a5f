"""pachctl plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from calf.cli import refs
from calf.cli.only_ours import only_ours
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.spec_files import read_specs
from calf.cli.spec_text import SpecSource, spec_options
from calf.cli.table import print_table
from calf.kit.narrow import narrowed
from calf.views.plan_words import reasons, summary, words
from calf.views.words import shorten
from calf.wire.messages import Message, calf_pps, pps

_HEADERS = ("DATUM", "FILES", "ACTION", "WHY")
_LONGEST_FILES = 100
_LONGEST_WHY = 200
_INSTEAD = "`pachctl list datum -f SPEC` shows the datums of a spec, and `update pipeline --dry-run` the spec"


@click.command("plan")
@click.argument("pipeline", required=False)
@spec_options
@click.option(
    "-c",
    "--commit",
    "commits",
    multiple=True,
    metavar="REPO@COMMIT",
    help="Plan for this commit of an input instead of its head; repeatable.",
)
@click.option("--reprocess", is_flag=True, help="As `update pipeline --reprocess` would do.")
@click.option("--all", "every", is_flag=True, help="Show the datums that would be skipped, too.")
@project_option
@output_options
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    pipeline: str | None,
    source: SpecSource,
    commits: tuple[str, ...],
    reprocess: bool,
    every: bool,
    project: str | None,
    output: Output,
) -> None:
    """Say what a job would do before it runs: which datums run, which are skipped, and why.

    \b
    pachctl plan edges                     the pipeline as it is
    pachctl plan -f edges.yaml             an update that was not made yet
    pachctl plan edges -c images@master^   on older data
    """
    where = session.project(project)
    given = [refs.commit(each, where) for each in commits]
    if pipeline:
        if source != SpecSource():
            raise click.UsageError("name a pipeline, or give a spec")
        requests = [(pipeline, _of_pipeline(session, refs.pipeline(pipeline, where), reprocess))]
    else:
        requests = [
            (spec.name, calf_pps.PlanRequest(create_pipeline_request_json=spec.json, reprocess=reprocess))
            for spec in read_specs(session, source, where)
        ]
    for name, request in requests:
        request.commits.extend(given)
        with only_ours("plan", _INSTEAD):
            answers = session.client.call("/calf_pps_v1.API/Plan", request)
            if output.raw:
                output.documents(answers)
            else:
                _show(name, answers, every=every)


def _of_pipeline(session: Session, pipeline: Message, reprocess: bool) -> Message:
    """To reprocess is an update with the same spec."""
    return (
        plan_rerun(session, pipeline, reprocess=True)
        if reprocess
        else calf_pps.PlanRequest(pipeline=pipeline)
    )


def plan_rerun(session: Session, pipeline: Message, *, reprocess: bool) -> Message:
    """The request for the plan of an update with the spec that the pipeline has."""
    info = session.client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pipeline, details=True))
    spec = info.effective_spec_json or info.user_spec_json
    return calf_pps.PlanRequest(create_pipeline_request_json=spec, reprocess=reprocess)


def _show(name: str, answers: Iterator[Message], *, every: bool) -> None:
    first = next(answers).summary
    against = f", compared with job {first.base_job}" if first.base_job else ""
    click.echo(f"{name}, version {first.version}{against}: {summary(first)}")
    for line in reasons(first):
        click.echo(f"  {line}")
    datums = (each.datum for each in answers)
    rows = [_row(each) for each in datums if each.run or every]
    if rows:
        click.echo()
        print_table(_HEADERS, rows)


def _row(datum: Message) -> Sequence[str]:
    return (
        datum.id,
        shorten(", ".join(_part(each) for each in datum.inputs), _LONGEST_FILES),
        "run" if datum.run else "skip",
        shorten("; ".join(_difference(each) for each in datum.differences), _LONGEST_WHY) or "-",
    )


def _part(part: Message) -> str:
    commit = part.file.commit
    return f"{commit.repo.name}@{commit.id[:8]}:{part.file.path}"


def _difference(difference: Message) -> str:
    if difference.part == "inputs":
        return f"{difference.name} {difference.kind}"
    return words(difference.part, _change(difference))


def _change(difference: Message) -> str:
    pair = [text for text in narrowed(difference.before, difference.after) if text]
    change = " -> ".join(pair) if len(pair) == 2 else ""
    if difference.name:
        return f"{difference.name} {difference.kind}{': ' if change else ''}{change}"
    return change
