"""Defaults of pipeline specs, of the cluster or of a project: how they are set, and what that changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from calf.cli.session import project_option
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.cli.session import Session


@dataclass(frozen=True, slots=True)
class DefaultsChange:
    """Whose defaults are set, and what is to become of the pipelines that they concern."""

    cluster: bool = False
    project: str | None = None
    regenerate: bool = False
    reprocess: bool = False
    dry_run: bool = False


def whose_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--cluster` and `--project`, of which the first wins over the current project."""
    option = click.option(
        "--cluster", is_flag=True, help="Those of the whole cluster instead of a project's."
    )

    @project_option
    @option
    @wraps(function)
    def checked(*args: Any, cluster: bool, project: str | None, **kwargs: Any) -> Any:
        if cluster and project:
            raise click.UsageError("give --cluster or --project, not both")
        return function(*args, cluster=cluster, project=project, **kwargs)

    return checked


def change_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what says whose defaults and how far the change goes, handed over as `change: DefaultsChange`."""

    @click.option("--regenerate", is_flag=True, help="Update the pipelines that it concerns.")
    @click.option("--reprocess", is_flag=True, help="... and run all their datums anew; needs --regenerate.")
    @click.option("--dry-run", is_flag=True, help="Say which pipelines it concerns, and change nothing.")
    @whose_options
    @wraps(function)
    def with_change(*args: Any, **kwargs: Any) -> Any:
        names = ("cluster", "project", "regenerate", "reprocess", "dry_run")
        change = DefaultsChange(**{name: kwargs.pop(name) for name in names})
        if change.reprocess and not change.regenerate:
            raise click.UsageError("--reprocess needs --regenerate")
        return function(*args, change=change, **kwargs)

    return with_change


def set_defaults(session: Session, document: object, change: DefaultsChange) -> None:
    """Send defaults and print which pipelines they concern."""
    text = json.dumps(document, ensure_ascii=False)
    flags = {"regenerate": change.regenerate, "reprocess": change.reprocess, "dry_run": change.dry_run}
    if change.cluster:
        answer = session.client.pps.SetClusterDefaults(
            pps.SetClusterDefaultsRequest(cluster_defaults_json=text, **flags)
        )
    else:
        where = pfs.Project(name=session.project(change.project))
        answer = session.client.pps.SetProjectDefaults(
            pps.SetProjectDefaultsRequest(project=where, project_defaults_json=text, **flags)
        )
    _show(answer.affected_pipelines, change)


def _show(pipelines: Iterable[Message], change: DefaultsChange) -> None:
    lines = [f"\t{each.project.name}/{each.name}" for each in pipelines]
    click.echo("\n".join(["affected pipelines:", *lines]) if lines else "no affected pipelines")
    if lines and not change.regenerate:
        whose = "--cluster" if change.cluster else f"--project {change.project}" if change.project else ""
        again = " ".join(filter(None, ("pachctl update defaults", whose, "--regenerate -f FILE")))
        click.echo(
            f"hint: they stay as they are until they are updated, or all at once by `{again}`", err=True
        )


def get_defaults(session: Session, *, cluster: bool, project: str | None) -> str:
    """The defaults in force, as JSON."""
    if cluster:
        return str(
            session.client.pps.GetClusterDefaults(pps.GetClusterDefaultsRequest()).cluster_defaults_json
        )
    where = pfs.Project(name=session.project(project))
    answer = session.client.pps.GetProjectDefaults(pps.GetProjectDefaultsRequest(project=where))
    return str(answer.project_defaults_json)


def read_document(source: str) -> object:
    """The one document, YAML or JSON, of a file; `-` is standard input."""
    from calf.cli.spec_text import SpecSource
    from calf.kit.strict_yaml import load_all
    from calf.model.errors import InvalidSpec

    name, text = SpecSource(source).read_here()
    documents = load_all(text, name)
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise InvalidSpec(
            f"{name}: must hold one object", 'as in {"createPipelineRequest": {"datumTries": 5}}'
        )
    return documents[0].value
