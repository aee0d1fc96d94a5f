from __future__ import annotations

from typing import Any

import pytest

from calf.client.connection import connect
from calf.model.errors import InvalidArgument
from calf.wire.messages import calf, google, pfs

SINGLE, BATCHED = "/pfs_v2.API/ModifyFile", "/calf_v1.Files/ModifyFiles"


def test_batches_are_the_same_requests_in_the_same_order(serve: Any, ask: Any) -> None:
    seen: list[Any] = []

    def modify(requests: Any, _call: Any) -> Any:
        seen.extend(requests)
        return google.Empty()

    requests = [pfs.ModifyFileRequest(delete_file={"path": f"/{number}"}) for number in range(5)]
    call = ask(serve({SINGLE: modify}))
    call(SINGLE, iter(requests))
    batches = [calf.ModifyFilesRequest(requests=requests[:2]), calf.ModifyFilesRequest(requests=requests[2:])]
    call(BATCHED, iter(batches))
    assert seen == requests + requests


def test_a_batch_that_begins_with_files_and_no_commit_is_refused(server_address: str) -> None:
    files = calf.ModifyFilesRequest(files=calf.SmallFiles(paths=["/a"], sizes=[1], data=b"x"))
    unchanged = calf.ModifyFilesRequest(unchanged=calf.Unchanged(path="/"))
    with connect(server_address) as client:
        for first in (files, unchanged):
            with pytest.raises(InvalidArgument, match="first message must be a commit"):
                client.files.ModifyFiles(iter([first]))
