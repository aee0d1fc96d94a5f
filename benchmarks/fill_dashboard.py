"""Fills a data folder with what a dashboard has to show: `fill_dashboard.py HOME PIPELINES SETS DATUMS`.

PIPELINES in ten layers, each of which reads two of the layer before; SETS commits into the repo that the
first layer reads, each of which runs all of them; and a pipeline `wide` with DATUMS. The whole engine does
it, with a runner that runs nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fill_datums import Instant, files_of
from jobs import last_job, put_one, spec, told

from calf.client.connection import Client, connect
from calf.daemon import build
from calf.daemon.config import Config
from calf.kit.cancel import CancelToken
from calf.model.refs import CommitRef, Repo
from calf.pfs import repos
from calf.pfs.engine import Pfs
from calf.pfs.files.modifying import modify
from calf.wire.messages import google, pfs, pps

LAYERS = 10


def main(home: Path, pipelines: int, sets: int, datums: int) -> None:
    """Fill it."""
    home.mkdir(parents=True)
    engine = Pfs.open(home)
    with engine.transaction() as txn:
        for name in ("photos", "in", "told"):
            repos.create(txn, Repo("default", name), "", update=False)
    modify(engine, CommitRef(Repo("default", "photos"), "master"), files_of(datums), CancelToken())
    engine.close()
    setattr(build, "open_runner", lambda *_args, **_named: Instant())  # noqa: B010 - it is another type
    server = build.start(Config(home, "127.0.0.1:0"), lambda what, error: print(what, error, file=sys.stderr))
    with connect(server.address) as client:
        create(client, spec("wide", "photos", "/*/*", transform={"image": "host", "cmd": ["true"]}))
        told(last_job(client, "wide"))
        for number in range(pipelines):
            create(client, _layered(number, max(1, pipelines // LAYERS)))
        for number in range(sets):
            put_one(client, "in", f"/{number:05}", b"%d" % number)
        for number in range(pipelines):
            last_job(client, name_of(number))
        print(counts(client))
    server.stop()


def name_of(number: int) -> str:
    """The name of a pipeline of the layers."""
    return f"p{number:03}"


def create(client: Client, document: dict[str, object]) -> None:
    """A pipeline."""
    asked = json.dumps(document)
    client.pps.CreatePipelineV2(pps.CreatePipelineV2Request(create_pipeline_request_json=asked))


def counts(client: Client) -> dict[str, float]:
    """How many commits there are, and datums of jobs."""
    found = client.call("/calf_v1.Watching/Measure", google.Empty()).samples
    return {
        name: sum(it.value for it in found if it.name == name)
        for name in ("calf_pipelines", "calf_commits", "calf_jobs", "calf_datums")
    }


def _layered(number: int, width: int) -> dict[str, Any]:
    layer, column = divmod(number, width)
    if layer == 0:
        return spec(name_of(number), "in", "/")
    before = (name_of((layer - 1) * width + place) for place in {column, (column + 1) % width})
    inputs = [
        {"pfs": {"name": f"i{at}", "repo": repo, "glob": "/"}} for at, repo in enumerate(sorted(before))
    ]
    return spec(name_of(number), "in", input={"cross": inputs})


def newest_commit(client: Client, repo: str) -> str:
    """The id of the head of a repo's master."""
    branch = pfs.Branch(repo=pfs.Repo(name=repo, type="user"), name="master")
    return str(client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=branch)).head.id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
