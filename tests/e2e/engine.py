"""The engine under test, with what `make run` does to it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from calf.client.connection import Client, connect
from calf.wire.messages import Message, pfs, pps
from driver.checkout import STAGES
from driver.dag import Plan, run_dag
from driver.watch import Row

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

    def run(self, *overlays: Path) -> dict[str, Row]:
        """What `make run` does, with more files laid over the parameters."""
        given = self.plan.parameters
        chosen = replace(given, overlays=(*given.overlays, *overlays))
        rows = run_dag(replace(self.plan, parameters=chosen), Console())
        return {row.pipeline: row for row in rows}

    def jobs(self, *names: str) -> dict[str, list[Message]]:
        """All jobs of these pipelines, or of each one, newest first."""
        with self.connect() as client:
            return {name: list(client.pps.ListJob(request(name))) for name in names or STAGES}

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
