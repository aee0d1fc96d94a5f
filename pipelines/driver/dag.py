"""The whole run on one engine, step by step."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from calf.client.connection import connect
from driver import sources
from driver.apply import apply
from driver.checkout import ROOT, STAGES, run_calf, spec_files
from driver.sources import Files, Parameters
from driver.sync import sync
from driver.watch import Row, watch

REPOS = {
    "weights": "Pretrained weights, never fetched at run time.",
    "params": "Resolved parameters, a file a stage.",
    "pets": "Photos and trimaps in Oxford-IIIT Pet layout.",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run and where."""

    home: Path
    address: str
    pets: Path | None = None
    parameters: Parameters = field(default_factory=Parameters)


def run_dag(plan: Plan, console: Console) -> list[Row]:
    """Bring engine, data and pipelines up to date; gives each pipeline's newest job when all have ended."""
    step(console, "data, parameters, weights")
    found = prepare(plan)
    step(console, "engine")
    engine = ("--home", plan.home)
    run_calf("up", *engine, "--address", plan.address)
    step(console, "images of the stages")
    run_calf("image", "build", *engine, *(f"stages/{stage}" for stage in STAGES))
    with connect(plan.address) as client:
        step(console, "commits")
        committed = {repo: sync(client, repo, found[repo], text) for repo, text in REPOS.items()}
        for repo, difference in committed.items():
            console.print(f"{repo:10} files: {len(found[repo])}, {difference}")
        step(console, "pipelines")
        applied = apply(client, spec_files(), image_digests(plan.home))
        for name, done in applied.items():
            console.print(f"{name:10} {done}")
        changed = any(committed.values()) or set(applied.values()) != {"unchanged"}
        step(console, "jobs" if changed else "nothing changed: the jobs are those of the run before")
        return watch(client, STAGES, console)


def prepare(plan: Plan) -> dict[str, Files]:
    """The files of each repo that the user commits to; first of all, so that what is wrong shows at once."""
    plan.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "pets": sources.photos(plan.pets),
        "params": sources.parameters(plan.parameters, plan.home / "params"),
        "weights": sources.weights(),
    }


def image_digests(home: Path) -> dict[str, str]:
    """The digest of each image that this machine has built, by name."""
    calf = Path(sys.executable).with_name("calf")
    command = [str(calf), "image", "list", "--home", str(home), "-o", "json"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {image["name"]: image["digest"] for image in json.loads(shown)}


def step(console: Console, name: str) -> None:
    """A heading."""
    console.print(f"\n[bold]{name}[/]")
