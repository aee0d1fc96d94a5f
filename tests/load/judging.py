"""What must hold of what clients saw, once they are gone and the server was started again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.pfs import fsck
from calf.pfs.backups import restore
from calf.pfs.engine import Pfs
from calf.wire.messages import Message, pfs, pps
from tests.load.diary import Diary
from tests.load.history import History
from tests.load.owning import files_in, gathered, mapped, pipeline
from tests.load.sharing import at, commit, read_tar, repo

JOBS_END = 90.0
_OVER = frozenset({pps.JOB_SUCCESS, pps.JOB_FAILURE, pps.JOB_KILLED, pps.JOB_UNRUNNABLE})
_BAD = frozenset({pps.JOB_FAILURE})


def lost_files(client: Client, diary: Diary) -> Iterator[str]:
    """Files with one writer that hold what nobody put last."""
    for name, possible in diary.kept.items():
        of, _, path = name.partition(":")
        found = read_file(client, of, path)
        if found not in possible:
            yield f"{name} is {found!r}, and not one of {possible}"


def read_file(client: Client, of: str, path: str) -> str | None:
    """The text of a file; None where there is none."""
    request = pfs.GetFileRequest(file=pfs.File(commit=commit("master", of), path=path))
    try:
        return b"".join(part.value for part in client.pfs.GetFile(request)).decode()
    except NotFound:
        return None


def lost_lines(client: Client, diary: Diary, prefix: str) -> Iterator[str]:
    """Lines of the file that all append to: each acknowledged one is there once, no other more than that."""
    found = Counter((read_file(client, f"{prefix}log", "/log") or "").splitlines())
    for line, acknowledged in diary.lines.items():
        if found.pop(line, 0) not in ({1} if acknowledged else {0, 1}):
            yield f"line {line!r} is not there once"
    yield from (f"line {line!r} came from nowhere" for line in found)


def unordered_heads(client: Client, diary: Diary, prefix: str) -> list[str]:
    """What no order of events explains about the branch that all commit to."""
    history = History()
    for head, began, ended in diary.made:
        history.wrote(head, began, ended)
    for head, began, ended in diary.seen:
        history.read(head, began, ended)
    commits = client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo(f"{prefix}shared"), all=True))
    order = [info.commit.id for info in commits if info.commit.branch.name == "line"][::-1]
    return history.violations(order)


def changed_commits(diary: Diary) -> Iterator[str]:
    """Commits that were not the same for all who read them."""
    for commit_id, digests in diary.digests.items():
        if len(set(digests)) > 1:
            yield f"commit {commit_id} was read as {len(set(digests))} different ones"


def torn_transactions(client: Client, prefix: str) -> Iterator[str]:
    """Branches that were made together, and are not together."""
    sides = [
        {
            info.branch.name
            for info in client.pfs.ListBranch(pfs.ListBranchRequest(repo=repo(f"{prefix}{of}")))
        }
        for of in ("left", "right")
    ]
    yield from (f"branch {name} is in one repo only" for name in sides[0] ^ sides[1])


def wrong_jobs(client: Client) -> Iterator[str]:
    """Jobs that do not end, or end badly though no stage can."""
    deadline = time.monotonic() + JOBS_END
    while open_jobs := [info for info in _jobs(client) if info.state not in _OVER]:
        if time.monotonic() > deadline:
            yield f"{len(open_jobs)} jobs do not end, as {open_jobs[0].job.id}: {open_jobs[0].reason}"
            return
        time.sleep(0.3)
    for info in _jobs(client):
        if info.state in _BAD:
            yield f"job {info.job.pipeline.name}@{info.job.id} failed: {info.reason}"


def _jobs(client: Client) -> list[Message]:
    return list(client.pps.ListJob(pps.ListJobRequest(history=-1)))


def impure_outputs(client: Client) -> Iterator[str]:
    """Outputs of pipelines that are not what their inputs and their version make."""
    for info in client.pps.ListPipeline(pps.ListPipelineRequest(details=True)):
        name, source = info.pipeline.name, info.details.input.pfs.repo
        if info.stopped:
            client.pps.StartPipeline(pps.StartPipelineRequest(pipeline=pipeline(name)))
    yield from wrong_jobs(client)
    for info in client.pps.ListPipeline(pps.ListPipelineRequest(details=True)):
        name, source = info.pipeline.name, info.details.input.pfs.repo
        word = info.details.transform.env["WORD"]
        head = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit("master", name)))
        if head.error:
            yield from _not_ended_by_a_user(client, name, head)
            continue
        with suppress(NotFound):  # the commit that it was made from was dropped, and it will go as well
            read = files_in(read_tar(client, at(head.commit.id, source)))
            expected = mapped(read, word) if word else gathered(read)
            found = files_in(read_tar(client, at(head.commit.id, name)))
            if found != expected:
                yield f"{name}@{head.commit.id} is {found}, and not {expected}"


def _not_ended_by_a_user(client: Client, name: str, head: Message) -> Iterator[str]:
    job = pps.Job(pipeline=pipeline(name), id=head.commit.id)
    ended = client.pps.InspectJob(pps.InspectJobRequest(job=job))
    if ended.state != pps.JOB_KILLED and "upstream" not in head.error and ended.state != pps.JOB_UNRUNNABLE:
        yield f"{name}@{head.commit.id} is bad: {head.error}"


def damage(client: Client) -> list[str]:
    """What `fsck --verify` finds."""
    return [found.error for found in client.pfs.Fsck(pfs.FsckRequest(verify=True))]


def damage_of_backup(backup: Path, to: Path) -> list[str]:
    """What the same check finds in what a backup, made under load, is restored to."""
    restore(backup, to)
    made = Pfs.open(to)
    try:
        return [str(found) for found in fsck.run(made, fsck.checks(made, verify=True))]
    finally:
        made.close()
