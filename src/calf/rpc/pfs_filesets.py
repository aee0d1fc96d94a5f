"""Filesets over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.model.errors import InvalidArgument
from calf.pfs.engine import Pfs
from calf.pfs.filesets.create import create
from calf.pfs.filesets.lay import compose, lay
from calf.pfs.filesets.lifetime import USUAL_LIFE, renew
from calf.pfs.filesets.shard import shard
from calf.pfs.filesets.take import Part, take
from calf.rpc.batches import More
from calf.rpc.call import Call, Handlers
from calf.rpc.pfs_modify_file import read_ops
from calf.wire.convert_refs import read_commit_ref
from calf.wire.messages import Message, google
from calf.wire.messages import pfs as api


def handlers(pfs: Pfs) -> Handlers:
    """All methods about filesets."""
    return {
        "/pfs_v2.API/CreateFileSet": partial(create_fileset, pfs),
        "/pfs_v2.API/GetFileSet": partial(get_fileset, pfs),
        "/pfs_v2.API/AddFileSet": partial(add_fileset, pfs),
        "/pfs_v2.API/RenewFileSet": partial(renew_fileset, pfs),
        "/pfs_v2.API/ComposeFileSet": partial(compose_fileset, pfs),
        "/pfs_v2.API/ShardFileSet": partial(shard_fileset, pfs),
    }


def create_fileset(pfs: Pfs, requests: Iterator[Message | More], call: Call) -> Message:
    """A fileset from the same operations as ModifyFile takes."""
    made = create(pfs, read_ops(_without_commit(requests)), call.cancel)
    return api.CreateFileSetResponse(file_set_id=made.id)


def get_fileset(pfs: Pfs, request: Message, call: Call) -> Message:
    """A fileset of what a commit holds, or of what it changed."""
    kinds = api.GetFileSetRequest.FileSetType
    part = Part.DIFF if request.type == kinds.Value("DIFF") else Part.TOTAL
    made = take(pfs, read_commit_ref(request.commit), part, call.cancel)
    return api.CreateFileSetResponse(file_set_id=made.id)


def add_fileset(pfs: Pfs, request: Message, call: Call) -> Message:
    """Lay a fileset on an open commit."""
    lay(pfs, read_commit_ref(request.commit), request.file_set_id, call.cancel)
    return google.Empty()


def renew_fileset(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Have a fileset live on."""
    renew(pfs, request.file_set_id, request.ttl_seconds)
    return google.Empty()


def compose_fileset(pfs: Pfs, request: Message, call: Call) -> Message:
    """Make several filesets into one; ours are always compact."""
    ttl = request.ttl_seconds or USUAL_LIFE
    return api.CreateFileSetResponse(
        file_set_id=compose(pfs, list(request.file_set_ids), call.cancel, ttl).id
    )


def shard_fileset(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Ranges of paths that cover a fileset."""
    ranges = shard(pfs, request.file_set_id, request.num_files, request.size_bytes)
    return api.ShardFileSetResponse(
        shards=[api.PathRange(lower=each.lower, upper=each.upper) for each in ranges]
    )


def _without_commit(requests: Iterator[Message | More]) -> Iterator[Message | More]:
    for request in requests:
        if not isinstance(request, More) and request.WhichOneof("body") == "set_commit":
            raise InvalidArgument("cannot set commit", "a file set belongs to no commit")
        yield request
