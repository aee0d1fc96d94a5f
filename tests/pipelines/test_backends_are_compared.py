from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from rich.console import Console

import same_outputs
from calf.kit.exit_codes import NOT_REPRODUCIBLE
from driver.checkout import STAGES, StepFailedError
from reproducing import ids
from reproducing.running import Run
from reproducing.variations import Variation

A, B = "a1" * 16, "b2" * 16
CARD = "/model/MODEL_CARD.md"


def ran(name: str, card: str, weights: str = "w") -> Run:
    texts: dict[str, dict[str, bytes]] = {stage: {} for stage in STAGES} | {"release": {CARD: card.encode()}}
    outputs: dict[str, dict[str, bytes]] = {stage: {} for stage in STAGES}
    outputs["release"] = {CARD: hashlib.sha256(card.encode()).digest()}
    outputs["train"] = {"/weights.safetensors": weights.encode()}
    return Run(Variation(name, ()), {}, outputs, None, 1.0, {"train": f"sandbox/{name}"}, texts)


def told(*runs: Run) -> tuple[int, str]:
    said = io.StringIO()
    code = same_outputs.conclude(list(runs), Console(file=said, width=200))
    return code, said.getvalue()


def test_ids_are_compared_by_their_order_and_times_not_at_all() -> None:
    first = f"from {A} to {B}, by {A}, at 2026-11-22T14:00:00Z, seed 17"
    other = f"from {B} to {A}, by {B}, at 2026-11-23T09:30:01.5+01:00, seed 17"
    assert ids.without(first.encode()) == ids.without(other.encode())
    assert ids.without(first.encode()) == b"from ID1 to ID2, by ID1, at TIME, seed 17"
    assert ids.without(f"from {A} to {B}".encode()) != ids.without(f"from {A} to {A}".encode())


def test_files_that_name_commits_are_the_same_but_for_those() -> None:
    code, said = told(ran("bubblewrap", f"commit {A}"), ran("podman", f"commit {B}"))
    assert code == 0
    assert "1 files the same, 1 of them but for commits and times" in said
    assert "sandbox/podman: train" in said


def test_what_else_differs_in_them_is_told_and_allowed() -> None:
    code, said = told(ran("bubblewrap", "seed 17"), ran("podman", "seed 18"))
    assert code == 0
    assert f"differs on podman, and must: release:{CARD}: its commands name commits" in said


def test_anything_else_that_differs_is_an_error_with_the_name_of_the_file() -> None:
    code, said = told(ran("bubblewrap", ""), ran("podman", "", weights="x"))
    assert code == NOT_REPRODUCIBLE
    assert "differs on podman: train:/weights.safetensors" in said


def test_a_backend_that_was_named_and_is_not_here_is_an_error_and_not_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StepFailedError, match="podman is not installed here"):
        same_outputs.found_here(["podman"], tmp_path, Console(file=io.StringIO()))
    with pytest.raises(StepFailedError, match="no backend is called jail"):
        same_outputs.found_here(["jail"], tmp_path, Console(file=io.StringIO()))
