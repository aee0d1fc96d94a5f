"""What must always hold of pipelines, for `fsck`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.refs import Pipeline
from calf.pfs.fsck import Violation


@dataclass(frozen=True, slots=True)
class VersionChanged(Violation):
    """The row of a pipeline version, which says what code made the outputs, is not what was written."""

    pipeline: Pipeline
    version: int

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"version {self.version} of pipeline {self.pipeline} was changed behind the engine's back"


def versions_never_changed(tx: Tx) -> Iterator[Violation]:
    """The row of every pipeline version agrees with its digest."""
    for pipeline, version in pipelines.damaged(tx):
        yield VersionChanged(pipeline, version)
