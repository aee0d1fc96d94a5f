"""How a path came to be what it is: the commits in which it changed, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.model.errors import NotFound
from calf.views.words import printable
from calf.web.files.places import commit_at, commit_data, crumbs_to_path, file_in, find_commit, repo_of
from calf.web.pages import Ask, Page
from calf.wire.messages import Message, pfs

LOOKED_AT = 50
"""Commits that one page looks at: each costs a call."""


def show_history(ask: Ask) -> Page:
    """`?commit=&path=`: the commits from that one back; `?after=` goes on where a page ended."""
    path = ask.needed("path")
    info = find_commit(ask, ask.needed("commit"))
    repo = repo_of(ask)
    start = commit_at(repo, ask.text("after") or info.commit.id)
    request = pfs.ListCommitRequest(repo=repo, to=start, number=LOOKED_AT + 1, all=True)
    commits = list(ask.client.pfs.ListCommit(request))
    seen = [_look(ask, each.commit, path) for each in commits]
    changes = []
    for at, each in enumerate(commits[:LOOKED_AT]):
        before = seen[at + 1] if at + 1 < len(seen) else None
        if how := _how(before, seen[at]):
            changes.append(_change(each, how, seen[at], before))
    more = commits[LOOKED_AT].commit.id if len(commits) > LOOKED_AT else ""
    data = {
        "path": path,
        "shown": printable(path),
        "commit": commit_data(info),
        "changes": changes,
        "looked_at": len(commits[:LOOKED_AT]),
        "more": more,
    }
    crumbs = crumbs_to_path(ask, info.commit.id, path)
    return Page("files/history.html", f"History of {printable(path)}", data, crumbs, section="repos")


def _look(ask: Ask, commit: Message, path: str) -> Message | None:
    try:
        return ask.client.pfs.InspectFile(pfs.InspectFileRequest(file=file_in(commit, path)))
    except NotFound:
        return None


def _how(before: Message | None, now: Message | None) -> str:
    if before is None or now is None:
        return "added" if now else "removed" if before else ""
    return "changed" if before.hash != now.hash else ""


def _change(info: Message, how: str, now: Message | None, before: Message | None) -> Mapping[str, Any]:
    return {
        "commit": commit_data(info),
        "how": how,
        "size": now.size_bytes if now else 0,
        "before": before.size_bytes if before else 0,
        "hash": now.hash.hex() if now else "",
    }
