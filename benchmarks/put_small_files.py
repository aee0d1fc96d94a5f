"""10,000 files of 4 KB into a commit: `pachctl put file -r` beside `dvc add`.

Both start from the command line, warm, on the same file system, in turns, each time with files that neither
has seen. DVC is as it installs, in a Git repository, without analytics. calf's CPU includes its server's.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from measuring import Cost, Summary, cpu_of, measure

ROOT = Path(__file__).resolve().parents[1]
BIN, DVC = ROOT / ".venv/bin", ROOT / ".cache/envs/dvc/bin/dvc"
FILES, SIZE, ROUNDS = 10_000, 4096, 5
GOAL = 0.5
TITLE = f"{FILES:,} files of 4 KB, put into a commit"


def run(work: Path, rounds: int = ROUNDS) -> dict[str, object]:
    """Measure in `work`, an empty folder; gives the result for JSON. The first round only warms up."""
    costs: dict[str, list[Cost]] = {"calf": [], "dvc": []}
    repo, env = _git_repo(work / "dvc")
    with serving(work / "home") as (pid, address):
        client = {**os.environ, "PACHD_ADDRESS": address}
        _check(BIN / "pachctl", "create", "repo", "bench", env=client)
        for number in range(rounds + 1):
            ours = _make_files(work / "files" / f"round{number}", seed=number)
            theirs = Path(shutil.copytree(ours, repo / ours.name))
            put = (BIN / "pachctl", "put", "file", "-r", f"bench@master:/{ours.name}", "-f", ours)
            turns: list[tuple[str, Callable[[], Cost]]] = [
                ("calf", partial(measure, put, work, client, partial(cpu_of, pid))),
                ("dvc", partial(measure, (DVC, "add", "-q", theirs.name), repo, env)),
            ]
            for name, turn in turns if number % 2 else reversed(turns):
                costs[name].append(turn())
                print(f"round {number} of {rounds}: {name} {costs[name][-1].wall:.2f} s", file=sys.stderr)
            shutil.rmtree(ours)
            shutil.rmtree(theirs)
    calf, dvc = Summary("calf", tuple(costs["calf"][1:])), Summary("DVC 3.67", tuple(costs["dvc"][1:]))
    ratio = calf.wall / dvc.wall
    return {
        "title": TITLE,
        "rows": [dvc.row(), calf.row()],
        "results": [dvc.document(), calf.document()],
        "ratio": ratio,
        "goal": GOAL,
        "met": ratio <= GOAL,
    }


def _make_files(folder: Path, seed: int) -> Path:
    folder.mkdir(parents=True)
    noise = random.Random(seed)
    for number in range(FILES):
        (folder / f"{number:05}.bin").write_bytes(noise.randbytes(SIZE))
    return folder


def _git_repo(folder: Path) -> tuple[Path, dict[str, str]]:
    folder.mkdir()
    env = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    _check("git", "init", "-q", folder, env=env)
    _check(DVC, "init", "-q", env=env, cwd=folder)
    _check(DVC, "config", "core.check_update", "false", env=env, cwd=folder)
    return folder, env


@contextmanager
def serving(home: Path) -> Iterator[tuple[int, str]]:
    """A server of our own: its process and address."""
    said = _check(BIN / "calf", "up", "--home", home, "--address", "127.0.0.1:0", env=os.environ)
    try:
        found = re.search(r"(\S+:\d+), process (\d+)", said)
        assert found, said
        yield int(found[2]), found[1]
    finally:
        _check(BIN / "calf", "down", "--home", home, env=os.environ)


def _check(*command: str | Path, env: Mapping[str, str], cwd: Path | None = None) -> str:
    return subprocess.run(command, env=env, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout
