"""Running commands and saying what they cost, in wall-clock and in CPU seconds."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_SCHEDULED = 2
"""The kind of clock, of a process, that counts what the scheduler gave it: nanoseconds instead of ticks."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run; CPU of the command and of everything that it started and waited for.

    `server` is the part of the CPU that a server of ours used. What is no time (bytes, a rate) is in `wall`.
    """

    wall: float
    cpu: float = 0.0
    server: float = 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """Several runs of one thing."""

    name: str
    runs: tuple[Cost, ...]
    unit: str = "s"

    @property
    def wall(self) -> float:
        """The median."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def server(self) -> float:
        """The median."""
        return statistics.median(run.server for run in self.runs)

    @property
    def spread(self) -> tuple[float, float]:
        """The fastest and the slowest run."""
        walls = [run.wall for run in self.runs]
        return min(walls), max(walls)

    def document(self) -> dict[str, object]:
        """For JSON."""
        return {
            "name": self.name,
            "unit": self.unit,
            "wall": self.wall,
            "cpu": self.cpu,
            "runs": [asdict(run) for run in self.runs],
        }


@dataclass(slots=True)
class Taken:
    """What a block of code took; filled at its end."""

    cost: Cost = field(default_factory=lambda: Cost(0.0))


def nothing() -> float:
    """The CPU seconds of no server."""
    return 0.0


def measure(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str], also: Callable[[], float] = nothing
) -> Cost:
    """Run a command, which must succeed; `also` gives CPU seconds so far of a process that works for it.

    What others left to be written is written before, so that nobody pays for it.
    """
    os.sync()
    before, start = also(), time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], cwd=cwd, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed with exit code {process.returncode}")
    server = also() - before
    return Cost(wall, usage.ru_utime + usage.ru_stime + server, server)


@contextmanager
def timing(also: Callable[[], float] = nothing) -> Iterator[Taken]:
    """Measure a block of code of this process."""
    taken = Taken()
    os.sync()
    before, used, start = also(), time.process_time(), time.perf_counter()
    yield taken
    wall, mine, server = time.perf_counter() - start, time.process_time() - used, also() - before
    taken.cost = Cost(wall, mine + server, server)


def cpu_of(pid: int) -> float:
    """CPU seconds that a running process and those below it have used, with children that ended.

    Of a process that ends between two calls, what its parent did not wait for is lost.
    """
    try:
        used = time.clock_gettime(~pid << 3 | _SCHEDULED)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    ended = sum(int(field) for field in fields[13:15]) / _TICKS
    return used + ended + sum(map(cpu_of, children_of(pid)))


def memory_of(pid: int, field_name: str = "VmHWM") -> int:
    """Bytes of a process's memory: the most since `forget_peak`, or now (`VmRSS`)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field_name):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"process {pid} says nothing of {field_name}")


def forget_peak(pid: int) -> None:
    """Let the most that a process has used be what it uses now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def children_of(pid: int) -> Iterator[int]:
    """The processes whose parent it is."""
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            yield from map(int, (task / "children").read_text().split())
        except OSError:
            continue
