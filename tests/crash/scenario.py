"""What is done while servers die: each step can be done again, whatever became of it the first time."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from calf.client.connection import Client
from calf.client.put import send
from calf.kit.errors import AlreadyExists, NotFound
from calf.wire.messages import calf, pfs, pps

LARGE = Random(1).randbytes(300_000)
INPUT, SIDE, GONE, OUTPUT = "in", "side", "gone", "copies"
State = dict[str, str]


@dataclass
class Acknowledged:
    """What the server has said to be done since the step began."""

    commits: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """`do` brings about what it is to bring about; `plan` says beforehand what that is."""

    name: str
    do: Callable[[Client, dict[str, Any], Acknowledged], None]
    plan: Callable[[Client], dict[str, Any]] = lambda client: {}
    removes: bool = False
    is_one_request: bool = False


def repo(name: str, kind: str = "user") -> Any:
    return pfs.Repo(name=name, type=kind, project=pfs.Project(name="default"))


def head(name: str, kind: str = "user") -> Any:
    return pfs.Commit(branch=pfs.Branch(repo=repo(name, kind), name="master"), repo=repo(name, kind))


def put(client: Client, commit: Any, files: dict[str, bytes], gone: tuple[str, ...] = ()) -> None:
    requests = [pfs.ModifyFileRequest(set_commit=commit)]
    requests += [pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path)) for path in gone]
    for path, data in files.items():
        requests.append(pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path)))
        for start in range(0, len(data), 65536):
            added = pfs.AddFile(path=path)
            added.raw.value = data[start : start + 65536]
            requests.append(pfs.ModifyFileRequest(add_file=added))
    send(client, requests)


def _repos(client: Client, plan: dict[str, Any], done: Acknowledged) -> None:
    for name in (INPUT, SIDE, GONE):
        with suppress(AlreadyExists):
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo(name)))


def _put(files: dict[str, bytes], gone: tuple[str, ...] = (), where: str = INPUT) -> Callable[..., None]:
    def do(client: Client, plan: dict[str, Any], done: Acknowledged) -> None:
        put(client, head(where), files, gone)
        done.commits.append(client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=head(where))).commit.id)
        _settle(client)

    return do


def _open(client: Client, plan: dict[str, Any], done: Acknowledged) -> None:
    """start commit, two puts, finish commit."""
    for info in client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo(SIDE))):
        if not info.HasField("finishing"):
            client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=info.commit))
    branch = pfs.Branch(repo=repo(SIDE), name="master")
    commit = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
    put(client, commit, {"/a": b"a" * 70_000, "/d/b": b"b"})
    put(client, commit, {"/d/c": LARGE[:200_000], "/d/b": b"bb"})
    client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=commit))
    done.commits.append(commit.id)
    _settle(client)


def _pipeline(script: str, **more: Any) -> Callable[..., None]:
    def do(client: Client, plan: dict[str, Any], done: Acknowledged) -> None:
        request = pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(project=pfs.Project(name="default"), name=OUTPUT),
            transform=pps.Transform(image="host", cmd=["sh"], stdin=[script]),
            input=pps.Input(pfs=pps.PFSInput(project="default", repo=INPUT, branch="master", glob="/*")),
            **more,
        )
        try:
            client.pps.CreatePipeline(request)
        except AlreadyExists:
            request.update = True
            client.pps.CreatePipeline(request)
        _settle(client)

    return do


def _settle(client: Client) -> None:
    """Wait until every commit is finished and every job over."""
    for kind in ("user", "meta"):
        for name in (INPUT, SIDE, OUTPUT):
            try:
                for info in list(client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo(name, kind)))):
                    if info.HasField("finishing") or info.origin.kind == pfs.OriginKind.AUTO:
                        request = pfs.InspectCommitRequest(commit=info.commit, wait=pfs.CommitState.FINISHED)
                        client.pfs.InspectCommit(request)
            except NotFound:
                continue


def _second_of_side(client: Client) -> dict[str, Any]:
    commits = [info.commit.id for info in client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo(SIDE)))]
    return {"set": commits[1]}


def _second(client: Client) -> dict[str, Any]:
    """The commit before the newest of the input."""
    commits = [info.commit.id for info in client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo(INPUT)))]
    return {"set": commits[1]}


def _newest(client: Client) -> dict[str, Any]:
    return {"set": client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=head(INPUT))).commit.id}


def _remove(method: str, make: Any) -> Callable[..., None]:
    def do(client: Client, plan: dict[str, Any], done: Acknowledged) -> None:
        with suppress(NotFound):
            getattr(client.pfs, method)(make(commit_set=pfs.CommitSet(id=plan["set"])))
        _settle(client)

    return do


def _collect(client: Client, plan: dict[str, Any], done: Acknowledged) -> None:
    list(client.call("/calf_v1.Storage/Collect", calf.CollectRequest()))


def _delete_repo(client: Client, plan: dict[str, Any], done: Acknowledged) -> None:
    with suppress(NotFound):
        client.pfs.DeleteRepo(pfs.DeleteRepoRequest(repo=repo(GONE)))


STEPS = (
    Step("create repos", _repos, is_one_request=True),
    Step("put", _put({"/one": b"1", "/two": b"2" * 5000, "/large": LARGE}), is_one_request=True),
    Step("open commit", _open, is_one_request=True),
    Step("put elsewhere", _put({"/x": LARGE[7:170_000]}, (), GONE), is_one_request=True),
    Step("pipeline", _pipeline("cat /pfs/in/* | cksum > /pfs/out/$(ls /pfs/in)")),
    Step("new data", _put({"/three": b"3"}, ("/two",))),
    Step("update", _pipeline("cp /pfs/in/* /pfs/out/", reprocess=True)),
    Step("more data", _put({"/one": b"11"})),
    Step("still more", _put({"/four": b"4", "/two": LARGE[:9000]})),
    Step("squash", _remove("SquashCommitSet", pfs.SquashCommitSetRequest), _second, removes=True),
    Step(
        "drop", _remove("DropCommitSet", pfs.DropCommitSetRequest), _newest, removes=True, is_one_request=True
    ),
    Step("delete repo", _delete_repo, removes=True, is_one_request=True),
    Step("less", _put({}, ("/d/c",), SIDE)),
    Step(
        "squash the more",
        _remove("SquashCommitSet", pfs.SquashCommitSetRequest),
        _second_of_side,
        removes=True,
        is_one_request=True,
    ),
    Step("gc", _collect),
)


def finished(client: Client) -> State:
    """Every finished commit, and the digest of its files."""
    found = {}
    for info in client.pfs.ListRepo(pfs.ListRepoRequest(type="")):
        for commit in client.pfs.ListCommit(pfs.ListCommitRequest(repo=info.repo, all=True)):
            if commit.HasField("finished") and not commit.error:
                found[f"{info.repo.name}.{info.repo.type}@{commit.commit.id}"] = _hash(client, commit.commit)
    return found


def _hash(client: Client, commit: Any) -> str:
    try:
        info = client.pfs.InspectFile(pfs.InspectFileRequest(file=pfs.File(commit=commit, path="/")))
    except NotFound:
        return ""
    return bytes(info.hash).hex()


def heads(client: Client) -> State:
    """Each file of the newest commits of users' repos and outputs, read: its SHA-256."""
    found = {}
    for name in (INPUT, SIDE, OUTPUT):
        try:
            stream = client.pfs.GetFileTAR(pfs.GetFileRequest(file=pfs.File(commit=head(name), path="/")))
            data = b"".join(piece.value for piece in stream)
        except NotFound:
            continue
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    found[f"{name}:{member.name}"] = hashlib.sha256(file.read()).hexdigest()
    return found


def faults(client: Client) -> list[str]:
    return [answer.error for answer in client.pfs.Fsck(pfs.FsckRequest(verify=True))]


def bad_jobs(client: Client) -> list[str]:
    """Jobs that did not succeed."""
    return [
        f"{info.job.id} is {pps.JobState.Name(info.state)}: {info.reason}"
        for info in client.pps.ListJob(pps.ListJobRequest())
        if info.state != pps.JobState.JOB_SUCCESS
    ]
