"""What a datum of a stage that does nothing costs over the bare process: in a sandbox each, and in batches.

The cost of one more datum: jobs over few and over many datums, the difference over the number more, on one
worker. The bare process of a sandboxed datum is `true`; a batch has no process a datum.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from comparing import Result, Scale, at_most, in_turns
from jobs import batched, build_image, engine_seconds, last_job, spec, told, write_specs
from map_datums import write_inputs
from measuring import Cost, Summary, measure
from serving import Server, serving

from calf.client.connection import Client, connect

TITLE = "cost of a datum"
ONE: dict[str, Any] = {"parallelismSpec": {"constant": 1}}
PROCESSES = 100


def run(scale: Scale) -> Result:
    """Measure."""
    sandboxed = (20, scale.pick(220, 60))
    batches = (100, scale.pick(2_100, 400))
    with serving(scale.folder / "home") as server, connect(server.address) as client:
        build_image(server, scale.folder / "image")
        for count in {*sandboxed, *batches}:
            inputs = write_inputs(scale.folder / str(count), count, "x")
            server.pachctl("create", "repo", f"in{count}")
            server.pachctl("put", "file", "-r", f"in{count}@master:/", "-f", inputs)

        def true(_number: int) -> Cost:
            script = f"for i in $(seq {PROCESSES}); do env true; done"
            cost = measure(("sh", "-c", script), scale.folder, os.environ)
            return Cost(cost.wall / PROCESSES * 1000, cost.cpu / PROCESSES * 1000)

        runs = in_turns(
            {
                "true": true,
                "sandboxed": _more(server, client, sandboxed, _alone),
                "batched": _more(server, client, batches, _in_batches),
            },
            scale.rounds(5),
        )
    over = tuple(Cost(cost.wall - runs["true"].wall, cost.cpu) for cost in runs["sandboxed"].runs)
    return Result(
        (
            at_most("a datum more, sandboxed, over the bare process", Summary("sandboxed", over, "ms"), 25.0),
            at_most("a datum more, in a batch", Summary("batched", runs["batched"].runs, "ms"), 1.5),
        )
    )


def _alone(name: str, repo: str) -> dict[str, object]:
    return spec(name, repo, transform={"image": "host", "cmd": ["true"]}, **ONE)


def _in_batches(name: str, repo: str) -> dict[str, object]:
    return {**batched(name, repo, "nothing", datumSetSpec={"perWorker": 1}), **ONE}


def _more(
    server: Server, client: Client, counts: tuple[int, int], make: Callable[[str, str], dict[str, object]]
) -> Callable[[int], Cost]:
    """A turn: a job over few and one over many datums, each of a new pipeline; milliseconds a datum more."""

    def turn(number: int) -> Cost:
        took, used = [], []
        for count in counts:
            name = f"{make.__name__.strip('_')}-{count}-{number}".replace("_", "-")
            specs = write_specs(server.home.parent / f"{name}.json", make(name, f"in{count}"))
            before = server.cpu()
            server.pachctl("create", "pipeline", "-f", specs)
            info = last_job(client, name)
            told(info)
            took.append(engine_seconds(info))
            used.append(server.cpu() - before)
        per = 1000 / (counts[1] - counts[0])
        return Cost((took[1] - took[0]) * per, (used[1] - used[0]) * per)

    return turn
