"""Sends a spec to the server, with what the user should know about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from calf.cli.spec_warnings import warn_after, warn_before
from calf.views.plan_words import reasons, summary
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.cli.session import Session
    from calf.cli.spec_files import SpecDocument

UNCHANGED = "Pipeline unchanged, no update will be performed."


def submit(session: Session, spec: SpecDocument, request: Message) -> None:
    """Send one spec with the flags of `request`; a dry run shows the effective spec."""
    from calf.model.errors import CalfError

    if not session.context.get("active_transaction"):
        warn_before(session, spec.spec)
    request.create_pipeline_request_json = spec.json
    before = _effective(session, spec) if request.dry_run and request.update else None
    try:
        plan = _trial(session, request)
        response = session.client.pps.CreatePipelineV2(request)
    except CalfError as error:
        error.message = f"{spec.where(error.field)}: {error.message}"
        raise
    if request.dry_run:
        plan = _told(response)
    if plan is not None:
        report(spec.name, plan)
    elif not request.dry_run and response.calf.unknown:
        session.warn(f"pipeline {spec.name}: {response.calf.unknown}")
    if request.dry_run:
        _show_dry_run(json.loads(response.effective_create_pipeline_request_json), before, request)
    elif not session.context.get("active_transaction") and not (plan and plan.unknown):
        warn_after(session, spec.spec)


def _trial(session: Session, request: Message) -> Message | None:
    """What an update will do, as our server tells of a dry run; None where there is nothing to compare."""
    if request.dry_run or not request.update or session.context.get("active_transaction"):
        return None
    trial = pps.CreatePipelineV2Request()
    trial.CopyFrom(request)
    trial.dry_run = True
    return _told(session.client.pps.CreatePipelineV2(trial))


def _told(response: Message) -> Message | None:
    return response.calf if response.HasField("calf") and response.calf.version > 1 else None


def report(name: str, plan: Message) -> None:
    """Say what an update runs again and why; on standard error, since standard output is Pachyderm's."""
    lines = [f"{name}, version {plan.version}: {summary(plan, 'will run again')}", *reasons(plan)]
    click.echo("\n  ".join(lines), err=True)


def _show_dry_run(effective: Any, before: Any, request: Message) -> None:
    if before is not None and effective == before and not request.reprocess:
        click.echo(UNCHANGED)
    else:
        click.echo(json.dumps(effective, indent=2, ensure_ascii=False))


def _effective(session: Session, spec: SpecDocument) -> Any:
    """The effective spec of the pipeline as it is, None when there is no such pipeline."""
    from calf.cli import refs
    from calf.model.errors import CalfError, Category

    target = refs.pipeline(spec.spec.pipeline.name, spec.spec.pipeline.project)
    try:
        info = session.client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=target, details=True))
    except CalfError as error:
        if error.category is Category.NOT_FOUND:
            return None
        raise
    return json.loads(info.effective_spec_json) if info.effective_spec_json else None
