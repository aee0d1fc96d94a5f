from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from driver.checkout import run_calf, run_tool
from driver.dag import Plan
from driver.sources import Parameters
from tests.e2e.engine import PAIRS, Engine
from tests.e2e.environments import share_environments

TINY = Path(__file__).with_name("tiny.yaml")


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("engine")
    run_tool("-m", "data.generate", "--count", str(PAIRS + 10), "--out", folder / "drawn")
    (folder / "photos/images").mkdir(parents=True)
    (folder / "photos/annotations/trimaps").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    plan = Plan(share_environments(folder / "home"), address, folder / "photos", Parameters("quick", (TINY,)))
    made = Engine(plan, folder / "drawn")
    made.add_photos(PAIRS)
    yield made
    run_calf("down", "--home", plan.home)
