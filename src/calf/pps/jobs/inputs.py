"""What a job waits for, by the names that its pipeline gives its inputs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from calf.db.tx import Tx
from calf.model.refs import Branch, Commit
from calf.model.spec import PipelineSpec, sources
from calf.pfs import commits


@dataclass(frozen=True, slots=True)
class InputState:
    """Names of inputs whose commits are not finished (`waiting`) or finished with an error (`errored`)."""

    waiting: tuple[str, ...]
    errored: tuple[str, ...]
    unfinished: int
    """Commits; an input that is read twice is one, under two names."""


def input_state(tx: Tx, spec: PipelineSpec, commit: Commit) -> InputState:
    """How the inputs of an output commit stand."""
    readiness = commits.readiness(tx, commit)
    waiting, errored = (_names(spec, branches) for branches in (readiness.waiting, readiness.errored))
    return InputState(waiting, errored, len(readiness.waiting))


def unrunnable_reason(errored: Collection[str]) -> str:
    """Pachyderm's words for a job whose inputs are bad."""
    return f"unrunnable because the following upstream pipelines failed: {', '.join(errored)}"


def _names(spec: PipelineSpec, branches: Collection[Branch]) -> tuple[str, ...]:
    if not branches:
        return ()
    named = [leaf.name for leaf in sources(spec.input) if leaf.source in branches]
    known = {leaf.source for leaf in sources(spec.input)}
    return (*named, *(branch.repo.name for branch in branches if branch not in known))
