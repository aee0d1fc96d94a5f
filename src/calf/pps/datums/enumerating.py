"""From the input of a pipeline and the commits that it reads to its datums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calf.db.tx import Tx
from calf.model.not_found import branch_not_found
from calf.model.pps_infos import DatumInput
from calf.model.refs import Branch, Commit
from calf.model.spec import Input, sources
from calf.pfs import commits as pfs_commits
from calf.pfs.engine import Pfs
from calf.pps.datums.combining import combine
from calf.pps.datums.leaves import Source
from calf.storage.holds import Note


def enumerate_datums(
    pfs: Pfs, tx: Tx, node: Input, commits: Mapping[Branch, Commit], note: Note | None = None
) -> Iterator[tuple[DatumInput, ...]]:
    """The inputs of each datum of a complete input, lazily and always in the same order.

    `commits` says what each input branch stands for. Who iterates after the end of `tx` gives the `note` of
    a hold. Two datums may be the same (a union of an input with itself): callers go by `datum_id`.

    Raises `NotFound` for a branch that is not in `commits`, `Unfinished` for a commit whose contents are
    not known yet.
    """
    found: dict[Branch, Source] = {}
    for leaf in sources(node):
        branch = leaf.source
        if branch not in commits:
            raise branch_not_found(branch)
        if branch not in found:
            commit = commits[branch]
            found[branch] = Source(commit, pfs_commits.root(tx, commit), pfs.store.get)
            if note is not None:
                note(found[branch].root)
    return (tuple(match.part for match in matches) for matches in combine(node, found))
