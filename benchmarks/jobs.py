"""Pipelines and jobs on a server of ours: making them, waiting for them, and what they took in the engine."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
from comparing import say
from serving import CALF, ROOT, Server, run_tool

from calf.client.connection import Client
from calf.wire.messages import pfs, pps

BATCHED = "bench-batched"
_CONTEXT = """FROM python:3.11
ENV PYTHONPATH=/packages
COPY packages /packages
COPY batched_stage.py /app/batched_stage.py
"""


def build_image(server: Server, folder: Path) -> None:
    """The image of a batching stage, by `stagekit`; with gRPC, by which it asks an older server of ours."""
    packages = folder / "packages"
    stages = ROOT / "src/stagekit"
    (packages / "stagekit").mkdir(parents=True)
    (folder / ".git").mkdir()  # a repository's root, for all that is asked: what COPY starts from
    for name in ("__init__.py", "batching.py", "errors.py"):
        shutil.copy(stages / name, packages / "stagekit")
    place = Path(grpc.__file__).parents[1]
    shutil.copytree(place / "grpc", packages / "grpc", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(place / "typing_extensions.py", packages)
    shutil.copy(Path(__file__).with_name("clients") / "batched_stage.py", folder)
    (folder / "Dockerfile").write_text(_CONTEXT)
    run_tool(
        CALF,
        "image",
        "build",
        folder,
        "-t",
        BATCHED,
        "--home",
        server.home,
        env=server.env,
    )


def spec(name: str, repo: str, glob: str = "/*", **more: Any) -> dict[str, object]:
    """A pipeline that copies its input `in` to its output with a shell, unless `more` says otherwise."""
    return {
        "pipeline": {"name": name},
        "transform": {"image": "host", "cmd": ["sh", "-c", "cp /pfs/in/* /pfs/out/"]},
        "input": {"pfs": {"name": "in", "repo": repo, "glob": glob}},
        **more,
    }


def batched(name: str, repo: str, work: str = "upper", **more: Any) -> dict[str, object]:
    """A pipeline with one process for many datums, two at a time."""
    python = {
        "image": BATCHED,
        "cmd": [f"{sys.base_prefix}/bin/python3", "/app/batched_stage.py", work],
        "datumBatching": True,
    }
    return spec(name, repo, transform=python, parallelismSpec={"constant": 2}, **more)


def write_specs(path: Path, *specs: Mapping[str, object]) -> Path:
    """A file for `pachctl create pipeline -f`."""
    path.write_text("\n---\n".join(map(json.dumps, specs)))
    return path


def last_job(client: Client, pipeline: str) -> Any:
    """The newest job, once it has ended; it must have succeeded."""
    named = pps.Pipeline(name=pipeline)
    newest = next(iter(client.pps.ListJob(pps.ListJobRequest(pipeline=named, number=1))))
    info = client.pps.InspectJob(pps.InspectJobRequest(job=newest.job, wait=True, details=True))
    if info.state != pps.JOB_SUCCESS:
        raise SystemExit(f"job {info.job.id} of {pipeline} ended as {info.state}: {info.reason}")
    return info


def engine_seconds(info: Any) -> float:
    """From the job's creation to its end."""
    took = info.finished.ToNanoseconds() - info.created.ToNanoseconds()
    return float(took) / 1e9


def put_one(client: Client, repo: str, path: str, data: bytes) -> None:
    """A file, in a commit of its own."""
    branch = pfs.Branch(repo=pfs.Repo(name=repo), name="master")
    file = pfs.AddFile(path=path)
    file.raw.value = data
    delete = pfs.DeleteFile(path=path)
    messages = (
        pfs.ModifyFileRequest(set_commit=pfs.Commit(branch=branch)),
        pfs.ModifyFileRequest(delete_file=delete),
        pfs.ModifyFileRequest(add_file=file),
    )
    client.pfs.ModifyFile(iter(messages))


def told(info: Any) -> None:
    """Say what a job did."""
    did = f"ran {info.data_processed}, skipped {info.data_skipped}"
    say(f"  job of {info.job.pipeline.name}: {engine_seconds(info):.3f} s, {did}")
