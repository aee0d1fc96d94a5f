from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import WrongState
from calf.rpc.worker_api import serve_worker_api
from calf.wire.messages import worker

NEXT = "/pachyderm.worker.Worker/NextDatum"


def test_a_stage_gets_datums_and_reports_errors_over_the_socket(tmp_path: Path) -> None:
    reports: list[str | None] = []

    def next_datum(error: str | None, _cancel: CancelToken) -> tuple[str, ...]:
        reports.append(error)
        if len(reports) > 2:
            raise WrongState("there are no more datums")
        return ("PACH_DATUM_ID=1", "in=/pfs/in/a")

    socket = tmp_path / "w.sock"
    close = serve_worker_api(socket, next_datum)
    try:
        with grpc.insecure_channel(f"unix:{socket}") as channel:
            ask: Any = channel.unary_unary(
                NEXT,
                request_serializer=worker.NextDatumRequest.SerializeToString,
                response_deserializer=worker.NextDatumResponse.FromString,
            )
            assert list(ask(worker.NextDatumRequest(), timeout=20).env) == ["PACH_DATUM_ID=1", "in=/pfs/in/a"]
            ask(worker.NextDatumRequest(error="bad picture"), timeout=20)
            with pytest.raises(grpc.RpcError, match="no more datums"):
                ask(worker.NextDatumRequest(), timeout=20)
    finally:
        close()
    assert reports == [None, "bad picture", None]
