"""What a run came to: the figures, the decision, and where the report lies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from calf.client.connection import Client
from calf.client.get import get_tree
from calf.wire.messages import Message, pfs
from driver.checkout import StepFailedError
from driver.repos import branch_head
from driver.sync import read_json

HEADLINES = {
    "mean_iou": "mean IoU (pet, background, border)",
    "mean_dice": "mean Dice",
    "pixel_accuracy": "pixel accuracy",
    "ece": "calibration error (ECE)",
}


def summarise(client: Client, console: Console, out: Path) -> None:
    """Print figures and decision, and lay the report (and an accepted model) into `out`."""
    metrics = read_json(client, "evaluate", "/metrics.json")
    decision = read_json(client, "release", "/decision.json")
    if metrics is None or decision is None:
        raise StepFailedError(
            "release decided nothing; `pachctl list datum release@master` shows what it ran on"
        )
    table = Table("METRIC", "TEST SPLIT", box=None)
    for key, words in HEADLINES.items():
        table.add_row(words, f"{metrics[key]:.4f}")
    console.print(table)
    for line in decision_lines(decision):
        console.print(line, highlight=False)
    for stage in ("evaluate", "release"):
        shutil.rmtree(out / stage, ignore_errors=True)
        get_tree(client, _file(stage, "/"), out / stage)
    head = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=branch_head("evaluate"))).commit
    console.print(f"\nreport: {out / 'evaluate/Report.html'}")
    console.print(f"  what made it:          pachctl why evaluate@{head.id}:/Report.html", highlight=False)
    console.print(f"  open it in a browser:  xdg-open {out / 'evaluate/Report.html'}", highlight=False)
    console.print(
        "  an older one:          pachctl get file evaluate@<commit>:/Report.html -o Report.html",
        highlight=False,
    )


def decision_lines(decision: Mapping[str, Any]) -> Iterator[str]:
    """The decision with its reasons, what was waived, and what to do with a model that is accepted."""
    waived = f" (waived: {', '.join(decision['waived'])})" if decision["waived"] else ""
    if not decision["accepted"]:
        yield f"\nrelease: [bold red]refused[/]{waived}"
    else:
        yield f"\nrelease: [bold green]accepted[/]{waived}"
    yield from (f"  {escape(reason)}" for reason in decision["reasons"])
    if decision["accepted"] and not any("is serving already" in reason for reason in decision["reasons"]):
        yield "  make it the one to beat:  pachctl copy file release@master:/ serving@master:/"


def _file(name: str, path: str) -> Message:
    return pfs.File(commit=branch_head(name), path=path)
