"""The proof of what evaluate made, which release asks for: made and committed once for each evaluation."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from calf.client.connection import Client
from calf.kit import strict_yaml
from calf.wire.messages import Message, pfs
from driver.apply import find_pipeline
from driver.checkout import ROOT, STAGES, run_command
from driver.repos import branch_head
from driver.sync import compare_repo, find_open, read_json, stored_hashes, write
from driver.watch import longest_run, newest_jobs, watch

NAME = "evaluate.json"
_LEFT_OUT = "not replayed"
"""What a proof says of a job that `pachctl attest --replay` was not asked to run."""
_EVIDENCE = ("verified", "reproduced", "clean")
_CODE = ("src/stagekit", "stages", "notebooks")


@dataclass(frozen=True, slots=True)
class Policy:
    """What release asks for, as far as it is for the run to give."""

    reproduced: bool
    clean: bool


def read_policy(path: Path) -> Policy:
    """Read it from release's resolved parameters."""
    (document,) = strict_yaml.load_all(path.read_text(), str(path))
    require = document.value["require"]
    return Policy(bool(require["reproduced"]), bool(require["clean"]))


def warn_of_changes(policy: Policy, console: Console) -> None:
    """Say before hours of work that its result could not be released, since its code is not committed."""
    if not policy.clean:
        return
    command = ["git", "-c", "safe.directory=*", "status", "--porcelain", "--", *_CODE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        console.print("[yellow]warning:[/] this is no git checkout, and the policy asks for committed code")
    elif changed := [line[3:] for line in done.stdout.splitlines()]:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        console.print(f"[yellow]warning:[/] not committed, and run by stages: {changed[0]}{more}")
        console.print(
            "  release will refuse the model as dirty; commit first, or SET=release.require.clean=false"
        )


def prove(client: Client, policy: Policy, folder: Path, console: Console) -> None:
    """Make and commit a proof of evaluate's output, unless the one that is there still says what it must.

    Danger: with `policy.reproduced` every job behind the output runs again, which takes as long as it took.
    """
    if newest_jobs(client, ["release"])[0].state != "waiting":
        watch(client, ["release"], Console(quiet=True))
    head = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=branch_head("evaluate"))).commit
    why = missing(client, head, policy)
    if not why:
        console.print("the proof of evaluate's output is there")
        return
    console.print(f"{why}: attesting evaluate@{head.id}")
    words: list[str] = []
    if policy.reproduced:
        words = ["--replay", "all"]
        seconds = sum(longest_run(client, name) for name in STAGES[:-1])
        console.print(f"every job behind it runs again, as the policy asks: about {seconds:.0f} s")
    folder.mkdir(parents=True, exist_ok=True)
    pachctl = Path(sys.executable).with_name("pachctl")
    target = {"PACHD_ADDRESS": client.target}
    run_command(pachctl, "attest", f"evaluate@{head.id}", *words, "-o", folder / NAME, env=target)
    _commit(client, folder / NAME)


def missing(client: Client, head: Message, policy: Policy) -> str:
    """Why evaluate's output `head` needs a new proof; empty when the one that is there will do."""
    proof = read_json(client, "proofs", f"/{NAME}")
    if proof is None:
        return "nothing is proved yet"
    if policy.reproduced and proof["reproduced"] is None:
        return "nobody has replayed the jobs"
    if policy.reproduced and any(job["result"] == _LEFT_OUT for job in proof["reproduced"]["jobs"]):
        return "not all jobs were replayed"
    proved = pfs.Commit(repo=head.repo, id=str(proof["commit"]).rpartition("@")[2])
    if proved.id == head.id:
        return ""
    if stored_hashes(client, proved) != stored_hashes(client, head):
        return "evaluate has made something new"
    if {source["image"] for source in proof["sources"]} != _images(client, proof["sources"]):
        return "evaluate has made the same with other code"
    return "" if _suffices(client) else "evaluate's job is a new one"


def _images(client: Client, sources: Iterable[Mapping[str, str]]) -> set[str]:
    """What the pipelines behind a proof run in now, as the proof spells it."""
    names = {source["job"].partition("@")[0].rpartition("/")[2] for source in sources}
    found = [pipeline for name in names if (pipeline := find_pipeline(client, name)) is not None]
    return {f"{each.calf.image.name}@{each.calf.image.digest}" for each in found}


def _suffices(client: Client) -> bool:
    """Whether release, with the proof that is there, had nothing to say against what led to the model."""
    decision = read_json(client, "release", "/decision.json") or {}
    found = {check["name"]: check for check in decision.get("checks", ())}
    return all(name in found and (found[name]["passed"] or found[name]["waived"]) for name in _EVIDENCE)


def _commit(client: Client, path: Path) -> None:
    """Put the proof into its repo, in the commit that an interrupted run left open if there is one."""
    files = {f"/{NAME}": path}
    commit = find_open(client, "proofs")
    if commit is None:
        commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch_head("proofs").branch))
    write(client, commit, compare_repo(client, "proofs", files), files)
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
