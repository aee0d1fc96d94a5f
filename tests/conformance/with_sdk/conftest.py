"""Scenarios that pachyderm-sdk drives, each in a project of its own; each ends with a clean fsck (110)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import grpc
import pytest
from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS


@dataclass(frozen=True)
class World:
    """A project on the server, with the few words that nearly every scenario needs."""

    client: Client
    project: pfs.Project

    def repo(self, name: str, kind: str = "user") -> pfs.Repo:
        return pfs.Repo(name=name, type=kind, project=self.project)

    def branch(self, repo: str, name: str = "master", kind: str = "user") -> pfs.Branch:
        return pfs.Branch(repo=self.repo(repo, kind), name=name)

    def commit(self, repo: str, id_: str, kind: str = "user") -> pfs.Commit:
        """`id_` may be an id, the name of a branch, or either with ancestry."""
        return pfs.Commit(repo=self.repo(repo, kind), id=id_)

    def file(self, repo: str, path: str, at: str = "master", kind: str = "user") -> pfs.File:
        return pfs.File(commit=self.commit(repo, at, kind), path=path)

    def pipeline(self, name: str) -> pps.Pipeline:
        return pps.Pipeline(project=self.project, name=name)

    def job(self, pipeline: str, id_: str) -> pps.Job:
        return pps.Job(pipeline=self.pipeline(pipeline), id=id_)

    def create_repo(self, *names: str) -> None:
        for name in names:
            self.client.pfs.create_repo(repo=self.repo(name))

    def put(self, repo: str, files: dict[str, str | None], branch: str = "master") -> str:
        """One commit that writes (or with None deletes) files; its id. It is finished when this returns."""
        with self.client.pfs.commit(branch=self.branch(repo, branch)) as commit:
            for path, text in files.items():
                if text is None:
                    commit.delete_file(path=path)
                else:
                    commit.put_file_from_bytes(path, text.encode())
        commit.wait()
        return commit.id

    def read(self, repo: str, path: str, at: str = "master") -> str:
        with self.client.pfs.pfs_file(self.file(repo, path, at)) as stream:
            return stream.read().decode()

    def files(self, repo: str, at: str = "master", kind: str = "user") -> dict[str, str]:
        """Path -> text of every regular file of a commit."""
        found = self.client.pfs.walk_file(file=self.file(repo, "/", at, kind))
        paths = [info.file.path for info in found if info.file_type == pfs.FileType.FILE]
        texts = {}
        for path in paths:
            with self.client.pfs.pfs_file(self.file(repo, path, at, kind)) as stream:
                texts[path] = stream.read().decode()
        return texts

    def shell(self, name: str, input_: pps.Input | None, *lines: str, **more: object) -> str:
        """Create (or with update=True update) a pipeline that runs lines of sh; the id of its newest job."""
        transform = more.pop("transform", None) or pps.Transform(image="host", cmd=["sh"], stdin=list(lines))
        self.client.pps.create_pipeline(
            pipeline=self.pipeline(name), transform=transform, input=input_, **more
        )
        return next(iter(self.jobs(name))).job.id if input_ else ""

    def pfs_input(self, repo: str, glob: str = "/*", **more: object) -> pps.Input:
        return pps.Input(pfs=pps.PfsInput(project=self.project.name, repo=repo, glob=glob, **more))

    def wait(self, pipeline: str, id_: str) -> pps.JobInfo:
        """The job's end, with details."""
        return self.client.pps.inspect_job(job=self.job(pipeline, id_), wait=True, details=True)

    def wait_set(self, id_: str) -> dict[str, pps.JobInfo]:
        """The ended jobs of a set, by pipeline."""
        found = self.client.pps.inspect_job_set(job_set=pps.JobSet(id=id_), wait=True)
        return {info.job.pipeline.name: info for info in found}

    def jobs(self, pipeline: str) -> list[pps.JobInfo]:
        """Newest first, over all versions of the pipeline."""
        return list(self.client.pps.list_job(pipeline=self.pipeline(pipeline), history=-1))

    def until(self, pipeline: str, id_: str, reached: Callable[[pps.JobInfo], bool]) -> pps.JobInfo:
        """The job once it is as wanted; asks again and again, for half a minute at most."""
        deadline = time.monotonic() + 30
        while not reached(info := self.client.pps.inspect_job(job=self.job(pipeline, id_))):
            assert time.monotonic() < deadline, info
            time.sleep(0.02)
        return info

    def eventually(self, ask: Callable[[], object]) -> object:
        """The first answer that says something; asks again and again, for half a minute at most."""
        deadline = time.monotonic() + 30
        while not (answer := ask()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return answer

    def datums(self, pipeline: str, id_: str) -> list[pps.DatumInfo]:
        """The datums of a job, by id."""
        return list(self.client.pps.list_datum(job=self.job(pipeline, id_)))


@pytest.fixture
def client(pachd: str) -> Client:
    return Client.from_pachd_address(pachd)


@pytest.fixture
def world(client: Client, project_name: str) -> Iterator[World]:
    """A fresh project; afterwards fsck is clean and the project, with all that it holds, goes."""
    project = pfs.Project(name=project_name)
    client.pfs.create_project(project=project)
    made = World(client, project)
    yield made
    assert [str(problem) for problem in client.pfs.fsck()] == []
    for info in client.pps.list_pipeline(projects=[project]):
        client.pps.stop_pipeline(pipeline=info.pipeline)
    client.pps.delete_pipelines(projects=[project], force=True)
    client.pfs.delete_repos(projects=[project], force=True)
    client.pfs.delete_project(project=project, force=True)


@pytest.fixture
def fails() -> Callable[..., tuple[grpc.StatusCode, str]]:
    """Calls what must fail and gives (code, text)."""

    def call(function: Callable[..., object], *args: object, **kwargs: object) -> tuple[grpc.StatusCode, str]:
        with pytest.raises(grpc.RpcError) as caught:
            _drain(function(*args, **kwargs))
        return caught.value.code(), caught.value.details()

    return call


def _drain(result: object) -> None:
    if isinstance(result, Iterator):
        list(result)
