"""A stage that hangs because a child of it was killed for memory is told both."""

from __future__ import annotations

import pytest

from calf.model.ports import WorkerSpec
from calf.model.refs import Pipeline
from calf.runner.ending import Ending, failure
from tests.runner.benches import HOST


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending(code=0), ""),
        (Ending(code=0, starved=True), ""),
        (Ending(code=137, starved=True), "killed: memory limit 64MiB"),
        (Ending(timed_out=True), "timed out after 2s"),
        (
            Ending(timed_out=True, starved=True),
            "timed out after 2s (a process was killed: memory limit 64MiB)",
        ),
    ],
)
def test_the_reason_names_what_ended_it(ending: Ending, words: str) -> None:
    spec = WorkerSpec(Pipeline("default", "p"), HOST, ("true",), memory=64 << 20)
    assert failure(ending, spec, 2.0) == words
