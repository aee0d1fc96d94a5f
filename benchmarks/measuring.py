"""Running commands and saying what they cost, in wall-clock and in CPU seconds."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run; CPU of the command and of everything that it started and waited for."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Several runs of one thing."""

    name: str
    runs: tuple[Cost, ...]

    @property
    def wall(self) -> float:
        """The median."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median."""
        return statistics.median(run.cpu for run in self.runs)

    def row(self) -> str:
        """A row of a Markdown table."""
        walls = [run.wall for run in self.runs]
        return f"| {self.name} | {self.wall:.2f} | {min(walls):.2f} to {max(walls):.2f} | {self.cpu:.2f} |"

    def document(self) -> dict[str, object]:
        """For JSON."""
        return {
            "name": self.name,
            "wall": self.wall,
            "cpu": self.cpu,
            "runs": [asdict(run) for run in self.runs],
        }


def measure(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str], also: Callable[[], float] = lambda: 0.0
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
        raise SystemExit(f"{command[0]} failed with exit code {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime + also() - before)


def cpu_of(pid: int) -> float:
    """CPU seconds that a running process has used, with its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS
