"""What differs between two commits: which files, and in one of them, what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.model.errors import NotFound
from calf.views.labels import repo_name
from calf.views.words import printable
from calf.web import links
from calf.web.files.changes import find_changes
from calf.web.files.comparing.choosing import compare
from calf.web.files.comparing.sides import Sides
from calf.web.files.places import (
    commit_at,
    commit_data,
    crumbs_to_commit,
    file_in,
    find_commit,
    reference,
    repo_of,
)
from calf.web.files.remote import Remote
from calf.web.pages import Ask, Page
from calf.wire.messages import Message, pfs

_ROWS = 100
Side = tuple[Remote, str] | None


def show_difference(ask: Ask) -> Page:
    """From the commit `?old=`, by default its parent, to `?new=`; of one file if there is a `?path=`."""
    new = find_commit(ask, ask.needed("new"))
    old = _old(ask, new)
    data: dict[str, Any] = {
        "new": commit_data(new),
        "old": commit_data(old) if old else None,
        "command": _command(ask, old, new),
    }
    crumbs = crumbs_to_commit(ask, new.commit.id)
    path = ask.text("path")
    if path:
        data |= _of_file(ask, old, new, path)
        title = printable(path)
        link = links.diff(ask.project, ask.path["name"], old.commit.id if old else "", new.commit.id)
        return Page("files/file_difference.html", title, data, (*crumbs, ("changes", link)), section="repos")
    changes = find_changes(ask, old.commit if old else None, new.commit, _ROWS, ask.text("after"))
    return Page("files/difference.html", "What changed", {**data, **changes.data()}, crumbs, section="repos")


def _old(ask: Ask, new: Message) -> Message | None:
    """The older commit, None when there is nothing before the new one."""
    wanted = ask.text("old") or new.parent_commit.id
    return find_commit(ask, wanted) if wanted else None


def _of_file(ask: Ask, old: Message | None, new: Message, path: str) -> Mapping[str, Any]:
    name = ask.path["name"]
    before, after = _side(ask, old, path), _side(ask, new, path)
    if before is None and after is None:
        raise NotFound(f"neither commit has a file {path}", "the list of changes leads to those that differ")
    sides = Sides(ask, path, before, after)
    return {
        "path": path,
        "shown": printable(path),
        "before": _told(ask, name, old, before),
        "after": _told(ask, name, new, after),
        "same": sides.same,
        **compare(sides),
    }


def _side(ask: Ask, info: Message | None, path: str) -> Side:
    """The file in a commit, and its hash; None when it is not there, or a folder."""
    if info is None:
        return None
    file = file_in(commit_at(repo_of(ask), info.commit.id), path)
    try:
        found = ask.client.pfs.InspectFile(pfs.InspectFileRequest(file=file))
    except NotFound:
        return None
    if found.file_type == pfs.DIR:
        return None
    return Remote(ask.client, file, found.size_bytes), found.hash.hex()


def _told(
    ask: Ask, name: str, info: Message | None, side: tuple[Remote, str] | None
) -> Mapping[str, Any] | None:
    if info is None or side is None:
        return None
    remote, digest = side
    return {
        "commit": reference(info.commit),
        "size": remote.size,
        "hash": digest,
        "link": links.files(ask.project, name, info.commit.id, remote.path),
    }


def _command(ask: Ask, old: Message | None, new: Message) -> str:
    repo = repo_name(new.commit.repo)
    before = f" {repo}@{old.commit.id}:/" if old and old.commit.id != new.parent_commit.id else ""
    return f"pachctl diff file {repo}@{new.commit.id}:/{before} --project {ask.project}"
