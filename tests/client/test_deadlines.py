"""How long a call may take, by the door of the same user: the same as by gRPC."""

from __future__ import annotations

import pytest

from calf.client.connection import connect
from calf.client.terms import Terms
from calf.model.errors import TimedOut
from calf.wire.messages import google, pfs


def test_a_call_ends_in_time_and_the_next_has_its_own(server_address: str) -> None:
    with connect(server_address, Terms(timeout=0.2)) as client:
        assert client.local is not None
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="in", type="user")))
        branch = pfs.Branch(repo=pfs.Repo(name="in", type="user"), name="master")
        commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
        with pytest.raises(TimedOut, match="Deadline Exceeded"):
            client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit, wait=pfs.FINISHED))
        assert client.version.GetVersion(google.Empty()).major


def test_answers_that_come_over_time_end_in_time_too(server_address: str) -> None:
    with connect(server_address, Terms(timeout=0.2)) as client:
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=pfs.Repo(name="in", type="user")))
        coming = client.pfs.SubscribeCommit(
            pfs.SubscribeCommitRequest(repo=pfs.Repo(name="in", type="user"), branch="master")
        )
        with pytest.raises(TimedOut):
            list(coming)


def test_a_time_that_is_over_before_the_call_is_sent_is_over(server_address: str) -> None:
    with connect(server_address, Terms(timeout=1e-9)) as client, pytest.raises(TimedOut):
        client.version.GetVersion(google.Empty())


def test_little_patience_is_for_some_calls_of_a_connection(server_address: str) -> None:
    with connect(server_address) as client:
        repo = pfs.Repo(name="in", type="user")
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
        commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=pfs.Branch(repo=repo, name="master")))
        wanted = pfs.InspectCommitRequest(commit=commit, wait=pfs.FINISHED)
        with pytest.raises(TimedOut):
            client.within(0.05).pfs.InspectCommit(wanted)
        assert client.within(0.05) is client.within(0.05)
        client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
        assert client.pfs.InspectCommit(wanted).commit.id == commit.id
