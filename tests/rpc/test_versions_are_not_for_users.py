"""A commit of a user's among those that mark a pipeline's versions would stop the pipeline, unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from calf.client.connection import Client, connect
from calf.model.errors import WrongState
from calf.wire.messages import pfs, pps

PROJECT = pfs.Project(name="default")
SPECS = pfs.Repo(name="p", type="spec", project=PROJECT)
VERSIONS = pfs.Branch(name="master", repo=SPECS)


@pytest.fixture
def client(server_address: str) -> Any:
    with connect(server_address) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="in", type="user", project=PROJECT)))
        client.pps.CreatePipeline(
            pps.CreatePipelineRequest(
                pipeline=pps.Pipeline(name="p", project=PROJECT),
                transform=pps.Transform(image="not-built", cmd=["true"]),
                input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/")),
            )
        )
        yield client


def put(client: Client) -> None:
    add = pfs.AddFile(path="/f")
    add.raw.value = b"x"
    first = pfs.ModifyFileRequest(set_commit=pfs.Commit(branch=VERSIONS, repo=SPECS))
    client.start("/pfs_v2.API/ModifyFile", iter([first, pfs.ModifyFileRequest(add_file=add)])).result()


def start(client: Client) -> None:
    client.pfs.StartCommit(pfs.StartCommitRequest(branch=VERSIONS))


def move(client: Client) -> None:
    head = pfs.Commit(branch=VERSIONS, repo=SPECS, id="master")
    client.pfs.CreateBranch(pfs.CreateBranchRequest(branch=VERSIONS, head=head))


@pytest.mark.parametrize("change", [start, move])
def test_a_version_is_made_by_updating_the_pipeline_only(
    client: Any, change: Callable[[Client], None]
) -> None:
    with pytest.raises(WrongState, match="it marks the versions of pipeline p"):
        change(client)
    info = client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=VERSIONS))
    version = client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pps.Pipeline(name="p")))
    assert info.head.id == version.spec_commit.id


def test_files_of_a_version_are_not_a_users(client: Any) -> None:
    with pytest.raises(Exception, match="it marks the versions of pipeline p"):
        put(client)
    client.pps.CreatePipeline(
        pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(name="p", project=PROJECT),
            transform=pps.Transform(image="not-built", cmd=["false"]),
            input=pps.Input(pfs=pps.PFSInput(repo="in", glob="/")),
            update=True,
        )
    )
    version = client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pps.Pipeline(name="p")))
    assert version.version == 2


OUTPUT = pfs.Branch(name="master", repo=pfs.Repo(name="p", type="user", project=PROJECT))


def put_back(client: Any) -> None:
    head = pfs.Commit(branch=OUTPUT, repo=OUTPUT.repo, id="master")
    client.pfs.CreateBranch(pfs.CreateBranchRequest(branch=OUTPUT, head=head))


def remove(client: Any, force: bool = False) -> None:
    client.pfs.DeleteBranch(pfs.DeleteBranchRequest(branch=OUTPUT, force=force))


@pytest.mark.parametrize("change", [put_back, remove])
def test_a_pipeline_does_not_lose_its_inputs_by_a_change_of_its_output_branch(
    client: Any, change: Callable[[Any], None]
) -> None:
    before = client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=OUTPUT))
    with pytest.raises(WrongState, match="is that of pipeline p's spec"):
        change(client)
    assert client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=OUTPUT)) == before


def test_the_output_of_a_stopped_pipeline_may_be_put_back(client: Any) -> None:
    client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=pps.Pipeline(name="p", project=PROJECT)))
    put_back(client)
    assert not client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=OUTPUT)).direct_provenance
