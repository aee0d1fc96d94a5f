"""`make backends-test`: the suite on each backend that this machine has, and a table of what came of it.

python -m tests.runner.every_backend [bubblewrap podman ...]

Ends with 1 when a test fails, or when a backend that was named is not there. What is not there is in the
table too, with why, in the words of the detection.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from calf.rpc.worker_api import serve_worker_api
from calf.runner.backends import BACKENDS, Backend
from calf.runner.engine import SandboxRunner, open_runner
from calf.storage.store import Store
from tests.runner.benches import Bench, view
from tests.runner.suite import WHOLE

FOLDERS = ("tests/runner", "tests/security")
DATUMS = 30


@dataclass(frozen=True)
class Result:
    """How the suite went on one backend, the failed tests by name, and why some did not run; in seconds, how
    long a worker took for its first datum and, at the median, for each further one.
    """

    passed: int
    failed: Sequence[str]
    skipped: Counter[str] = field(default_factory=Counter)
    first: float = 0.0
    further: float = 0.0


def main(names: Sequence[str]) -> int:
    """Run, show; the exit code."""
    if unknown := set(names) - {backend.name for backend in BACKENDS}:
        sys.exit(f"no backend is called {', '.join(sorted(unknown))}")
    console = Console(highlight=False, soft_wrap=True)
    wanted = [backend for backend in BACKENDS if not names or backend.name in names]
    found: dict[str, Result | str] = {}
    with TemporaryDirectory(prefix="calf-backends-") as place:
        store = Store.open(Path(place) / "store")
        runner = open_runner(Path(place) / "home", store, serve_worker_api, view)
        for backend in wanted:
            console.print(f"[bold]{backend.name}[/]")
            found[backend.name] = runner.detector.complaint(backend) or examine(backend, runner, store)
        store.close()
    show(found, console)
    lacking = names and any(isinstance(result, str) for result in found.values())
    failed = any(not isinstance(result, str) and result.failed for result in found.values())
    return 1 if lacking or failed else 0


def examine(backend: Backend, runner: SandboxRunner, store: Store) -> Result:
    """Run the suite on a backend that works here, and time its datums."""
    with TemporaryDirectory(prefix="calf-suite-") as place:
        report = Path(place) / "report.xml"
        workers = os.environ.get("PYTEST_WORKERS", "2")
        words = (
            "-q",
            "-r",
            "fE",
            "-n",
            workers,
            "--dist",
            "worksteal",
            "-m",
            "backend",
            f"--junitxml={report}",
        )
        subprocess.run(
            (sys.executable, "-m", "pytest", *words, *FOLDERS),
            env={**os.environ, WHOLE: backend.name},
            check=False,
        )
        passed, failed, skipped = read_report(report)
    return Result(passed, failed, skipped, *time_datums(Bench(runner, store, backend.name)))


def read_report(path: Path) -> tuple[int, list[str], Counter[str]]:
    """From what pytest wrote: how many passed, which failed, and how often each reason to skip was given."""
    if not path.exists():
        return 0, ["pytest wrote no report"], Counter()
    passed, failed, skipped = 0, [], Counter[str]()
    for case in ET.parse(path).getroot().iter("testcase"):
        if (reason := case.find("skipped")) is not None:
            skipped[reason.get("message", "")] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname')}::{case.get('name')}")
        else:
            passed += 1
    return passed, failed or ([] if passed else ["no test ran"]), skipped


def time_datums(bench: Bench) -> tuple[float, float]:
    """How long a worker takes for its first datum of `true`, and for each of the next."""
    began = time.perf_counter()
    worker = bench.worker("true")
    try:
        times = []
        for _ in range(DATUMS + 1):
            assert bench.datum(worker, followed=True).ok, bench.noted()
            times.append(time.perf_counter() - began)
            began = time.perf_counter()
    finally:
        worker.close()
    return times[0], statistics.median(times[1:])


def show(found: dict[str, Result | str], console: Console) -> None:
    """The table, then why backends are not here, what failed, and why tests were skipped."""
    table = Table("BACKEND", "PASSED", "FAILED", "SKIPPED", "FIRST DATUM", "NEXT (p50)", "HERE", box=None)
    for name, result in found.items():
        if isinstance(result, str):
            table.add_row(name, "", "", "", "", "", "no")
            continue
        numbers = (result.passed, len(result.failed), result.skipped.total())
        times = (f"{1000 * seconds:.0f} ms" for seconds in (result.first, result.further))
        table.add_row(name, *map(str, numbers), *times, "yes")
    console.print()
    console.print(table)
    for name, result in found.items():
        if isinstance(result, str):
            console.print(f"not here: {name}: {result}")
            continue
        for test in result.failed:
            console.print(f"failed on {name}: {test}", markup=False)
        for reason, number in result.skipped.items():
            console.print(f"skipped on {name} ({number}): {reason}", markup=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
