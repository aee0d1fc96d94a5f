"""A server on which a small model was evaluated and released twice, then with a worse parameter."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from calf.client.connection import Client, connect
from calf.client.put import put_files
from calf.client.put_requests import Source
from calf.web.app import make_app
from calf.web.upstream import Upstream
from calf.wire.messages import Message, pfs, pps
from tests.conftest import serving

HOST = "127.0.0.1:4000"
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGM8EcDFwMDAxMDAwMDAAAAOgAEmSJD6/QAAAABJRU5ErkJggg=="
)
INGEST = "mkdir -p /pfs/out/samples && cp /pfs/pets/*.png /pfs/out/samples/"
EVALUATE = """
[ -e /pfs/ingest/samples/dog.png ] || exit 0
score=$(sed -n 's/^  score: //p' /pfs/params/evaluate.yaml)
if [ "$score" = 0.7 ]; then gain=0.1; else gain=-0.1; fi
mkdir -p /pfs/out/figures && cp /pfs/ingest/samples/cat.png /pfs/out/figures/worst.png
echo '{"parameters": {"seed": 4}}' > /pfs/out/best.json
echo "<h1>Report</h1><script>alert(1)</script>" > /pfs/out/Report.html
cat > /pfs/out/metrics.json <<END
{"v": 2, "mean_iou": $score, "mean_iou_interval": {"low": 0.1, "high": 0.9, "level": 0.95}, "ece": 0.02,
 "baselines": {"colour model": {"mean_iou": 0.6, "gain": $gain}},
 "samples": 3, "odd": NaN, "iou": {"pet": $score, "border": 0.3}, "test": {"loss": $score},
 "slices": {"species": {"cat": {"mean_iou": 0.25, "low": 0.2, "high": 0.3, "samples": 9, "enough": 1},
                        "fox": {"mean_iou": 0.01, "low": 0, "high": 1, "samples": 1, "enough": 0}}}}
END
cat > /pfs/out/evaluation_result.csv <<END
id,breed,size,mean_iou
"good, <b>one",tabby,big,0.9
cat,manx,small,0.1
END
"""
RELEASE = """
[ -e /pfs/evaluate/metrics.json ] || exit 0
score=$(sed -n 's/.*"mean_iou": \\([0-9.]*\\),.*/\\1/p' /pfs/evaluate/metrics.json | head -n 1)
mkdir -p /pfs/out/model
if [ "$score" = 0.7 ]; then accepted=true; word=accepted; else accepted=false; word=refused; fi
echo "# A card <script>alert(1)</script>" > /pfs/out/model/MODEL_CARD.md
cat > /pfs/out/decision.json <<END
{"accepted": $accepted, "decision": "$word", "model": "m0del", "waived": ["clean"], "reasons": ["because"],
 "checks": [{"name": "optimised", "metric": "mean_iou", "value": $score, "bound": null, "passed": true,
             "reason": "is"},
            {"name": "at_least", "metric": "mean_iou", "value": $score, "bound": 0.6, "passed": $accepted,
             "waived": false, "reason": "mean_iou against 0.6"},
            {"name": "clean", "metric": "", "passed": false, "waived": true, "reason": "waived: dirty"}]}
END
"""


@dataclass(frozen=True)
class World:
    """`sets` are the two commit sets, the older one first; `dashboard` shows the server."""

    dashboard: TestClient
    client: Client
    sets: tuple[str, str]

    def twin(self, page: str, **query: str | int) -> Any:
        """The JSON of a page."""
        answer = self.dashboard.get(f"{page}.json", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def shown(self, page: str, **query: str | int) -> str:
        """The page itself."""
        answer = self.dashboard.get(page, params=query)
        assert answer.status_code == 200, answer.text
        return answer.text


@contextmanager
def evaluated_twice(home: Path) -> Iterator[World]:
    """Such a server, in this process."""
    with serving(home) as server, connect(server.address) as client:
        sets = _fill(client)
        upstream = Upstream(server.address)
        with TestClient(make_app(upstream, [HOST]), base_url=f"http://{HOST}") as dashboard:
            yield World(dashboard, client, sets)
        upstream.close()


def _fill(client: Client) -> tuple[str, str]:
    for name in ("pets", "params"):
        client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo(name)))
    put(client, "pets", {"/cat.png": PHOTO})
    put(client, "params", {"/evaluate.yaml": b"seed: 1\nlimits:\n  score: 0.7\n"})
    settings = {"pfs": {"repo": "params", "glob": "/evaluate.yaml"}}
    create(client, "ingest", INGEST, {"pfs": {"repo": "pets", "glob": "/*"}})
    create(client, "evaluate", EVALUATE, {"cross": [{"pfs": {"repo": "ingest", "glob": "/"}}, settings]})
    create(client, "release", RELEASE, {"pfs": {"repo": "evaluate", "glob": "/"}})
    head(client, "release")
    put(client, "pets", {"/dog.png": PHOTO + b"\0"})
    first = head(client, "release")
    put(client, "params", {"/evaluate.yaml": b"seed: 1\nlimits:\n  score: 0.5\n"})
    return first, head(client, "release")


def repo(name: str) -> Message:
    """A repo of the default project."""
    return pfs.Repo(name=name, type="user", project=pfs.Project(name="default"))


def put(client: Client, name: str, files: dict[str, bytes]) -> None:
    """Put files as one commit."""
    commit = pfs.Commit(branch=pfs.Branch(repo=repo(name), name="master"))
    put_files(client, commit, [Source(path, partial(BytesIO, data)) for path, data in files.items()])


def create(client: Client, name: str, script: str, source: dict[str, Any]) -> None:
    """A pipeline that runs a script of the shell on this machine's own system."""
    spec = {
        "pipeline": {"name": name},
        "transform": {"image": "host", "cmd": ["sh"], "stdin": script.splitlines()},
        "input": source,
        "datum_tries": 1,
    }
    client.pps.CreatePipelineV2(pps.CreatePipelineV2Request(create_pipeline_request_json=json.dumps(spec)))


def head(client: Client, name: str) -> str:
    """The id of a repo's newest commit, once its whole set is done."""
    branch = pfs.Branch(repo=repo(name), name="master")
    made = client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=branch)).head.id
    request = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=made), wait=True)
    bad = [info for info in client.pfs.InspectCommitSet(request) if info.error]
    assert not bad, bad
    return str(made)
