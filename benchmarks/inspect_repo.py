"""InspectRepo beside an empty call (GetVersion), both through python-pachyderm, on one server, in turns.

The client costs more than the server, so what counts is the ratio of the medians.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from comparing import Result, Scale, within
from measuring import Cost, Summary
from peers import ENVS
from serving import run_tool, serving

PYTHON = ENVS / "python-pachyderm/bin/python"
SCRIPT = Path(__file__).parent / "clients/python_pachyderm_latency.py"
CALLS = 1000
TITLE = f"a call through python-pachyderm, median of {CALLS:,}"


def run(scale: Scale) -> Result:
    """Measure."""
    with serving(scale.folder / "home") as server:
        calls = scale.rounds(CALLS, 200)
        said = run_tool(PYTHON, "-Wignore", SCRIPT, server.address, str(calls), env=os.environ)
    found = json.loads(said)
    empty, inspect = (_summary(name, found[name]["runs"]) for name in ("GetVersion", "InspectRepo"))
    return Result((within("InspectRepo through python-pachyderm", inspect, empty, 2.0),))


def _summary(name: str, times: list[float]) -> Summary:
    """All but the slowest and fastest tenth."""
    tenth = len(times) // 10
    return Summary(name, tuple(Cost(took) for took in sorted(times)[tenth : len(times) - tenth]))
