"""`calf/deliver` has the client and what that stands on, and no more of calf: that is enough."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from building.plans import all_plans
from building.sources import read_sources

from calf.runner.images.packages import locked_packages, plain
from tests.images.conftest import ROOT

(PLAN,) = [plan for plan in all_plans() if plan.short == "deliver"]
OURS = ("calf", "driver")
PARTS = ("client", "kit", "model", "wire")


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """The image's own files, as it has them in /stage."""
    folder = tmp_path / "stage"
    for file in read_sources(PLAN).files:
        target = folder / file.target.removeprefix("/stage/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
    return folder


def start(stage: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run it with the packages of this environment, and without calf, which is no package in one."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(stage)}
    command = [sys.executable, "-S", str(stage / "main.py"), *words]
    return subprocess.run(command, env=env, cwd=stage, capture_output=True, text=True, check=False)


def imported(stage: Path, module: str) -> Iterator[str]:
    """The modules that one names anywhere, within functions too."""
    path = file_of(stage, module)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert not node.level, f"{path} imports relatively"
            within = (f"{base}.{alias.name}" for alias in node.names)
            yield base
            yield from (
                name for name in within if any(exists(ROOT / top, name) for top in ("src", "pipelines"))
            )


def file_of(stage: Path, module: str) -> Path:
    path = stage.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def exists(stage: Path, module: str) -> bool:
    return file_of(stage, module).is_file()


def reached(stage: Path) -> set[str]:
    """Every module that can be imported once it runs; those that lack lead nowhere."""
    known, left = set[str](), {"main"}
    while left:
        module = left.pop()
        known.add(module)
        parents = (module.rsplit(".", n)[0] for n in range(1, module.count(".") + 1))
        if exists(stage, module):
            left |= {*imported(stage, module), *parents} - known
    return known


def test_every_import_leads_to_a_file_of_the_image_or_to_a_package_of_its_lock(stage: Path) -> None:
    modules = reached(stage) - {"main"}
    ours = {module for module in modules if module.split(".")[0] in OURS}
    assert {module for module in ours if not exists(stage, module)} == set()
    others = {module.split(".")[0] for module in modules - ours} - sys.stdlib_module_names
    locked = {plain(entry.partition("==")[0]) for entry in locked_packages(PLAN.lock.read_text())}
    brought_by = packages_distributions()
    assert {name for name in others if not locked & {plain(one) for one in brought_by[name]}} == set()


def test_it_delivers_with_nothing_else_of_calf(server_address: str, stage: Path) -> None:
    assert {path.name for path in (stage / "calf").iterdir()} == {*PARTS, "__init__.py"}
    digests = stage / "digests.lock"
    digests.write_text("".join(f"{plan.name} sha256:{'a' * 64}\n" for plan in all_plans()))
    words = (
        f"--address={server_address}",
        f"--specs={ROOT / 'pipelines'}",
        f"--overlays={stage / 'none'}",
        f"--digests={digests}",
        "--registry=registry.example.org",
        f"--revision={'0123456789' * 4}",
    )
    done = start(stage, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "in force: 0123456789" in done.stdout
    assert start(stage, *words).stdout.count("unchanged") == done.stdout.count("created")
    nowhere = start(stage, "--address=grpc://127.0.0.1:1", *words[1:])
    assert (nowhere.returncode, nowhere.stderr.startswith("deliver: ")) == (1, True)
    assert "Traceback" not in nowhere.stderr
