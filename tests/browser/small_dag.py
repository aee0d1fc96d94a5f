"""A small DAG that has seen something: jobs that ended well, one that failed, datums that were skipped."""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from typing import Any

from calf.client.connection import Client
from calf.client.put import put_files
from calf.client.put_requests import Source
from calf.wire.messages import Message, pfs, pps

FILES = {
    "/a.txt": "first\n",
    "/b.txt": "second\nof two lines\n",
    "/notes.md": "# Notes\n\nSome *words*, a [link](a.txt) and\n\n* a list\n",
    "/table.csv": "name,score\ncat,0.9\ndog,0.8\n",
    "/deep/er/data.json": '{"one": [1, 2, {"three": null}]}',
    "/odd <b>name & 'it'.txt": "odd\n",
}


def fill(client: Client) -> None:
    """Two commits through `words` and `sums`, which succeed, and `breaks`, which fails on the second."""
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo("texts"), description="Texts to count."))
    put(client, FILES)
    create(
        client,
        "words",
        "texts",
        "/*",
        'for f in /pfs/texts/*; do n="$(basename "$f")"; find "$f" -type f | wc -l > "/pfs/out/$n"; done',
    )
    create(client, "sums", "words", "/", "cat /pfs/words/* > /pfs/out/all; echo summed")
    create(
        client,
        "breaks",
        "texts",
        "/*",
        'if test -e /pfs/texts/bad; then echo "<i>no</i>" >&2; exit 3; fi; touch "/pfs/out/$(ls /pfs/texts)"',
    )
    wait(client)
    put(client, {"/bad": "!\n", "/c.txt": "third\n"})
    wait(client)


def repo(name: str) -> Message:
    """A reference to a repo of the default project."""
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))


def put(client: Client, files: dict[str, str], name: str = "texts") -> None:
    """Put files as one commit."""
    commit = pfs.Commit(branch=pfs.Branch(repo=repo(name), name="master"))
    put_files(client, commit, [Source(path, partial(BytesIO, text.encode())) for path, text in files.items()])


def create(client: Client, name: str, source: str, glob: str, script: str) -> None:
    """A pipeline that runs a script of the shell on this machine's own system."""
    spec: dict[str, Any] = {
        "pipeline": {"name": name},
        "description": f"Made from {source}.",
        "transform": {"image": "host", "cmd": ["sh"], "stdin": [script]},
        "input": {"pfs": {"repo": source, "glob": glob}},
        "datum_tries": 1,
    }
    client.pps.CreatePipelineV2(pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec)))


def wait(client: Client) -> None:
    """Wait until the newest commit set is done."""
    head = client.pfs.InspectBranch(
        pfs.InspectBranchRequest(branch=pfs.Branch(repo=repo("texts"), name="master"))
    ).head
    request = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=head.id), wait=True)
    for _ in client.pfs.InspectCommitSet(request):
        pass
