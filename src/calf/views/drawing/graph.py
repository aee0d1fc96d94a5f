"""What there is to draw: repos and pipelines, and what reads what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

REPO = "repo"
CRON = "cron"
PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its name, what stands below the name, and the word that gives it a colour."""

    key: str
    kind: str
    name: str
    note: str = ""
    state: str = ""

    @property
    def lines(self) -> list[str]:
        """The text of the box."""
        return [self.name, self.note] if self.note else [self.name]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, and edges by their keys. There are no cycles, and no edge is there twice."""

    nodes: Sequence[Node]
    edges: Sequence[tuple[str, str]]
