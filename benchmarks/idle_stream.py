"""An idle subscription, pinged as the Go client pings: whether it still delivers after ten minutes.

    .venv/bin/python benchmarks/idle_stream.py [SECONDS]

Not part of `make bench`, for its length. The client sends a ping every 20 seconds, on the stream and, on a
second connection, without any call; servers with gRPC's defaults cut such a client off after 100 seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from serving import ROOT, serving

from calf.client.connection import connect
from calf.wire.messages import google, pfs

TEN_MINUTES = 600.0
_PINGS = (
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
)


def main(seconds: float) -> int:
    """Serve, and say whether the stream lives."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / ".cache") as work,
        serving(Path(work)) as made,
    ):
        alive = _lives(made.address, seconds)
    print(f"after {seconds:.0f} idle seconds the stream {'lives' if alive else 'is dead'}")
    return 0 if alive else 1


def _lives(address: str, seconds: float) -> bool:
    """Wait, then commit: the stream must bring the commit, and the connection without calls must answer."""
    with (
        connect(address) as client,
        grpc.insecure_channel(address, _PINGS) as idle,
        grpc.insecure_channel(address, _PINGS) as silent,
    ):
        ask = _version(silent)
        repo = pfs.Repo(name="idle")
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
        stream = _subscribe(idle, repo)
        time.sleep(seconds)
        branch = pfs.Branch(repo=repo, name="master")
        made = client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch))
        ask()
        return bool(next(stream).commit.id == made.id)


def _version(channel: grpc.Channel) -> Any:
    empty = google.Empty().SerializeToString()
    call = channel.unary_unary("/versionpb_v2.API/GetVersion")
    call(empty)
    return lambda: call(empty)


def _subscribe(channel: grpc.Channel, repo: Any) -> Iterator[Any]:
    call = channel.unary_stream(
        "/pfs_v2.API/SubscribeCommit", response_deserializer=pfs.CommitInfo.FromString
    )
    request = pfs.SubscribeCommitRequest(repo=repo, branch="master", state=pfs.STARTED)
    stream: Iterator[Any] = call(request.SerializeToString())
    return stream


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else TEN_MINUTES))
