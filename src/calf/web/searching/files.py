"""Files and folders by a part of their path, in what each repo holds now: the samples among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calf.model.errors import CalfError, TimedOut
from calf.web import links
from calf.web.files.remote import literal
from calf.web.searching.found import Found, Search, found
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs

_MASTER = "master"
_SHORTEST = 2
_OF_REPO = 5
"""So many are named of each repo."""
_LOOKS = 0.2
"""Seconds for a repo: of 100,000 files not all are looked at."""


def find_files(search: Search, repos: Sequence[Message], seconds: float) -> list[Found]:
    """Those whose last name, or path from some folder on, has the text; what is upstream comes first.

    Of a repo that has many only the first ones, and `search.more` says so.
    """
    if len(search.text) < _SHORTEST:
        return []
    pattern, rows = pattern_of(search.text), dict[str, list[Found]]()
    missed: list[str] = []
    for info in sorted(in_order(repos), key=_size):
        name = info.repo.name
        try:
            if search.is_late(seconds):
                missed.append(name)
            else:
                rows[name] = _in_repo(search, info, pattern, missed)
        except CalfError:  # it takes long, or its newest commit is open
            missed.append(name)
    search.leave_out("files of", dict.fromkeys(missed))
    return [row for info in in_order(repos) for row in rows.get(info.repo.name, ())]


def in_order(repos: Iterable[Message]) -> list[Message]:
    """What holds something, the oldest first, which is upstream.

    A server tells the size of the branch master alone, so repos without it may hold anything.
    """
    held = [info for info in repos if info.branches and (_size(info) or not _has_master(info))]
    held.reverse()  # a server gives the newest first, also of those made in one moment
    return sorted(held, key=_age)


def _has_master(info: Message) -> bool:
    return any(branch.name == _MASTER for branch in info.branches)


def _size(info: Message) -> int:
    return int(info.details.size_bytes or info.size_bytes_upper_bound)


def _age(info: Message) -> tuple[int, int]:
    return info.created.seconds, info.created.nanos


def pattern_of(text: str) -> str:
    """The glob of paths that have a text in their last part, in either case."""
    letters = (
        f"[{each.lower()}{each.upper()}]" if each.isascii() and each.isalpha() else literal(each)
        for each in text.lstrip("/")  # the pattern begins with one
    )
    return f"/**{''.join(letters)}*"


def head_of(info: Message) -> Message:
    """The commit that a repo's main branch stands at."""
    name = _MASTER if _has_master(info) else info.branches[0].name
    return pfs.Commit(repo=info.repo, branch=pfs.Branch(repo=info.repo, name=name))


def _when(committed: Message) -> str:
    return f"committed {rfc3339(committed)[:16].replace('T', ' ')} UTC" if committed.seconds else ""


def _in_repo(search: Search, info: Message, pattern: str, missed: list[str]) -> list[Found]:
    request, rows = pfs.GlobFileRequest(commit=head_of(info), pattern=pattern), list[Found]()
    try:
        for file in search.soon(_LOOKS).pfs.GlobFile(request):
            if len(rows) == _OF_REPO:
                search.more = True
                break
            link = links.files(search.project, info.repo.name, file.file.commit.id, file.file.path)
            rows.append(found("file", f"{info.repo.name}:{file.file.path}", link, _when(file.committed)))
    except TimedOut:
        missed.append(info.repo.name)
    return rows
