"""The whole run on one engine, step by step."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from calf.client.connection import Client, connect
from calf.wire.messages import Message, pfs
from driver import proof, sources
from driver.apply import apply
from driver.checkout import ROOT, STAGES, run_calf, spec_files
from driver.following import follow, refuse_stopped
from driver.repos import PROOF_REPOS, REPOS, branch_head
from driver.sources import Files, Parameters
from driver.sync import Difference, compare_repo, find_open, write
from driver.transaction import transaction
from driver.watch import Row

Specify = Callable[[Client], dict[str, str]]
"""Asks, inside a transaction, for pipelines as they are to be; says what that comes to, by name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run and where; `specs` stand for those of the checkout."""

    home: Path
    address: str
    pets: Path | None = None
    parameters: Parameters = field(default_factory=Parameters)
    specs: tuple[Path, ...] = ()


def run_dag(plan: Plan, console: Console) -> list[Row]:
    """Bring engine, data and pipelines up to date; gives each pipeline's newest job when all have ended."""
    step(console, "data, parameters, weights")
    found = prepare(plan)
    policy = proof.read_policy(found["params"]["/release.yaml"])
    proof.warn_of_changes(policy, console)
    step(console, "engine")
    engine = ("--home", plan.home)
    run_calf("up", *engine, "--address", plan.address)
    with connect(plan.address) as client:
        refuse_stopped(client)
        step(console, "images of the stages")
        run_calf("image", "build", *engine, *(f"stages/{stage}" for stage in STAGES))
        specs, digests = list(plan.specs) or spec_files(), image_digests(plan.home)
        changed = change(client, found, lambda inside: apply(client, inside, specs, digests), console)
        step(console, "jobs" if changed else "nothing changed: the jobs are those of the run before")
        rows = follow(client, STAGES[:-1], console)
        if any(row.state != "success" for row in rows):
            return rows
        step(console, "proof, and the decision that reads it")
        proof.prove(client, policy, plan.home / "proofs", console)
        return rows + follow(client, STAGES[-1:], console)


def change(client: Client, found: dict[str, Files], specify: Specify, console: Console) -> bool:
    """Commit data and apply specs as one change, which runs each stage once; whether anything changed.

    Commits are opened and pipelines made in one transaction. Then the files are put, which no transaction
    can hold, and the commits are finished together: not before that do jobs begin.
    """
    step(console, "commits and pipelines")
    differences = {repo: compare_repo(client, repo, found[repo]) for repo in REPOS}
    with transaction(client) as inside:
        opened = open_commits(client, inside, differences)
        applied = specify(inside)
    for repo, commit in opened.items():
        write(client, commit, differences[repo], found[repo])
    with transaction(client) as inside:
        for commit in opened.values():
            inside.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    for repo, difference in differences.items():
        console.print(f"{repo:10} files: {len(found[repo])}, {difference}")
    for name, done in applied.items():
        console.print(f"{name:10} {done}")
    return bool(opened) or set(applied.values()) != {"unchanged"}


def open_commits(client: Client, inside: Client, differences: dict[str, Difference]) -> dict[str, Message]:
    """The open commit of each repo that is to change, or that an interrupted run left open."""
    opened = {}
    for repo, description in {**REPOS, **PROOF_REPOS}.items():
        create = pfs.CreateRepoRequest(repo=branch_head(repo).repo, description=description, update=True)
        inside.pfs.CreateRepo(create)
    for repo, difference in differences.items():
        left = find_open(client, repo)
        if left is not None:
            opened[repo] = left
        elif difference:
            opened[repo] = inside.pfs.StartCommit(pfs.StartCommitRequest(branch=branch_head(repo).branch))
    return opened


def prepare(plan: Plan) -> dict[str, Files]:
    """The files of each repo that the user commits to; first of all, so that what is wrong shows at once."""
    plan.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = sources.describe(plan.pets, plan.home / "data.yaml")
    chosen = replace(plan.parameters, overlays=known + plan.parameters.overlays)
    # What is wrong in parameters shows at once, while drawing photos takes its time.
    params = sources.parameters(chosen, plan.home / "params")
    return {"pets": sources.photos(plan.pets), "params": params, "weights": sources.weights()}


def image_digests(home: Path) -> dict[str, str]:
    """The digest of each image that this machine has built, by name."""
    calf = Path(sys.executable).with_name("calf")
    command = [str(calf), "image", "list", "--home", str(home), "-o", "json"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {image["name"]: image["digest"] for image in json.loads(shown)}


def step(console: Console, name: str) -> None:
    """A heading."""
    console.print(f"\n[bold]{name}[/]")
