"""Filesets as the `storage.Fileset` service of newer clients sees them: plain files, without owners."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from calf.kit.cancel import CancelToken
from calf.model.errors import InvalidArgument, NotFound, Unimplemented
from calf.model.ports import Cancel
from calf.model.refs import CommitRef
from calf.pfs import files
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile, CopyFile, DeleteFile, Op, PathRange
from calf.pfs.filesets.create import create
from calf.pfs.filesets.lay import compose
from calf.pfs.filesets.lifetime import USUAL_LIFE, reference, renew
from calf.pfs.filesets.shard import shard
from calf.rpc.call import Call, Handlers
from calf.rpc.patterns import Test, finder
from calf.wire.messages import Message, google
from calf.wire.messages import storage as api

MOST_FILTERS = 16


def handlers(pfs: Pfs) -> Handlers:
    """The service."""
    return {
        "/storage.Fileset/CreateFileset": partial(create_fileset, pfs),
        "/storage.Fileset/ReadFileset": partial(read_fileset, pfs),
        "/storage.Fileset/ReadFilesetCDR": read_references,
        "/storage.Fileset/RenewFileset": partial(renew_fileset, pfs),
        "/storage.Fileset/ComposeFileset": partial(compose_fileset, pfs),
        "/storage.Fileset/ShardFileset": partial(shard_fileset, pfs),
    }


def create_fileset(pfs: Pfs, requests: Iterator[Message], call: Call) -> Message:
    """A fileset from operations on files."""
    made = create(pfs, _ops(pfs, requests, call.cancel), call.cancel)
    return api.CreateFilesetResponse(fileset_id=made.id)


def read_fileset(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The files that pass all filters, each in one message or several."""
    ref = reference(request.fileset_id)
    if len(request.filters) > MOST_FILTERS:
        raise InvalidArgument(f"at most {MOST_FILTERS} filters are possible", "join patterns with |")
    with ExitStack() as patterns:
        wanted = [_filter(each, patterns) for each in request.filters]
        for info in files.walk_file(pfs, ref, "/", call.cancel):
            path = info.file.path
            if not path.endswith("/") and all(test(path) for test in wanted):
                yield from _read(pfs, ref, path, request.empty_files, call.cancel)


def _read(pfs: Pfs, ref: CommitRef, path: str, empty: bool, cancel: CancelToken) -> Iterator[Message]:
    """A file in one message or several; `empty`: without what is in it."""
    sent = False
    for piece in () if empty else files.get(pfs, ref, path, cancel):
        cancel.check()
        sent = True
        yield api.ReadFilesetResponse(path=path, data=google.BytesValue(value=piece))
    if not sent:
        yield api.ReadFilesetResponse(path=path, data=google.BytesValue())


def read_references(_request: Message, _call: Call) -> Iterator[Message]:
    """Not offered: the references are signed URLs of an object store, and our bytes are in none."""
    raise Unimplemented(
        "this server keeps its bytes itself and has no URLs for them", "use ReadFileset, which sends them"
    )


def renew_fileset(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Have a fileset live on."""
    renew(pfs, request.fileset_id, request.ttl_seconds)
    return google.Empty()


def compose_fileset(pfs: Pfs, request: Message, call: Call) -> Message:
    """Make several filesets into one."""
    ttl = request.ttl_seconds or USUAL_LIFE
    made = compose(pfs, list(request.fileset_ids), call.cancel, ttl)
    return api.ComposeFilesetResponse(fileset_id=made.id)


def shard_fileset(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Ranges of paths that cover a fileset."""
    ranges = shard(pfs, request.fileset_id, request.num_files, request.size_bytes)
    return api.ShardFilesetResponse(
        shards=[api.PathRange(lower=each.lower, upper=each.upper) for each in ranges]
    )


def _ops(pfs: Pfs, requests: Iterator[Message], cancel: Cancel) -> Iterator[Op]:
    for request in requests:
        match request.WhichOneof("modification"):
            case "append_file":
                yield AddFile(request.append_file.path, [request.append_file.data.value])
            case "delete_file":
                yield DeleteFile(request.delete_file.path)
            case "copy_file":
                yield from _copy(pfs, request.copy_file, cancel)
            case _:
                raise InvalidArgument("a message says neither append, delete nor copy file")


def _copy(pfs: Pfs, request: Message, cancel: Cancel) -> Iterator[Op]:
    """A copy from another fileset; of something that is not there, nothing."""
    source = reference(request.fileset_id)
    with files.held_snapshot(pfs, source, cancel) as snapshot:
        try:
            snapshot.find(request.src)
        except NotFound:
            return
    yield CopyFile(request.dst or request.src, source, request.src)


def _filter(message: Message, patterns: ExitStack) -> Test:
    match message.WhichOneof("filter"):
        case "path_range":
            between = PathRange(message.path_range.lower, message.path_range.upper)
            return lambda path: path in between
        case "path_regex":
            return patterns.enter_context(finder(message.path_regex, "path_regex"))
        case _:
            raise InvalidArgument("a filter says neither path_range nor path_regex")
