"""pachctl draw pipeline."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import click

from calf.cli.session import Session, project_option
from calf.views.drawing.graph import Graph


@click.command("pipeline")
@click.option(
    "-c", "--commit", "commit_set", default="", metavar="ID", help="One run: the jobs of this commit set."
)
@click.option(
    "--box-width", default=0, metavar="N", help="ascii: characters of a box; default: as its text needs."
)
@click.option(
    "--edge-height", default=5, show_default=True, metavar="N", help="ascii: least lines between boxes."
)
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(["ascii", "mermaid", "dot", "svg"]),
    default="ascii",
    show_default=True,
    help="How to draw.",
)
@project_option
@click.pass_obj
def command(
    session: Session, commit_set: str, box_width: int, edge_height: int, form: str, project: str | None
) -> None:
    """Draw the DAG of a project: its repos and pipelines, with the state of each pipeline and its last job.

    \b
    pachctl draw pipeline
    pachctl draw pipeline -o svg > dag.svg
    pachctl draw pipeline -c ID              the jobs that one change started
    """
    from calf.views.drawing.read_dag import read_dag

    where = session.project(project)
    graph = read_dag(session.client, where, commit_set)
    if not graph.nodes:
        click.echo(f"there is nothing to draw in project {where}", err=True)
    click.echo(_drawer(form, box_width, edge_height)(graph), nl=False)


def _drawer(form: str, box_width: int, edge_height: int) -> Callable[[Graph], str]:
    from calf.views.drawing.ascii import draw_ascii
    from calf.views.drawing.dot import draw_dot
    from calf.views.drawing.mermaid import draw_mermaid
    from calf.views.drawing.svg import draw_svg

    drawers: dict[str, Callable[[Graph], str]] = {
        "ascii": partial(draw_ascii, box_width=box_width, edge_height=edge_height),
        "mermaid": draw_mermaid,
        "dot": draw_dot,
        "svg": draw_svg,
    }
    return drawers[form]
