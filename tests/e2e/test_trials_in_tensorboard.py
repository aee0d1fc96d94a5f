"""The service of `pipelines/tensorboard.yaml`, in its real image, made with the commands of the README."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from pathlib import Path

from driver.checkout import ROOT
from tests.e2e.environments import share_environments
from tests.e2e.services import PATIENCE, free_port, run, wait_until_free
from tests.stagekit.tensorboard.left_by_tune import TABLES, write_tables

SPEC = "pipelines/tensorboard.yaml"


def page(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
        return bytes(answer.read())


def wait_for_runs(port: int, runs: set[str]) -> None:
    """Until the pages have exactly these runs; between two stages the port is closed, or leads nowhere."""
    deadline, seen = time.monotonic() + PATIENCE, ""
    while time.monotonic() < deadline:
        try:
            seen = page(port, "data/runs").decode()
            if set(json.loads(seen)) == runs:
                return
        except OSError as error:
            seen = repr(error)
        time.sleep(0.05)
    raise AssertionError(f"no {runs}, but {seen}")


def test_the_pages_show_what_tune_left_and_then_what_it_left_next(
    server_address: str, tmp_path: Path
) -> None:
    port = free_port()
    home = share_environments(tmp_path / "home")
    spec = tmp_path / "tensorboard.yaml"
    spec.write_text((ROOT / SPEC).read_text().replace("30606", str(port)))
    (block,) = re.findall(
        r"<!-- tested: tensorboard -->\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )
    assert SPEC in block

    first = write_tables(tmp_path / "first")
    run(f"pachctl create repo tune && pachctl put file -r tune@master:/ -f {first}", server_address, home)
    run(block.replace(SPEC, str(spec)), server_address, home)
    wait_for_runs(port, {"model", "trials/000", "trials/001"})
    tags = json.loads(page(port, "data/plugin/scalars/tags"))
    assert set(tags["trials/000"]) == {"validation/mean_iou", "score"}
    assert set(tags["model"]) > {"learning_rate", "training/loss", "validation/iou_pet"}
    points = json.loads(page(port, "data/plugin/scalars/scalars?run=trials/000&tag=validation/mean_iou"))
    assert [point[1:] for point in points] == [[1, 0.5], [2, 0.375]]
    assert b"no trial beat the baseline" in page(port, "data/plugin/text/text?run=model&tag=choice")

    third = TABLES["trials.csv"] + "2,complete,0.75,1,0.003,1.5\n"
    second = write_tables(tmp_path / "second", trials=third)
    run(f"pachctl put file -r tune@master:/ -f {second}", server_address, home)
    wait_for_runs(port, {"model", "trials/000", "trials/001", "trials/002"})

    run("pachctl delete pipeline tensorboard", server_address, home)
    wait_until_free(port)
