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
RUN = """
import runpy, sys
folder, *sys.argv = sys.argv[1:]
sys.path[0] = folder
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    print("ended", end.code)
for name, module in sorted(sys.modules.items()):
    print("loaded", name, getattr(module, "__file__", None))
"""


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """The image's own files, as it has them in /stage."""
    folder = tmp_path / "stage"
    for file in read_sources(PLAN).files:
        target = folder / file.target.removeprefix("/stage/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
    return folder


def start(stage: Path, *words: str) -> tuple[list[str], str, dict[str, str]]:
    """What it says (lines, errors) with the packages of this environment, and what it loads from where.

    calf itself is no package then: without `site` nothing leads to this checkout.
    """
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(stage)}
    command = [sys.executable, "-S", "-c", RUN, str(stage), str(stage / "main.py"), *words]
    done = subprocess.run(command, env=env, cwd=stage, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    loaded = (line.split(maxsplit=2)[1:] for line in lines if line.startswith("loaded "))
    return [line for line in lines if not line.startswith("loaded ")], done.stderr, dict(loaded)


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


def unlocked(names: set[str]) -> set[str]:
    """Those that are of no package of the image's lock; `google` and its like may be of several."""
    locked = {plain(entry.partition("==")[0]) for entry in locked_packages(PLAN.lock.read_text())}
    brought_by = packages_distributions()
    return {name for name in names if not locked & {plain(one) for one in brought_by.get(name, [])}}


def test_every_import_leads_to_a_file_of_the_image_or_to_a_package_of_its_lock(stage: Path) -> None:
    modules = reached(stage) - {"main"}
    ours = {module for module in modules if module.split(".")[0] in OURS}
    assert {module for module in ours if not exists(stage, module)} == set()
    assert unlocked({module.split(".")[0] for module in modules - ours} - sys.stdlib_module_names) == set()


def test_it_delivers_with_nothing_else_of_calf(server_address: str, stage: Path) -> None:
    assert {path.name for path in (stage / "calf").iterdir()} == {*PARTS, "__init__.py"}
    digests = stage / "digests.lock"
    digests.write_text("".join(f"{plan.name} sha256:{'a' * 64}\n" for plan in all_plans()))
    words = (
        f"--specs={ROOT / 'pipelines'}",
        f"--overlays={stage / 'none'}",
        f"--digests={digests}",
        "--registry=registry.example.org",
        f"--revision={'0123456789' * 4}",
    )
    # by another name of this machine: a server of a cluster has no door for the same user
    address = f"--address=grpc://0.0.0.0:{server_address.rpartition(':')[2]}"
    said, errors, loaded = start(stage, address, *words)
    assert (said[-2:], errors) == ([f"in force: {'0123456789' * 4}", "ended 0"], "")
    assert any(line.split()[1:] == ["created"] for line in said)
    ours = {file for name, file in loaded.items() if name.split(".")[0] in OURS}
    assert {file for file in ours if not file.startswith(str(stage))} == set()
    # gRPC loads its own tools where they are installed
    others = {name.split(".")[0] for name, file in loaded.items() if "site-packages" in file} - {"grpc_tools"}
    assert unlocked(others - {"setuptools"}) == set()
    assert "grpc" in others
    said, errors, _ = start(stage, "--address=grpc://127.0.0.1:1", *words)
    assert (said, "127.0.0.1:1" in errors, "Traceback" in errors) == (["ended 1"], True, False)
