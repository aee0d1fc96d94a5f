"""What `make run` changes, data and code, runs each pipeline once; what was interrupted goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from calf.client.connection import Client, connect
from calf.wire.messages import pfs, pps
from driver.apply import apply
from driver.dag import change
from driver.repos import REPOS, branch_head
from driver.sources import Files
from driver.sync import find_open

SPEC = """
pipeline: {{name: {name}}}
transform: {{image: host, cmd: [sh], stdin: ["cat /pfs/{reads}/* > /pfs/out/all; : {text}"]}}
input: {{pfs: {{repo: {reads}, glob: /}}}}
"""
Run = Callable[..., bool]


@pytest.fixture
def client(server_address: str) -> Iterator[Client]:
    with connect(server_address) as client:
        yield client


@pytest.fixture
def run(client: Client, tmp_path: Path) -> Run:
    """One run over these files and pipelines `first` (reads pets) and `second` (reads first)."""

    def run(data: str, code: str = "code") -> bool:
        specs = []
        for name, reads in (("first", "pets"), ("second", "first")):
            specs.append(tmp_path / f"{name}.yaml")
            specs[-1].write_text(SPEC.format(name=name, reads=reads, text=code))
        found = {repo: files(tmp_path / repo, data) for repo in REPOS}
        digests = {"host": image(client)}
        return change(
            client, found, partial(apply, client, specs=specs, digests=digests), Console(quiet=True)
        )

    return run


def files(folder: Path, text: str) -> Files:
    folder.mkdir(exist_ok=True)
    (folder / "file").write_text(text)
    return {"/file": folder / "file"}


def image(client: Client) -> str:
    infos = list(client.pps.ListPipeline(pps.ListPipelineRequest(details=True)))
    return str(infos[0].calf.image.digest) if infos else ""


def jobs(client: Client, name: str) -> list[str]:
    """The jobs of a pipeline that ended well, newest first; waits for all of them to end."""
    request = pps.ListJobRequest(pipeline=pps.Pipeline(name=name), history=-1)
    ended = [
        client.pps.InspectJob(pps.InspectJobRequest(job=info.job, wait=True))
        for info in client.pps.ListJob(request)
    ]
    assert {pps.JobState.Name(info.state) for info in ended} == {"JOB_SUCCESS"}
    return [info.job.id for info in ended]


def test_data_and_code_changed_together_run_each_pipeline_once(client: Client, run: Run) -> None:
    assert run("one")
    first = jobs(client, "first")
    assert len(first) == 1
    assert jobs(client, "second") == first
    assert run("two", code="new")
    assert len(jobs(client, "first")) == 2
    assert jobs(client, "second") == jobs(client, "first")


def test_the_same_again_changes_nothing(client: Client, run: Run) -> None:
    run("one")
    before = jobs(client, "second")
    assert not run("one")
    assert jobs(client, "second") == before


def test_only_data_changed_runs_once_too(client: Client, run: Run) -> None:
    run("one")
    jobs(client, "second")
    assert run("two")
    assert len(jobs(client, "first")) == len(jobs(client, "second")) == 2


def test_an_interrupted_run_goes_on_where_it_was(client: Client, run: Run) -> None:
    """What it leaves is an open commit, without its files or with them."""
    run("one")
    jobs(client, "second")
    left = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch_head("pets").branch))
    assert find_open(client, "pets") == left
    assert run("two")
    assert find_open(client, "pets") is None
    assert jobs(client, "second")[0] == left.id
    head = pfs.File(commit=branch_head("pets"), path="/file")
    assert client.pfs.InspectFile(pfs.InspectFileRequest(file=head)).size_bytes == len("two")
