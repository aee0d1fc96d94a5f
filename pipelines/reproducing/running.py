"""One run of the whole pipeline, in a fresh folder, under given circumstances."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from calf.client.connection import Client, connect
from calf.client.get import get_file
from calf.kit import strict_yaml
from calf.model.pps_infos import CONTAINER
from calf.wire.messages import pfs, pps
from driver.checkout import ROOT, STAGES, StepFailedError, run_calf, run_command, spec_files
from driver.dag import Plan, image_digests, run_dag
from driver.repos import branch_head
from driver.sources import Files, Parameters, photos
from driver.sync import Difference, read_json, stored_hashes, write
from reproducing import witness
from reproducing.comparing import tolerances
from reproducing.variations import NOT_DATED, Variation

ENVIRONMENTS = ROOT / ".cache/envs/images/envs"
"""Where the environments of images are installed once for all runs: each is what its hashed lock says."""

Outputs = Mapping[str, Mapping[str, bytes]]
"""Hashes by path by stage."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one variation: every file of every output, what a stage saw, and how long it took.

    `images` are the digests of the stages' images by name: runs of other images do not compare. `places` say
    of each stage in what isolation and image it ran, `texts` hold the files that may differ, by stage.
    """

    variation: Variation
    images: Mapping[str, str]
    outputs: Outputs
    seen: dict[str, Any] | None
    seconds: float
    places: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)


def run_varied(
    variation: Variation, folder: Path, pets: Path, parameters: Parameters, console: Console
) -> Run:
    """Run it in `folder`, which must not be there yet. Raises `StepFailedError` when a job fails."""
    started = time.monotonic()
    home = folder / "home"
    home.mkdir(parents=True, mode=0o700)
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    (home / "envs").symlink_to(ENVIRONMENTS)
    plan = Plan(home, f"127.0.0.1:{free_port()}", pets, parameters, write_specs(variation, folder / "specs"))
    try:
        start_engine(plan, variation)
        if variation.backwards:
            with connect(plan.address) as client:
                put_backwards(client, photos(pets))
        rows = run_dag(plan, console)
        if bad := [row for row in rows if row.state != "success"]:
            raise StepFailedError(f"{bad[0].pipeline} ended as {bad[0].state}: {bad[0].reason}")
        with connect(plan.address) as client:
            outputs = {stage: stored_hashes(client, branch_head(stage)) for stage in STAGES}
            seen = read_json(client, witness.NAME, "/seen.json")
            places = {stage: where_it_ran(client, stage) for stage in STAGES}
            texts = {stage: read_tolerated(client, stage, outputs[stage]) for stage in STAGES}
    finally:
        run_calf("down", "--home", home)
    seconds = time.monotonic() - started
    return Run(variation, image_digests(home), outputs, seen, seconds, places, texts)


def where_it_ran(client: Client, stage: str) -> str:
    """The isolation of a stage's newest job, and whose image it was."""
    pipeline = pps.Pipeline(name=stage, project=pfs.Project(name="default"))
    job = next(iter(client.pps.ListJob(pps.ListJobRequest(pipeline=pipeline, number=1))))
    whose = "the engine's own image" if job.calf.image.kind == CONTAINER else "calf's image"
    return f"{job.calf.isolation}, {whose}"


def read_tolerated(client: Client, stage: str, paths: Iterable[str]) -> dict[str, bytes]:
    """The content of a stage's files that may differ."""
    may = tolerances()[stage]
    head = branch_head(stage)
    return {
        path: b"".join(get_file(client, pfs.File(commit=head, path=path)))
        for path in paths
        if may.reason(path)
    }


def start_engine(plan: Plan, variation: Variation) -> None:
    """Start it as the variation says; the run then finds it up."""
    up = (Path(sys.executable).with_name("calf"), "up", "--home", plan.home, "--address", plan.address)
    run_command(*variation.prefix, *up, *variation.options, env=dict(variation.engine))


def write_specs(variation: Variation, folder: Path) -> tuple[Path, ...]:
    """Copies of the specs with the variation's environment and workers, and the witness."""
    folder.mkdir(parents=True)
    written = []
    for path in spec_files():
        (document,) = strict_yaml.load_all(path.read_text(), str(path))
        spec = json.loads(json.dumps(document.value))
        if "parallelism_spec" in spec:
            spec["parallelism_spec"] = {"constant": variation.workers}
        written.append(_write_spec(folder, spec, variation))
    return (*written, _write_spec(folder, witness.spec(), variation))


def _write_spec(folder: Path, spec: dict[str, Any], variation: Variation) -> Path:
    spec["transform"].update(variation.transform)
    name = spec["pipeline"]["name"]
    date = {} if name in NOT_DATED else variation.date
    spec["transform"]["env"] = {**spec["transform"].get("env", {}), **variation.stage, **date}
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(spec))
    return path


def put_backwards(client: Client, files: Files) -> None:
    """Commit photos from the last to the first, half of them each time."""
    head = branch_head("pets")
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=head.repo))
    paths = sorted(files, reverse=True)
    for part in (paths[: len(paths) // 2], paths[len(paths) // 2 :]):
        commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=head.branch))
        write(client, commit, Difference(tuple(part), ()), files)
        client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
