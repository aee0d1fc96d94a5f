"""Scheduling of many datums, all skipped: how many a second, and the memory that it takes.

The folder is filled by an engine whose runner does each datum in no time (`fill_datums.py`); a server then
gets commits that change no datum. "One changed" runs one datum, in its sandbox.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from comparing import Comparison, Result, Scale, at_least, at_most, in_turns, say
from jobs import engine_seconds, last_job, put_one, told
from measuring import Cost, Summary, forget_peak, memory_of
from serving import Server, run_tool, serving

from calf.client.connection import Client, connect

TITLE = "skip datums"
MIB = 1 << 20
FLAT = 64
"""MiB that ten times the datums may take more, at the most."""


def run(scale: Scale) -> Result:
    """Measure."""
    many = scale.pick(100_000, 5_000)
    few = many // 10
    peaks = {}
    for count in (few, many):
        home = scale.folder / f"home{count}"
        say(f"  filling {count:,} datums")
        run_tool(sys.executable, Path(__file__).with_name("fill_datums.py"), home, str(count), env=os.environ)
        with serving(home) as server, connect(server.address) as client:
            turn = Turn(server, client)
            runs = in_turns({"skip": turn.all_skipped}, scale.rounds(5))["skip"]
            changed = in_turns({"one": turn.one_changed}, scale.rounds(3))["one"]
            peaks[count] = Summary(f"{count:,}", tuple(Cost(peak / MIB) for peak in turn.peaks), "MiB")
    rate = Summary("skips", tuple(Cost(many / cost.wall, cost.cpu) for cost in runs.runs), "a second")
    more = Summary("peak", tuple(Cost(cost.wall - peaks[few].wall) for cost in peaks[many].runs), "MiB")
    return Result(
        (
            at_least(f"{many:,} datums, all skipped", rate, 20_000),
            at_most(f"peak of memory with {many:,} datums over {few:,}", more, FLAT),
            Comparison(
                f"{many:,} datums, one changed", changed, None, "s", changed.wall, None, at_least=False
            ),
        )
    )


class Turn:
    """Commits that lead to a job each, and the most memory that each took."""

    def __init__(self, server: Server, client: Client) -> None:
        self._server, self._client = server, client
        self.peaks: list[int] = []

    def all_skipped(self, number: int) -> Cost:
        """A file that is in no datum."""
        return self._job("/note", f"note {number}")

    def one_changed(self, number: int) -> Cost:
        """A file that is one."""
        return self._job("/0000/00001", f"changed {number}")

    def _job(self, path: str, text: str) -> Cost:
        forget_peak(self._server.pid)
        before = self._server.cpu()
        put_one(self._client, "in", path, text.encode())
        info = last_job(self._client, "p")
        told(info)
        self.peaks.append(memory_of(self._server.pid))
        return Cost(engine_seconds(info), self._server.cpu() - before)
