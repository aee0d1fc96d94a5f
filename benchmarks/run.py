"""Every benchmark: a table each, all figures in build/bench.json, and exit code 1 when a goal is missed.

Figures of different machines or days do not compare; what counts is the ratio of two programs in one run.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import deterministic_training
import inspect_repo
import list_many_jobs
import put_small_files
import waiting_calls

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = (inspect_repo, waiting_calls, list_many_jobs, put_small_files, deterministic_training)


def main() -> int:
    """Run them all."""
    results = []
    for benchmark in BENCHMARKS:
        scratch = ROOT / ".cache"
        scratch.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="bench-", dir=scratch) as work:
            result = benchmark.run(Path(work))
        print(table(result), flush=True)
        results.append(result)
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    out = ROOT / "build/bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(
        json.dumps({"machine": machine, "load": os.getloadavg(), "results": results}, indent=2) + "\n"
    )
    print(f"all figures: {out.relative_to(ROOT)}")
    return 0 if all(result["met"] for result in results) else 1


def table(result: dict[str, Any]) -> str:
    """A result as Markdown."""
    verdict = "met" if result["met"] else "missed"
    return "\n".join(
        (
            f"### {result['title']}",
            "",
            "| | wall, median s | spread | CPU, median s |",
            "|---|---|---|---|",
            *result["rows"],
            "",
            f"Ratio {result['ratio']:.2f}, goal at most {result['goal']:.2f}: **{verdict}**.",
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
