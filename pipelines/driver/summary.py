"""What a run came to: the figures, the decision, and where the report lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from calf.client.connection import Client
from calf.client.get import get_file, get_tree
from calf.wire.messages import Message, pfs
from driver.sync import branch_head

HEADLINES = {
    "mean_iou": "mean IoU (pet, background, border)",
    "mean_dice": "mean Dice",
    "pixel_accuracy": "pixel accuracy",
    "ece": "calibration error (ECE)",
}


def summarise(client: Client, console: Console, out: Path) -> None:
    """Print figures and decision, and lay the report (and an accepted model) into `out`."""
    metrics = _json(client, "evaluate", "/metrics.json")
    decision = _json(client, "release", "/decision.json")
    table = Table("METRIC", "TEST SPLIT", box=None)
    for key, words in HEADLINES.items():
        table.add_row(words, f"{metrics[key]:.4f}")
    console.print(table)
    accepted = bool(decision["accepted"])
    console.print(f"\nrelease: {'[bold green]accepted[/]' if accepted else '[bold red]refused[/]'}")
    for reason in decision["reasons"]:
        console.print(f"  {_words(reason)}", highlight=False)
    get_tree(client, _file("evaluate", "/"), out / "evaluate")
    get_tree(client, _file("release", "/"), out / "release")
    console.print(f"\nreport: {out / 'evaluate/Report.html'}")
    console.print(f"  open it in a browser:  xdg-open {out / 'evaluate/Report.html'}", highlight=False)
    console.print(
        "  an older one:          pachctl get file evaluate@<commit>:/Report.html -o Report.html",
        highlight=False,
    )


def _words(reason: Any) -> str:
    return reason if isinstance(reason, str) else ", ".join(f"{key} {value}" for key, value in reason.items())


def _json(client: Client, repo: str, path: str) -> dict[str, Any]:
    text = b"".join(get_file(client, _file(repo, path)))
    return dict(json.loads(text))


def _file(name: str, path: str) -> Message:
    return pfs.File(commit=branch_head(name), path=path)
