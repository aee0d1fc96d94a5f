"""The service of `pipelines/serve.yaml`, in its real image, where release refused: no model is loaded."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path

from driver.checkout import ROOT
from tests.e2e.environments import share_environments
from tests.e2e.services import PATIENCE, free_port, run

SPEC = "pipelines/serve.yaml"


def asked(port: int, path: str) -> tuple[int, bytes]:
    """Ask until somebody answers; gives status and body."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status, bytes(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_refused_release_is_told_to_whoever_asks_for_an_answer(server_address: str, tmp_path: Path) -> None:
    home, port = share_environments(tmp_path / "home"), free_port()
    spec = tmp_path / "serve.yaml"
    spec.write_text((ROOT / SPEC).read_text().replace("30608", str(port)))
    decision = tmp_path / "decision.json"
    decision.write_text(json.dumps({"accepted": False, "reasons": ["mean_iou is too low"]}))
    run(
        "pachctl create repo release && pachctl create repo serving && "
        f"pachctl put file release@master:/decision.json -f {decision} && "
        f"calf image build stages/serve && pachctl create pipeline -f {spec}",
        server_address,
        home,
    )
    assert asked(port, "/v2/health/live") == (200, b'{"live":true}')
    status, body = asked(port, "/v2/models/segmenter/ready")
    assert (status, "mean_iou is too low" in json.loads(body)["error"]) == (503, True)
    run("pachctl delete pipeline serve", server_address, home)
