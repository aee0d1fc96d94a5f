"""Filesets as the `storage.Fileset` service of newer clients sees them: plain files, without owners."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from calf.model.errors import InvalidArgument, NotFound, Unimplemented
from calf.model.ports import Cancel
from calf.pfs import files
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile, CopyFile, DeleteFile, Op, PathRange
from calf.pfs.filesets.create import create
from calf.pfs.filesets.lay import compose
from calf.pfs.filesets.lifetime import USUAL_LIFE, reference, renew
from calf.pfs.filesets.shard import shard
from calf.rpc.call import Call, Handlers
from calf.wire.messages import Message, google
from calf.wire.messages import storage as api

Test = Callable[[str], bool]


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
    wanted = [_filter(each) for each in request.filters]
    ref = reference(request.fileset_id)
    for info in files.walk_file(pfs, ref, "/", call.cancel):
        path = info.file.path
        if path.endswith("/") or not all(test(path) for test in wanted):
            continue
        empty = True
        for piece in () if request.empty_files else files.get(pfs, ref, path, call.cancel):
            call.cancel.check()
            empty = False
            yield api.ReadFilesetResponse(path=path, data=google.BytesValue(value=piece))
        if empty:
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
    snapshot = files.take_snapshot(pfs, source, cancel)
    try:
        snapshot.find(request.src)
    except NotFound:
        return
    yield CopyFile(request.dst or request.src, source, request.src)


def _filter(message: Message) -> Test:
    match message.WhichOneof("filter"):
        case "path_range":
            between = PathRange(message.path_range.lower, message.path_range.upper)
            return lambda path: path in between
        case "path_regex":
            try:
                pattern = re.compile(message.path_regex)
            except re.error as error:
                raise InvalidArgument(f"path_regex {message.path_regex!r} is malformed: {error}") from error
            return lambda path: pattern.search(path) is not None
        case _:
            raise InvalidArgument("a filter says neither path_range nor path_regex")
