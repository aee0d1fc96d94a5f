"""Writing a commit as an archive that another server can take."""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO, Any, BinaryIO

from calf.client.connection import Client
from calf.client.export_format import COMMIT, FILES, FORMAT, MANIFEST, Digesting, Total, document
from calf.client.get import open_archive
from calf.client.last_good import last_good, name_of
from calf.model.errors import NotFound, Unfinished, WrongState
from calf.wire.messages import Message, pfs

_PIECE = 1024 * 1024
_IN_MEMORY = 4 * 1024 * 1024


def finished_commit(client: Client, commit: Message) -> Message:
    """The record of a commit that can be exported; raises CalfError for one that is open or went wrong."""
    info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))
    name = name_of(info.commit)
    if not info.HasField("finished"):
        raise Unfinished(f"commit {name} is not finished", f"`pachctl wait commit {name}` waits for it")
    if info.error:
        good = last_good(client, info)
        hint = f"the last good one is {good}" if good else f"{name} has no good commit before it"
        raise WrongState(f"commit {name} finished with an error: {info.error}", hint)
    return info


def export_commit(
    client: Client, info: Message, output: BinaryIO, progress: Callable[[int], None] = lambda _size: None
) -> Total:
    """Write the commit of this record to `output`, in one pass.

    The bytes follow from the commit and what is recorded of it, and from nothing else. Raises CalfError; what
    was written by then is no whole archive, and `import` refuses it.
    """
    told = document(_describe(client, info))
    files = size = 0
    with (
        tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        tempfile.SpooledTemporaryFile(_IN_MEMORY) as manifest,
    ):
        archive.copybufsize = _PIECE  # type: ignore[attr-defined]  # typeshed lacks it
        _add(archive, COMMIT, len(told), io.BytesIO(told))
        for member, content in _files(client, pfs.File(commit=_exact(info.commit), path="/")):
            path = _path(member)
            digesting = Digesting(content)
            _add(archive, f"{FILES}{path[1:]}", member.size, digesting)
            manifest.write(digesting.entry(path).line())
            files, size = files + 1, size + member.size
            progress(member.size)
        total = Total(files, size, hashlib.sha256(told).hexdigest())
        manifest.write(total.line())
        length = manifest.tell()
        manifest.seek(0)
        _add(archive, MANIFEST, length, manifest)
    return total


def read_files(client: Client, commit: Message) -> Iterator[tuple[str, Digesting]]:
    """Each file of a commit, by its path; it has to be read before the next."""
    for member, content in _files(client, pfs.File(commit=commit, path="/")):
        yield _path(member), Digesting(content)


def _files(client: Client, root: Message) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    try:
        with open_archive(client, root) as members:
            for member, content in members:
                if content is not None:  # it is no folder
                    yield member, content
    except NotFound:  # a cluster says so of the root of an empty commit, as of a commit that is gone
        client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=root.commit))


def _path(member: tarfile.TarInfo) -> str:
    return f"/{member.name.lstrip('/')}"


def _add(archive: tarfile.TarFile, name: str, size: int, content: Any) -> None:
    member = tarfile.TarInfo(name)  # of no time and no owner
    member.size = size
    archive.addfile(member, content)
    archive.members = []  # type: ignore[attr-defined]  # not in typeshed; else all stay in memory


def _describe(client: Client, info: Message) -> dict[str, Any]:
    """What is known of the commit besides its files: for people and programs, `import` needs none of it."""
    return {
        "format": FORMAT,
        "commit": _name(info.commit),
        "description": info.description,
        "finished": info.finished.ToJsonString(),
        "metadata": dict(info.metadata),
        "origin": pfs.OriginKind.Name(info.origin.kind) if info.HasField("origin") else "",
        "provenance": _provenance(client, info),
        "started": info.started.ToJsonString(),
    }


def _provenance(client: Client, info: Message) -> list[dict[str, Any]]:
    """All commits that it was made from, each with those that it was made from; some may be gone."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    waiting = deque(info.direct_provenance)
    while waiting:
        commit = waiting.popleft()
        name = _name(commit)
        key = tuple(name.values())
        if key in found:
            continue
        found[key] = {"commit": name}
        try:
            behind = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=_exact(commit)))
        except NotFound:
            continue
        found[key]["made_from"] = sorted((_name(each) for each in behind.direct_provenance), key=str)
        waiting.extend(behind.direct_provenance)
    return [found[key] for key in sorted(found)]


def _name(commit: Message) -> dict[str, str]:
    """A commit by project, repo and id; older servers say the repo with the branch only."""
    repo = commit.repo if commit.HasField("repo") else commit.branch.repo
    return {
        "project": repo.project.name or "default",
        "repo": repo.name,
        "type": repo.type or "user",
        "id": commit.id,
    }


def _exact(commit: Message) -> Message:
    """The commit by its id, on whatever branch."""
    name = _name(commit)
    repo = pfs.Repo(name=name["repo"], type=name["type"], project=pfs.Project(name=name["project"]))
    return pfs.Commit(repo=repo, id=commit.id)
