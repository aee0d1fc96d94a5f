"""Seven trivial stages in a row: the first run, again with nothing to do, and after one raw file changed.

What a user types, as a whole: for us `create pipeline` or `put file`, then `wait commit` of the last output.
"""

from __future__ import annotations

import json
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Protocol

from comparing import Comparison, Result, Scale, faster, in_turns
from jobs import write_specs
from measuring import Cost
from peers import ALONE, ENVS, Peer, dvc
from serving import Server, serving

STAGES = 7
SNAKEMAKE = ENVS / "snakemake/bin"
GOALS = {"dvc repro": 10.0, "snakemake": 10.0, "make": None}
TIMES = ("first run", "nothing to do", "one file changed")
TITLE = "seven stages"


def run(scale: Scale) -> Result:
    """Measure."""
    lines: list[Comparison] = []
    rounds = scale.rounds(5)
    with serving(scale.folder / "home") as server:
        contenders = [
            Repro(scale.folder / "dvc"),
            Snakemake(scale.folder / "snakemake"),
            Make(scale.folder / "make"),
        ]
        ours = Ours(server, scale.folder / "ours")
        everybody: tuple[Contender, ...] = (ours, *(() if ALONE else contenders))
        for when in TIMES:
            turns = {each.name: partial(each.turn, when) for each in everybody}
            runs = in_turns(turns, rounds)
            work = f"{STAGES} stages, {when}"
            lines += [
                faster(work, runs[ours.name], runs[name], goal)
                for name, goal in GOALS.items()
                if name in runs
            ]
    return Result(tuple(lines))


class Contender(Protocol):
    """Who takes turns."""

    @property
    def name(self) -> str:
        """For the table."""

    def turn(self, when: str, number: int) -> Cost:
        """One run."""


class Ours:
    """A project a first run; the later ones work on the last."""

    name = "calf"

    def __init__(self, server: Server, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._rounds = 0
        folder.mkdir()

    def turn(self, when: str, number: int) -> Cost:
        """One run."""
        wait = f"pachctl wait commit s{STAGES}@master --project bench{{}} >/dev/null"
        if when == TIMES[0]:
            self._rounds += 1
            place = self._prepare()
            return self._server.script(
                f"pachctl create pipeline -f {place}/specs.json --project bench{self._rounds}; "
                + wait.format(self._rounds)
            )
        raw = self._folder / str(self._rounds) / "raw"
        if when == TIMES[2]:
            raw.write_text(f"changed {number}\n")
        put = f"pachctl put file raw@master:/raw -f {raw} --project bench{self._rounds}; "
        return self._server.script(put + wait.format(self._rounds))

    def _prepare(self) -> Path:
        place, project = self._folder / str(self._rounds), f"bench{self._rounds}"
        place.mkdir()
        (place / "raw").write_text("raw\n")
        self._server.pachctl("create", "project", project)
        self._server.pachctl("create", "repo", "raw", "--project", project)
        self._server.pachctl("put", "file", "raw@master:/raw", "-f", place / "raw", "--project", project)
        write_specs(place / "specs.json", *(_spec(stage, project) for stage in range(1, STAGES + 1)))
        return place


def _spec(stage: int, project: str) -> dict[str, object]:
    before = f"s{stage - 1}" if stage > 1 else "raw"
    return {
        "pipeline": {"name": f"s{stage}", "project": {"name": project}},
        "transform": {"image": "host", "cmd": ["sh", "-c", "cp /pfs/in/raw /pfs/out/raw"]},
        "input": {"pfs": {"name": "in", "project": project, "repo": before, "glob": "/"}},
    }


class InFolder:
    """A tool that works in a folder with `f0`, the raw file, and makes `f1` to `f7`; `kept` is its memory."""

    name = ""
    kept: tuple[str, ...] = ()

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        (peer.folder / "f0").write_text("raw\n")

    def turn(self, when: str, number: int) -> Cost:
        """One run."""
        folder = self._peer.folder
        if when == TIMES[0]:
            for name in (*(f"f{stage}" for stage in range(1, STAGES + 1)), *self.kept):
                path = folder / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        elif when == TIMES[2]:
            (folder / "f0").write_text(f"changed {number}\n")
        return self._peer.run(self._peer.put, "f0", number)


class Repro(InFolder):
    """DVC."""

    name = "dvc repro"
    kept = ("dvc.lock", ".dvc/cache", ".dvc/tmp")

    def __init__(self, folder: Path) -> None:
        peer = dvc(folder)
        stages = {
            f"s{stage}": {
                "cmd": f"cp f{stage - 1} f{stage}",
                "deps": [f"f{stage - 1}"],
                "outs": [f"f{stage}"],
            }
            for stage in range(1, STAGES + 1)
        }
        (folder / "dvc.yaml").write_text(json.dumps({"stages": stages}))  # JSON is YAML
        super().__init__(Peer(self.name, folder, peer.env, put="dvc repro -q"))


class Snakemake(InFolder):
    """Snakemake."""

    name = "snakemake"
    kept = (".snakemake",)

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        rules = [f"rule all:\n    input: 'f{STAGES}'\n"]
        rules += [
            f"rule s{stage}:\n    input: 'f{stage - 1}'\n    output: 'f{stage}'\n"
            "    shell: 'cp {input} {output}'\n"
            for stage in range(1, STAGES + 1)
        ]
        (folder / "Snakefile").write_text("\n".join(rules))
        super().__init__(Peer(self.name, folder, snakemake_environment(folder), put=SNAKEMAKE_CALL))


class Make(InFolder):
    """GNU make."""

    name = "make"

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        rules = [f"f{stage}: f{stage - 1}\n\tcp $< $@\n" for stage in range(STAGES, 0, -1)]
        (folder / "Makefile").write_text("\n".join(rules))
        super().__init__(Peer(self.name, folder, plain_environment(), put="make -s -j2"))


SNAKEMAKE_CALL = "snakemake -c2 -q all --nolock 2>log || { cat log >&2; exit 1; }"


def snakemake_environment(folder: Path) -> dict[str, str]:
    """Its own programs first, its caches in the folder."""
    path = f"{SNAKEMAKE}:{os.environ['PATH']}"
    return {**plain_environment(), "PATH": path, "XDG_CACHE_HOME": f"{folder}/.cache", "HOME": str(folder)}


def plain_environment() -> dict[str, str]:
    """Without what a make around us tells its children."""
    return {
        key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
