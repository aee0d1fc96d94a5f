"""Locks are hashed, hold no addresses, and every direct dependency has its reason."""

from __future__ import annotations

import configparser
import re
from pathlib import Path


def locks(tracked: list[Path]) -> list[Path]:
    return [path for path in tracked if path.suffix == ".lock" and path.name != "digests.lock"]


def test_every_locked_version_has_hashes_and_no_address(root: Path, tracked: list[Path]) -> None:
    assert locks(tracked)
    for lock in locks(tracked):
        text = lock.read_text()
        assert not re.search(r"https?://|file://|--(extra-)?index-url|--find-links", text), lock
        packages = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        bare = [package.split()[0] for package in packages if "--hash=sha256:" not in package]
        assert bare == [], f"{lock.relative_to(root)} has lines without hashes"


def test_stage_locks_agree_with_each_other(root: Path, tracked: list[Path]) -> None:
    versions: dict[str, set[str]] = {}
    for lock in (path for path in locks(tracked) if root / "stages" in path.parents):
        for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", lock.read_text(), re.MULTILINE):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_every_dependency_of_the_control_plane_has_a_reason(root: Path) -> None:
    lines = (root / "setup.cfg").read_text().split("install_requires =")[1].split("\n\n")[0].splitlines()
    entries = [line.strip() for line in lines if line.strip()]
    for before, entry in zip(["", *entries], entries, strict=False):
        if not entry.startswith("#"):
            assert before.startswith("#"), f"{entry} has no reason above it in setup.cfg"


def test_setup_cfg_and_the_runtime_lock_name_the_same_packages(root: Path) -> None:
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg")
    needed = {
        line.strip()
        for line in config["options"]["install_requires"].splitlines()
        if line and not line.startswith("#")
    } - {""}
    asked = {
        line.strip()
        for line in (root / "requirements/runtime.in").read_text().splitlines()
        if line.strip() and not line.startswith("#")
    }
    assert needed == asked - {"setuptools"}
