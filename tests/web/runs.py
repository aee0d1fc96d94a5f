"""Pipelines that run in a moment, and waiting for what they do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from calf.client.connection import Client
from calf.wire.messages import Message, google, pfs, pps

PROJECT = "/p/default"
COPY = [
    "echo seen $(ls /pfs/in)",
    "printf '\\033[31mred\\033[0m <script>alert(1)</script>\\342\\200\\256\\n'",
    "if [ -e /pfs/in/bad ]; then echo Traceback: it is bad; exit 3; fi",
    "cp /pfs/in/* /pfs/out/",
]
CHANCE = ["head -c 8 /dev/urandom | od -x > /pfs/out/random.txt"]


def create(client: Client, name: str, stdin: list[str], glob: str = "/*", **fields: Any) -> None:
    """A pipeline that reads the repo `in`, which is made if need be, by a shell."""
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("in"), update=True))
    spec = {
        "pipeline": {"name": name},
        "transform": {"image": "host", "cmd": ["sh"], "stdin": stdin},
        "datum_tries": 1,
        "input": {"pfs": {"repo": "in", "glob": glob}},
        **fields,
    }
    client.pps.CreatePipelineV2(
        pps.CreatePipelineV2Request(
            create_pipeline_request_json=json.dumps(spec), update=True, reprocess=bool(fields.get("salt"))
        )
    )


def put(client: Client, files: Mapping[str, bytes], *, waits: bool = True, branch: str = "master") -> str:
    """Files into `in` as one commit, and its id; with `waits` once all jobs behind it have ended."""
    head = pfs.Branch(repo=repo("in"), name=branch)
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=head))
    requests = [(pfs.ModifyFileRequest(set_commit=commit), None)]
    for path, content in files.items():
        add = pfs.AddFile(path=path, raw=google.BytesValue(value=content))
        requests.append((pfs.ModifyFileRequest(add_file=add), None))
    client.send("/pfs_v2.API/ModifyFile", iter(requests))
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    if waits:
        wait(client, commit.id)
    return str(commit.id)


def wait(client: Client, set_id: str) -> None:
    """Until all jobs of a set have ended."""
    list(client.pps.InspectJobSet(pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id), wait=True)))


def newest(client: Client, name: str) -> Message:
    """The newest job of a pipeline, ended."""
    pipeline = pps.Pipeline(name=name, project=pfs.Project(name="default"))
    (info,) = client.pps.ListJob(pps.ListJobRequest(pipeline=pipeline, history=-1, number=1))
    return client.pps.InspectJob(pps.InspectJobRequest(job=info.job, wait=True))


def repo(name: str) -> Message:
    """A repo of the project `default`."""
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))
