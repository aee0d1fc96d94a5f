"""The checks over the wire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from calf.pfs import fsck
from calf.pfs.engine import Pfs
from calf.pfs.fsck import Check
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_commit_ref
from calf.wire.messages import Message
from calf.wire.messages import pfs as api


def handlers(pfs: Pfs, more: Sequence[Check] = ()) -> Handlers:
    """The method that checks; `more` are the checks of other rooms."""
    return {"/pfs_v2.API/Fsck": partial(check_all, pfs, more)}


def check_all(pfs: Pfs, more: Sequence[Check], request: Message, call: Call) -> Iterator[Message]:
    """What is wrong; nothing when all is well. `verify` reads every object; nothing is ever fixed."""
    target = read_commit_ref(request.zombie_target) if request.HasField("zombie_target") else None
    zombies = fsck.zombie_checks(pfs, target, request.zombie_all)
    for violation in fsck.run(pfs, [*fsck.checks(pfs, request.verify), *more, *zombies]):
        call.cancel.check()
        yield api.FsckResponse(error=str(violation))
