"""A stage's process: one that runs, and one that waits in its sandbox for what it is to become."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from calf.runner.cgroup import Group, OneByOne
from calf.runner.output import Lines, Watched
from calf.runner.process import Child


class Running:
    """A stage's process in its sandbox and its limits."""

    def __init__(self, child: Child, group: Group, groups: OneByOne, finish: Callable[[], None]) -> None:
        self._child = child
        self._group = group
        self._groups = groups
        self._finish = finish

    def wait(self, timeout: float | None, watched: Sequence[Watched]) -> int | None:
        """As `Child.wait`."""
        return self._child.wait(timeout, watched)

    def hand_over(self, then: Lines) -> None:
        """Have all output so far handed on, and what follows go to `then`."""
        self._child.output.hand_over(then)

    def tell(self, line: bytes) -> None:
        """Tell it what it waits for; to one that has ended, that is nothing."""
        self._child.tell(line)

    def end(self) -> bool:
        """End the whole tree, take in the rest of its output; whether the kernel killed in it for memory."""
        try:
            self._child.kill()
        finally:
            self._finish()
            starved = self._group.out_of_memory()
            self._groups.give_back(self._group)
            self._child.close()
        return starved


@dataclass(frozen=True, slots=True)
class Ahead:
    """A process that waits to become a command with the lines of its input; `said`: what it printed."""

    becomes: tuple[tuple[str, ...], tuple[str, ...]]
    running: Running
    env: Mapping[str, str]
    said: list[str]

    def hand_to(self, lines: Lines) -> None:
        """Have its output go there, with what tools said of it so far."""
        self.running.hand_over(lines)
        for line in self.said:
            lines.feed(f"{line}\n".encode())
