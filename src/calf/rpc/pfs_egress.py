"""Copying a whole commit out to an object store or an open folder, when a client asks for it."""

from __future__ import annotations

from functools import partial

from calf.model.errors import InvalidArgument, Unimplemented
from calf.pfs import files
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_commit_ref
from calf.wire.messages import Message
from calf.wire.messages import pfs as api


def handlers(pfs: Pfs) -> Handlers:
    """Egress."""
    return {"/pfs_v2.API/Egress": partial(egress, pfs)}


def egress(pfs: Pfs, request: Message, call: Call) -> Message:
    """Write all files of a commit below a URL, and say how many bytes that were."""
    match request.WhichOneof("target"):
        case "object_storage":
            ref, url = read_commit_ref(request.commit), request.object_storage.url
            written = files.export(pfs, ref, "/", url, call.cancel)
            result = api.EgressResponse.ObjectStorageResult(bytes_written=written)
            return api.EgressResponse(object_storage=result)
        case "sql_database":
            raise Unimplemented(
                "egress to SQL databases is not offered by this server",
                "egress files to an object store or a folder, and load them from there",
            )
        case _:
            raise InvalidArgument("egress failed: no target was specified", "give object_storage.url")
