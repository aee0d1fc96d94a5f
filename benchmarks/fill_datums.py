"""Fills a data folder with a pipeline whose datums have all been run: `fill_datums.py HOME COUNT`.

The whole engine does it, with a runner that runs nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from jobs import last_job, spec, told

from calf.client.connection import connect
from calf.daemon import build
from calf.daemon.config import Config
from calf.kit.cancel import CancelToken
from calf.model.ports import Cancel, DatumRun, Log, Outcome, Worker, WorkerSpec
from calf.model.refs import CommitRef, Repo
from calf.pfs import repos
from calf.pfs.engine import Pfs
from calf.pfs.files.modifying import modify
from calf.pfs.files.ops import AddFile
from calf.wire.messages import pps

FOLDER = 1000


class Instant:
    """A runner whose workers find every datum good and without output."""

    isolation = "process"

    def worker(self, _spec: WorkerSpec) -> Worker:
        """It is its own worker."""
        return self

    def run(self, _datum: DatumRun, _log: Log, _cancel: Cancel) -> Outcome:
        """Run nothing."""
        return Outcome(ok=True)

    def end_set(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is open."""


def main(home: Path, count: int) -> None:
    """Put the files, then let the pipeline `p` run over them."""
    home.mkdir()
    repo = Repo("default", "in")
    engine = Pfs.open(home)
    with engine.transaction() as txn:
        repos.create(txn, repo, "", update=False)
    modify(engine, CommitRef(repo, "master"), files_of(count), CancelToken())
    engine.close()
    setattr(build, "open_runner", lambda *_args, **_named: Instant())  # noqa: B010 - it is another type
    server = build.start(Config(home, "127.0.0.1:0"), lambda what, error: print(what, error, file=sys.stderr))
    with connect(server.address) as client:
        asked = json.dumps(spec("p", "in", "/*/*", transform={"image": "host", "cmd": ["true"]}))
        client.pps.CreatePipelineV2(pps.CreatePipelineV2Request(create_pipeline_request_json=asked))
        told(last_job(client, "p"))
    server.stop()


def files_of(count: int) -> Iterator[AddFile]:
    """Small files in folders of `FOLDER`."""
    for number in range(count):
        yield AddFile(f"/{number // FOLDER:04}/{number % FOLDER:05}", [b"%d" % number])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
