"""From URLs to contents: the server reads what a client names."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from calf.kit.paths import check_put_path, clean
from calf.model.content import Content
from calf.model.errors import CalfError, Cancelled, NoSpace, NotFound
from calf.model.ports import Cancel
from calf.model.statement.redacting import redact_text
from calf.pfs.files.ops import FetchFile
from calf.storage.remote import Remote, RemoteFile, Remotes

USUAL_CONCURRENCY, MOST_CONCURRENCY = 50, 1000
_SMALL = 4 << 20
_IN_FLIGHT = 64 << 20
_PAGES = ("http://", "https://")

Store = Callable[[Iterator[bytes]], Content]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came from a URL, and where it goes."""

    path: str
    content: Content


def fetch(remotes: Remotes, op: FetchFile, store: Store, cancel: Cancel) -> Iterator[Fetched]:
    """The files that the operation names, stored one after another while further small ones are fetched.

    A page of the web is one file, asked for recursively or not.

    Raises what the remote place raises, in Pachyderm's words (`error retrieving content from "URL": …`), and
    `InvalidArgument` for a name that cannot be a path here.
    """
    with _named(op.url):
        remote = remotes.open(op.url)
        if op.recursive and not op.url.startswith(_PAGES):
            yield from _all_below(remote, op, store, cancel)
        else:
            yield Fetched(check_put_path(op.path), store(_until(cancel, remote.read())))


def _all_below(remote: Remote, op: FetchFile, store: Store, cancel: Cancel) -> Iterator[Fetched]:
    """A window of files in flight, taken in order, so that memory and threads stay bounded."""
    width = min(op.concurrency or USUAL_CONCURRENCY, MOST_CONCURRENCY)
    waiting: deque[tuple[str, RemoteFile, Future[bytes] | None]] = deque()
    found, size = False, 0
    with ThreadPoolExecutor(width, "fetch") as pool:
        try:
            for file in remote.list():
                found = True
                path = check_put_path(f"{clean(op.path)}/{file.name}")
                early = pool.submit(_whole, remote, file.name, cancel) if file.size <= _SMALL else None
                waiting.append((path, file, early))
                size += file.size if early else 0
                while waiting and (len(waiting) >= width or size > _IN_FLIGHT):
                    size -= waiting[0][1].size if waiting[0][2] else 0
                    yield _take(remote, store, cancel, *waiting.popleft())
            while waiting:
                yield _take(remote, store, cancel, *waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)
    if not found:
        raise NotFound("there are no files", "check the address; a single file is put without -r")


def _take(
    remote: Remote, store: Store, cancel: Cancel, path: str, file: RemoteFile, early: Future[bytes] | None
) -> Fetched:
    pieces = iter([early.result()]) if early else remote.read(file.name)
    return Fetched(path, store(_until(cancel, pieces)))


def _whole(remote: Remote, name: str, cancel: Cancel) -> bytes:
    return b"".join(_until(cancel, remote.read(name)))


def _until(cancel: Cancel, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if cancel.cancelled:
            raise Cancelled("the request was cancelled")
        yield piece


@contextmanager
def _named(url: str) -> Iterator[None]:
    try:
        yield
    except (Cancelled, NoSpace):
        raise
    except CalfError as error:
        raise type(error)(
            f'error retrieving content from "{redact_text(url)}": {error.message}', error.hint, error.field
        ) from error
