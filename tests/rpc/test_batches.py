from __future__ import annotations

from typing import Any

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
