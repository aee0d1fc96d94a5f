"""What is left out where two runs are compared: what only stages read that are no part of the other run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from calf.web.reports.documents import Flat
from calf.web.reports.runs import Run


def absent_stages(run: Run, other: Run) -> list[str]:
    """The stages of a run that are no part of the other one."""
    return [name for name in run.jobs if name not in other.commits]


def shared_values(run: Run, other: Run, values: Mapping[str, Flat]) -> dict[str, Flat]:
    """Parameters of a run, by `repo:/path`, without the files that only absent stages read or wrote."""
    absent = set(absent_stages(run, other))
    readers = _readers(run)
    return {
        file: flat
        for file, flat in values.items()
        if file.partition(":")[0] not in absent and not _only(readers.get(file, ()), absent)
    }


def shared_roots(run: Run, other: Run) -> set[str]:
    """The repos of users that others than absent stages read."""
    absent = set(absent_stages(run, other))
    readers = _readers(run)
    return {name for name in run.roots if not _only(readers.get(name, ()), absent)}


def _only(readers: Collection[str], absent: Collection[str]) -> bool:
    return bool(readers) and all(name in absent for name in readers)


def _readers(run: Run) -> dict[str, set[str]]:
    """The stages that read each repo, and each file that one names exactly."""
    found: dict[str, set[str]] = {}
    for stage, made in run.jobs.items():
        for read in made.reads:
            repo = run.name(read.spot)
            for what in (repo, f"{repo}:{read.path}"):
                found.setdefault(what, set()).add(stage)
    return found
