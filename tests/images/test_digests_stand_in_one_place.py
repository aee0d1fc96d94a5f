"""`images/digests.lock` has every image that specs and manifests name, and no other file a digest of ours."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from building import digests
from building.plans import all_plans

from driver.rendering import read_digests, render_all
from tests.images.conftest import ROOT

OURS = re.compile(r"calf/[\w-]+@sha256:[0-9a-f]{64}")


@pytest.fixture
def known() -> dict[str, str]:
    """What the lock says."""
    return read_digests(digests.LOCK)


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in shown.splitlines() if (ROOT / name).is_file()]


def test_the_lock_has_every_image_and_no_other(known: dict[str, str]) -> None:
    """Whether it is of the files that lie here is asked by `make specs-check`, not by tests: ADR 19."""
    lock = digests.read()
    assert lock is not None
    assert {name: built.digest for name, built in lock.images.items()} == known
    assert set(known) == {plan.name for plan in all_plans()}


def test_every_spec_names_an_image_that_the_lock_has(known: dict[str, str]) -> None:
    for path in tracked("pipelines/*.yaml"):
        spec = yaml.safe_load(path.read_text())
        if "transform" in spec:
            assert spec["transform"]["image"] in known, path


def test_what_a_cluster_is_given_has_the_digests_of_the_lock(known: dict[str, str]) -> None:
    for spec in render_all(ROOT / "pipelines", "registry.example.org", known, ROOT / "none"):
        name, _, digest = spec["transform"]["image"].partition("@")
        assert known[name.removeprefix("registry.example.org/")] == digest


def test_no_other_file_has_a_digest_of_ours(known: dict[str, str]) -> None:
    for path in tracked("cluster-conf", "pipelines", "images", "stages", "docs", "*.md", "Makefile"):
        if path.resolve() == digests.LOCK:
            continue
        text = path.read_text(errors="replace")
        assert not OURS.search(text), path
        assert not any(digest in text for digest in known.values()), path
