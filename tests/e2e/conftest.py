from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from calf.client.connection import Client, connect
from calf.wire.messages import Message, pfs, pps
from driver.checkout import STAGES, run_calf, run_tool
from driver.dag import Plan, run_dag
from driver.sources import Parameters
from driver.watch import Row

TINY = Path(__file__).with_name("tiny.yaml")
PAIRS = 40


@dataclass(frozen=True)
class Engine:
    """A server of our own with the whole pipeline on it."""

    plan: Plan
    drawn: Path

    @property
    def photos(self) -> Path:
        assert self.plan.pets is not None
        return self.plan.pets

    def connect(self) -> Client:
        return connect(self.plan.address)

    def run(self, *overrides: str) -> dict[str, Row]:
        """What `make run` does, with some parameters changed."""
        chosen = replace(self.plan.parameters, overrides=overrides)
        rows = run_dag(replace(self.plan, parameters=chosen), Console())
        return {row.pipeline: row for row in rows}

    def jobs(self) -> dict[str, list[Message]]:
        """All jobs of each pipeline, newest first."""
        with self.connect() as client:
            return {name: list(client.pps.ListJob(request(name))) for name in STAGES}

    def add_photos(self, count: int) -> None:
        """Copy `count` more drawn pairs into the folder of photos."""
        have = {path.stem for path in (self.photos / "images").iterdir()}
        more = [path for path in sorted((self.drawn / "images").glob("*.jpg")) if path.stem not in have][
            :count
        ]
        assert len(more) == count
        for path in more:
            shutil.copy(path, self.photos / "images")
            shutil.copy(
                self.drawn / f"annotations/trimaps/{path.stem}.png", self.photos / "annotations/trimaps"
            )


def request(name: str) -> Message:
    return pps.ListJobRequest(
        pipeline=pps.Pipeline(name=name, project=pfs.Project(name="default")), history=-1, details=True
    )


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("engine")
    run_tool("-m", "data.generate", "--count", str(PAIRS + 10), "--out", folder / "drawn")
    (folder / "photos/images").mkdir(parents=True)
    (folder / "photos/annotations/trimaps").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    plan = Plan(folder / "home", address, folder / "photos", Parameters("quick", (TINY,)))
    made = Engine(plan, folder / "drawn")
    made.add_photos(PAIRS)
    yield made
    run_calf("down", "--home", plan.home)
