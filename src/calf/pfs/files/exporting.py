"""Writing files out to a place that a URL names."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from calf.model.content import Node
from calf.model.errors import Cancelled
from calf.model.ports import Cancel
from calf.model.refs import CommitRef
from calf.pfs.engine import Pfs
from calf.pfs.files.selecting import EVERYWHERE, PathRange, select
from calf.pfs.files.snapshot import held_snapshot
from calf.storage.remote import Remote

_AT_ONCE = 16


def export(
    pfs: Pfs, ref: CommitRef, path: str, url: str, cancel: Cancel, between: PathRange = EVERYWHERE
) -> int:
    """Write all files that `path`, a glob, matches below `url`, each at its whole path; gives their bytes.

    What is there already is replaced, other files stay: doing it again does no harm, and after an error that
    is what to do. An empty commit writes nothing. Raises as `get` does, and what the remote place raises.
    """
    remote = pfs.remotes.open(url)
    with held_snapshot(pfs, ref, cancel) as snapshot:
        if snapshot.root is None:
            return 0
        files = (node for node in select(snapshot, path, between=between) if node.entry)
        return sum(_in_parallel(pfs, remote, files, cancel))


def _in_parallel(pfs: Pfs, remote: Remote, files: Iterator[Node], cancel: Cancel) -> Iterator[int]:
    waiting: deque[Future[int]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, "export") as pool:
        try:
            for file in files:
                waiting.append(pool.submit(_write, pfs, remote, file, cancel))
                if len(waiting) > _AT_ONCE:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _write(pfs: Pfs, remote: Remote, file: Node, cancel: Cancel) -> int:
    remote.write(file.path.removeprefix("/"), _pieces(pfs, file, cancel))
    return file.size


def _pieces(pfs: Pfs, file: Node, cancel: Cancel) -> Iterator[bytes]:
    if file.entry is None:
        return
    for piece in pfs.store.read(file.entry.content):
        if cancel.cancelled:
            raise Cancelled("the request was cancelled")
        yield piece
