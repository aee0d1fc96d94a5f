"""A map over a thousand small files: the first run, ten changed, nothing changed.

Ours is one batching pipeline on two workers, by the whole commands that a user types. "In the engine" is from
a job's creation to its end; "ten of them" is compared with a job over ten datums and no others.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from comparing import Comparison, Result, Scale, at_most, faster, in_turns
from jobs import batched, build_image, engine_seconds, last_job, told, write_specs
from measuring import Cost, Summary
from peers import ALONE, Peer
from serving import Server, serving
from seven_stages import SNAKEMAKE_CALL, plain_environment, snakemake_environment

from calf.client.connection import Client, connect

FEW = 10
TITLE = "map over datums"
TIMES = ("first run", f"{FEW} changed", "nothing changed")
GOALS = {"first run": {"make": 1.0, "snakemake": 20.0}}


def run(scale: Scale) -> Result:
    """Measure."""
    count = scale.pick(1_000, 100)
    lines: list[Comparison] = []
    with serving(scale.folder / "home") as server, connect(server.address) as client:
        build_image(server, scale.folder / "image")
        ours = Ours(server, client, scale.folder / "ours", count)
        peers = {
            "make": InFolder(make(scale.folder / "make", count), count),
            "snakemake": InFolder(snakemake(scale.folder / "snakemake", count), count),
        }
        peers = {} if ALONE else peers
        for when in TIMES:
            turns = {"calf": partial(ours.turn, when)}
            turns |= {name: partial(each.turn, when) for name, each in peers.items()}
            runs = in_turns(turns, scale.rounds(5), seldom=("snakemake",))
            goals = GOALS.get(when, {})
            lines += [
                faster(f"map {count:,}, {when}", runs["calf"], runs[name], goals.get(name)) for name in peers
            ]
        lines += ours.in_engine()
    return Result(tuple(lines))


class Ours:
    """A repo and a pipeline a first run; the later ones work on the last."""

    def __init__(self, server: Server, client: Client, folder: Path, count: int) -> None:
        self._server, self._client, self._folder, self._count = server, client, folder, count
        self._rounds = 0
        self._engine: dict[str, list[float]] = {}
        folder.mkdir()

    def turn(self, when: str, number: int) -> Cost:
        """One run, from the command line to the finished output."""
        if when == TIMES[0]:
            self._rounds += 1
            name = f"map{self._rounds}"
            self._run_alone(f"few{self._rounds}", FEW)
            return self._create(name, self._count, when)
        name = f"map{self._rounds}"
        inputs = self._folder / name
        if when == TIMES[1]:
            inputs = self._folder / f"changed{number}"
            write_inputs(inputs, FEW, f"changed {number}")
        cost = self._server.script(f"pachctl put file -r in-{name}@master:/ -f {inputs}; {_wait(name)}")
        if number:
            self._note(when, name)
        return cost

    def in_engine(self) -> list[Comparison]:
        """What the jobs took."""
        spent = {when: Summary(when, tuple(map(Cost, took))) for when, took in self._engine.items()}
        nothing, changed, alone = (spent[when] for when in (TIMES[2], TIMES[1], "alone"))
        more = Summary(changed.name, tuple(Cost(cost.wall - alone.wall) for cost in changed.runs))
        return [
            at_most(f"map {self._count:,}, nothing changed, in the engine", nothing, 0.05),
            at_most(f"map {self._count:,}, {FEW} changed, over a job of {FEW}", more, 0.03),
            Comparison(
                f"map {self._count:,}, first run, in the engine",
                spent[TIMES[0]],
                None,
                "s",
                spent[TIMES[0]].wall,
                None,
                at_least=False,
            ),
        ]

    def _run_alone(self, name: str, count: int) -> None:
        self._create(name, count, "alone")

    def _create(self, name: str, count: int, when: str) -> Cost:
        inputs = write_inputs(self._folder / name, count, "first")
        self._server.pachctl("create", "repo", f"in-{name}")
        self._server.pachctl("put", "file", "-r", f"in-{name}@master:/", "-f", inputs)
        specs = write_specs(
            self._folder / f"{name}.json", batched(name, f"in-{name}", datumSetSpec={"perWorker": 1})
        )
        cost = self._server.script(f"pachctl create pipeline -f {specs}; {_wait(name)}")
        self._note(when, name)
        return cost

    def _note(self, when: str, name: str) -> None:
        info = last_job(self._client, name)
        told(info)
        self._engine.setdefault(when, []).append(engine_seconds(info))


def _wait(name: str) -> str:
    return f"pachctl wait commit {name}@master >/dev/null"


class InFolder:
    """A tool that makes `out/` from `in/` in its folder."""

    def __init__(self, peer: Peer, count: int) -> None:
        self._peer, self._count = peer, count

    def turn(self, when: str, number: int) -> Cost:
        """One run."""
        folder = self._peer.folder
        if when == TIMES[0]:
            for name in ("in", "out", ".snakemake"):
                shutil.rmtree(folder / name, ignore_errors=True)
            write_inputs(folder / "in", self._count, "first")
            (folder / "out").mkdir()
        elif when == TIMES[1]:
            write_inputs(folder / "in", FEW, f"changed {number}")
        return self._peer.run(self._peer.put, "in", number)


def write_inputs(folder: Path, count: int, text: str) -> Path:
    """Files of a line each."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number:04}").write_text(f"{text} {number}\n")
    return folder


def make(folder: Path, count: int) -> Peer:
    """GNU make, two at a time."""
    folder.mkdir()
    wanted = " ".join(f"out/{number:04}" for number in range(count))
    (folder / "Makefile").write_text(f"all: {wanted}\nout/%: in/%\n\ttr a-z A-Z < $< > $@\n")
    return Peer("make", folder, plain_environment(), put="make -s -j2")


def snakemake(folder: Path, count: int) -> Peer:
    """Snakemake, two at a time."""
    folder.mkdir()
    (folder / "Snakefile").write_text(
        f"rule all:\n    input: [f'out/{{n:04}}' for n in range({count})]\n"
        "rule up:\n    input: 'in/{n}'\n    output: 'out/{n}'\n    shell: 'tr a-z A-Z < {input} > {output}'\n"
    )
    return Peer("snakemake", folder, snakemake_environment(folder), put=SNAKEMAKE_CALL)
