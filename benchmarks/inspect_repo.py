"""InspectRepo beside an empty call (GetVersion), both through python-pachyderm, on one server, in turns.

The client costs more than the server, so what counts is the ratio of the medians.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from put_small_files import ROOT, serving

PYTHON = ROOT / ".cache/envs/python-pachyderm/bin/python"
SCRIPT = Path(__file__).parent / "clients/python_pachyderm_latency.py"
CALLS = 1000
GOAL = 2.0
TITLE = f"a call through python-pachyderm, median of {CALLS:,}"


def run(work: Path, calls: int = CALLS) -> dict[str, object]:
    """Measure in `work`, an empty folder; gives the result for JSON."""
    with serving(work / "home") as (_, address):
        command = [str(PYTHON), "-Wignore", str(SCRIPT), address, str(calls)]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(said)
    ratio = found["InspectRepo"]["p50"] / found["GetVersion"]["p50"]
    return {
        "title": TITLE,
        "rows": [_row(name, took["p50"], sorted(took["runs"])) for name, took in found.items()],
        "results": [{"name": name, "wall": took["p50"]} for name, took in found.items()],
        "ratio": ratio,
        "goal": GOAL,
        "met": ratio <= GOAL,
    }


def _row(name: str, median: float, times: list[float]) -> str:
    tenth = len(times) // 10
    return f"| {name} | {median:.6f} | {times[tenth]:.6f} to {times[-tenth]:.6f} | |"
