"""A large file through unmodified python-pachyderm: megabytes a second, put and got."""

from __future__ import annotations

from collections.abc import Callable

from clients_of import python_pachyderm
from comparing import Comparison, Result, Scale, at_least, in_turns
from measuring import Cost, Summary
from serving import Server, serving

TITLE = "a large file through python-pachyderm"
MB, GOAL = 1_000_000, 400.0


def run(scale: Scale) -> Result:
    """Measure, without the client's start; each round's bytes are new."""
    size = scale.pick(256, 64) << 20
    with serving(scale.folder / "home") as server:
        server.pachctl("create", "repo", "bench")
        runs = in_turns({name: _turn(server, name, size) for name in ("put", "get")}, scale.rounds(5))
    work = f"{size >> 20} MiB through python-pachyderm"
    return Result(tuple(_line(f"{name} {work}", summary, size) for name, summary in runs.items()))


def _turn(server: Server, name: str, size: int) -> Callable[[int], Cost]:
    def turn(number: int) -> Cost:
        said = python_pachyderm(name, server, 1, size, number)
        return Cost(said["wall"], said["client"] + said["server"], said["server"])

    return turn


def _line(work: str, summary: Summary, size: int) -> Comparison:
    rates = tuple(Cost(size / MB / cost.wall, cost.cpu) for cost in summary.runs)
    return at_least(work, Summary(summary.name, rates, "MB/s"), GOAL)
