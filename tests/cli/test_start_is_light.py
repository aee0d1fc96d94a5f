from __future__ import annotations

import resource
import subprocess
import sys

import pytest

HEAVY = {"grpc", "google.protobuf", "rich", "yaml", "asyncio", "tarfile"}


@pytest.mark.parametrize("args", ["--help", "put file --help", "create pipeline --help", "list --help"])
def test_help_loads_nothing_heavy(args: str) -> None:
    script = (
        "import sys; from calf.cli.main import main; main(sys.argv[1:]); "
        "print(*sorted(name for name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *args.split()], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stderr.split())


def test_help_takes_less_than_150_milliseconds_of_work() -> None:
    best = 1.0
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", "from calf.cli.main import main; main(['--help'])"]
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert best < 0.15
