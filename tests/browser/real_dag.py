"""The seven stages, run twice on very small pictures; kept until their code changes: it takes minutes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from calf.kit.lock import FolderLock
from tests.e2e.environments import INSTALLED, share_environments

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".cache/web-test"
RUNS = ((), ("--set", "train.epochs=3"))
_CODE = (
    "stages",
    "src/stagekit",
    "data/*.*",
    "data/drawing",
    "images",
    "pipelines/params",
    "pipelines/*.yaml",
)
_NO_CODE = {"__pycache__", "README.md"}
_LEFT_OUT = ("envs", "lock", "address", "api.sock", "last-run")


def missing() -> str:
    """What the stages cannot run without and is not here; empty when all is."""
    tools = ROOT / ".cache/envs/tools/bin/python"
    if not tools.exists() or not INSTALLED.is_dir():
        return "the environments of the stages are not installed: run `make web-test`"
    return ""


def lay(home: Path) -> Path:
    """A data folder at `home` in which the pipeline has run; a copy of the one that is kept."""
    kept = KEPT / digest()
    if not (kept / "done").exists():
        _run(kept)
    shutil.copytree(
        kept / "home", home, ignore=lambda _folder, names: [name for name in names if name in _LEFT_OUT]
    )
    return share_environments(home)


def digest() -> str:
    """Says which code has run."""
    seen = sha256(repr(RUNS).encode())
    for path in sorted(_files()):
        seen.update(f"{path.relative_to(ROOT)}\0".encode() + sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for top in (path for name in _CODE for path in ROOT.glob(name)):
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file() and not _NO_CODE & set(path.parts):
                yield path


def _run(kept: Path) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    kept.mkdir(parents=True)
    home = share_environments(kept / "home")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    run: list[str | Path] = [
        sys.executable,
        ROOT / "pipelines/run.py",
        "--profile",
        "tiny",
        "--home",
        home,
        "--address",
        address,
    ]
    try:
        for more in RUNS:
            subprocess.run([*run, *more], cwd=ROOT, check=True)
    finally:
        subprocess.run([Path(sys.executable).with_name("calf"), "down", "--home", home], check=True)
    assert FolderLock.holder(home) is None
    (kept / "done").touch()
