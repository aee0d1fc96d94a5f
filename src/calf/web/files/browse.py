"""Files of a commit: a folder's contents, what matches a pattern, or what is in a file."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from posixpath import basename
from typing import Any

from calf.model.errors import InvalidArgument, NotFound, Unfinished
from calf.views.labels import repo_name
from calf.views.words import printable
from calf.web import links
from calf.web.files.folder import beside, file_data, list_folder, list_matching
from calf.web.files.places import (
    commit_data,
    crumbs_to_path,
    file_in,
    find_commit,
    put_words,
    quoted,
    repo_of,
)
from calf.web.files.previews.choosing import show_file
from calf.web.files.previews.subject import HEAD, Subject
from calf.web.files.remote import Remote, literal
from calf.web.pages import Ask, Page
from calf.wire.messages import Message, pfs

_CHOICES = 30


def show_files(ask: Ask) -> Page:
    """`?commit=` (an id or a branch) and `?path=`; `?glob=` filters, `?after=` begins behind a path."""
    name, wanted = ask.path["name"], ask.needed("commit")
    info = find_commit(ask, wanted)
    commit, path = info.commit, ask.text("path", "/")
    found = _inspect(ask, commit, path)
    path = found.file.path.rstrip("/") or "/" if found else "/"
    data: dict[str, Any] = {
        "commit": commit_data(info),
        "wanted": wanted,
        "path": path,
        "shown": printable(path),
        "permalink": links.files(ask.project, name, commit.id, path),
        "raw": links.raw(ask.project, name, commit.id, path),
        "choices": _choices(ask, info),
        "commands": _commands(commit, path, folder=found is None or found.file_type != pfs.FILE),
    }
    title = printable(basename(path)) or "Files"
    crumbs = crumbs_to_path(ask, commit.id, path) if path != "/" else crumbs_to_path(ask, commit.id, "")[:-1]
    if found is not None and found.file_type == pfs.FILE:
        data |= {"file": file_data(found), **_file(ask, commit, found), "beside": beside(ask, commit, path)}
        return Page("files/file.html", title, data, crumbs, section="repos")
    data |= _folder(ask, commit, path)
    return Page("files/folder.html", title, data, crumbs, section="repos")


def _inspect(ask: Ask, commit: Message, path: str) -> Message | None:
    """The record of a path; None for the root, which is a folder whatever is in it."""
    if not path.strip("/"):
        return None
    return ask.client.pfs.InspectFile(pfs.InspectFileRequest(file=file_in(commit, path)))


def _file(ask: Ask, commit: Message, info: Message) -> Mapping[str, Any]:
    remote = Remote(ask.client, info.file, info.size_bytes)
    head = remote.read(0, HEAD) if info.size_bytes else b""
    return show_file(Subject(ask, commit.id, remote, head))


def _folder(ask: Ask, commit: Message, path: str) -> Mapping[str, Any]:
    glob, after = ask.text("glob"), ask.text("after")
    pattern = glob if glob.startswith("/") or not glob else f"{literal(path.rstrip('/'))}/{glob}"
    if pattern:
        files, more = list_matching(ask, commit, pattern, after)
    else:
        files, more = list_folder(ask, commit, path, after)
    grid = ask.text("view") == "grid"
    pictures = [file for file in files if file["kind"] == "picture"]
    return {
        "files": files,
        "glob": glob,
        "grid": grid and bool(pictures),
        "pictures": len(pictures),
        "more": links.files(
            ask.project, ask.path["name"], commit.id, path, glob=glob, after=more, view="grid" if grid else ""
        )
        if more
        else "",
    }


def _choices(ask: Ask, info: Message) -> Mapping[str, Any]:
    """Other branches, and the newest commits of this one's branch, to look at the same path in."""
    repo = repo_of(ask)
    branches = [each.branch.name for each in ask.client.pfs.ListBranch(pfs.ListBranchRequest(repo=repo))]
    request = pfs.ListCommitRequest(repo=repo, number=_CHOICES, all=True)
    if info.commit.branch.name in branches:
        request.to.CopyFrom(pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name=info.commit.branch.name)))
    try:
        newest = [commit_data(each) for each in islice(ask.client.pfs.ListCommit(request), _CHOICES)]
    except (NotFound, InvalidArgument, Unfinished):
        newest = []
    return {
        "branches": branches[:100],
        "commits": [{key: each[key] for key in ("id", "started", "message")} for each in newest],
    }


def _commands(commit: Message, path: str, *, folder: bool) -> Mapping[str, str]:
    project = f" --project {commit.repo.project.name}"
    branch = commit.branch.name or "master"
    place = quoted(f"{repo_name(commit.repo)}@{commit.id}:{path}") + project
    head = quoted(f"{repo_name(commit.repo)}@{branch}:{path}") + project
    return {
        "delete": f"pachctl delete file{' -r' if folder else ''} {head}",
        "list": f"pachctl list file {place}",
        "get": f"pachctl get file {place}",
        "put": put_words(commit.repo, branch, path),
    }
