"""Small files through unmodified python-pachyderm, in one commit: who uses more CPU, it or our server."""

from __future__ import annotations

from clients_of import python_pachyderm
from comparing import Comparison, Result, Scale, in_turns
from files import SMALL
from measuring import Cost, Summary
from serving import serving

TITLE = "put small files through python-pachyderm"


def run(scale: Scale) -> Result:
    """Measure. The times are from the first request to the finished commit, without the client's start."""
    count = scale.pick(10_000, 2_000)
    costs: dict[str, list[Cost]] = {"server": [], "client": []}
    with serving(scale.folder / "home") as server:
        server.pachctl("create", "repo", "bench")

        def turn(number: int) -> Cost:
            said = python_pachyderm("small", server, count, SMALL, number)
            if number:
                costs["server"].append(Cost(said["wall"], said["server"]))
                costs["client"].append(Cost(said["wall"], said["client"]))
            return Cost(said["wall"], said["client"] + said["server"], said["server"])

        in_turns({"python-pachyderm": turn}, scale.rounds(5))
    ours, client = (Summary(name, tuple(runs)) for name, runs in costs.items())
    ratio = ours.cpu / client.cpu
    work = f"put {count:,} x 4 KB through python-pachyderm"
    line = Comparison(work, ours, client, "times the client's CPU", ratio, 1.0, at_least=False)
    return Result((line,))
