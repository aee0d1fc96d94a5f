"""Follows a run's jobs to their ends, and sees to it that each stage has one that can begin."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from calf.client.connection import Client
from calf.wire.messages import pfs, pps
from driver.apply import find_pipeline
from driver.checkout import ROOT, STAGES, StepFailedError
from driver.watch import Row, watch


def refuse_stopped(client: Client) -> None:
    """Raise `StepFailedError` when a stage is stopped: its old output would be shown."""
    if stopped := stopped_stages(client):
        names, verb = ", ".join(stopped), "is" if len(stopped) == 1 else "are"
        cures = "".join(f"\n  {start_command(name)}" for name in stopped)
        raise StepFailedError(f"{names} {verb} stopped, so that nothing would run there; start first:{cures}")


def stopped_stages(client: Client) -> list[str]:
    """The stages that somebody stopped, in the order of the stages."""
    found = ((name, find_pipeline(client, name)) for name in STAGES)
    return [name for name, pipeline in found if pipeline is not None and pipeline.stopped]


def start_command(name: str) -> str:
    """What starts a stopped pipeline, ready to paste."""
    return f"{ROOT / '.venv/bin/pachctl'} start pipeline {name}"


def follow(client: Client, names: Sequence[str], console: Console) -> list[Row]:
    """Follow the newest jobs of stages, in the order of the data, until all have ended.

    A job that a failure above kept from running is made anew, once, when all above is well by now: the cure
    may have come by a commit that starts nothing further down.
    """
    rows = watch(client, names, console)
    revived: set[str] = set()
    while (name := stranded(rows)) and name not in revived:
        revived.add(name)
        console.print(f"{name}: kept from running by a failure that is mended now; it runs")
        pipeline = pps.Pipeline(name=name, project=pfs.Project(name="default"))
        client.pps.RerunPipeline(pps.RerunPipelineRequest(pipeline=pipeline))
        rows = watch(client, names, console)
    return rows


def stranded(rows: Sequence[Row]) -> str:
    """The first stage without success, if it never ran and all before it are well; else nothing."""
    first = next((row for row in rows if row.state != "success"), None)
    return first.pipeline if first is not None and first.state == "unrunnable" else ""
