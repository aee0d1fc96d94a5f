"""Every file of every stage's output, of each run against the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from calf.kit import strict_yaml
from calf.model.tolerance import Tolerance, read_tolerance
from driver.checkout import spec_files

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """How one stage's output of one run differs from the first run's."""

    files: int
    differing: tuple[str, ...]
    tolerated: Mapping[str, str]

    def __str__(self) -> str:
        """For a cell of the table."""
        words = f"[red]{len(self.differing)} differ[/]" if self.differing else "[green]equal[/]"
        return words + (f" (but {len(self.tolerated)} allowed)" if self.tolerated else "")


def tolerances(specs: Sequence[Path] | None = None) -> dict[str, Tolerance]:
    """What each pipeline's spec allows to differ."""
    allowed = {}
    for path in specs or spec_files():
        for document in strict_yaml.load_all(path.read_text(), str(path)):
            annotations = (document.value.get("metadata") or {}).get("annotations") or {}
            allowed[document.value["pipeline"]["name"]] = read_tolerance(annotations)
    return allowed


def compare(first: Mapping[str, bytes], other: Mapping[str, bytes], tolerance: Tolerance) -> Found:
    """Compare two outputs by the hashes of their files; a file that may differ must be in both."""
    unequal = sorted(path for path in first.keys() | other.keys() if first.get(path) != other.get(path))
    tolerated = {
        path: reason
        for path in unequal
        if path in first and path in other and (reason := tolerance.reason(path))
    }
    return Found(len(other), tuple(path for path in unequal if path not in tolerated), tolerated)


def show(table: Mapping[str, Mapping[str, Found]], console: Console) -> bool:
    """Print the comparison, stages by runs, then what differs; whether nothing does that must not."""
    runs = list(next(iter(table.values())))
    shown = Table("STAGE", "FILES", *runs, box=None)
    for stage, row in table.items():
        shown.add_row(stage, str(max(found.files for found in row.values())), *map(str, row.values()))
    console.print(shown)
    allowed: dict[str, str] = {}
    same = True
    for stage, row in table.items():
        for run, found in row.items():
            same = same and not found.differing
            for path in found.differing[:SHOWN]:
                console.print(f"[red]differs[/] in {run}: {stage}:{path}")
            allowed.update({f"{stage}:{path}": reason for path, reason in found.tolerated.items()})
    console.print(f"files that differ and may: {len(allowed) or 'none'}")
    for path, reason in sorted(allowed.items()):
        console.print(f"  {path}: {reason}", highlight=False)
    return same
