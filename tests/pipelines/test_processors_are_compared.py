from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from driver.checkout import StepFailedError
from reproducing import processors
from reproducing.processors import HERE, Case, emulator, train


def a_python_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """In place of the stages' environment: a shell script."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o700)
    monkeypatch.setattr(processors, "PYTHON", python)
    return tmp_path


def test_what_a_training_prints_last_are_its_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = a_python_that(tmp_path, monkeypatch, """echo told; echo '{"weights": "0123456789abcdef"}'""")
    outcome = train(Case("portable", HERE), params, "")
    assert outcome.digests == {"weights": "0123456789abcdef"}
    assert outcome.short == "0123456789"


def test_a_refusal_is_an_outcome_and_not_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = a_python_that(
        tmp_path, monkeypatch, "echo 'stagekit.determinism.caches.NotPortableError: no AVX2' >&2; exit 1"
    )
    outcome = train(Case("portable", HERE), params, "")
    assert outcome.digests == {}
    assert outcome.short == "no AVX2"


def test_any_other_end_of_a_training_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = a_python_that(tmp_path, monkeypatch, "echo 'MemoryError' >&2; exit 1")
    with pytest.raises(StepFailedError, match=r"on this machine \(default\) failed: MemoryError"):
        train(Case("default", HERE), params, "")


def test_without_the_emulator_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(StepFailedError, match=r"apt-get install .* qemu-user-static"):
        emulator()
