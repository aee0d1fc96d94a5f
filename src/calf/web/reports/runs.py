"""A run: results with all that they were made from, which is what two of them differ in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from calf.client.connection import Client
from calf.web.lineage.behind import BY_PEOPLE, Made, Record, behind, made_by
from calf.web.lineage.spots import Spot
from calf.web.reports.documents import Flat, Scalar, flat_file

SETTINGS = (".yaml", ".yml", ".json")
"""How the names of files of settings end."""
BEST = "/best.json"
"""Where a search says what it chose, by convention: `parameters`, by name."""
_CHOSEN = "parameters."
GONE = "(none)"
"""Stands for a value that one side has not got."""


@dataclass(frozen=True, slots=True)
class Run:
    """Commits by the names of their repos, nearest first; `jobs` likewise, of those that jobs made.

    A repo of another project than that of the results is named with it, for both may have one of that name.
    """

    project: str
    commits: Mapping[str, Record]
    jobs: Mapping[str, Made]

    def name(self, spot: Spot) -> str:
        """What the repo of a commit is called in the run."""
        return called(spot, self.project)

    @property
    def roots(self) -> dict[str, Record]:
        """What users put in."""
        return {name: found for name, found in self.commits.items() if found.origin == BY_PEOPLE}


def called(spot: Spot, project: str) -> str:
    """The name of a repo, with its project where that is another one."""
    return spot.repo if spot.project == project else f"{spot.project}/{spot.repo}"


def run_of(client: Client, spots: Sequence[Spot]) -> Run:
    """The run that some commits, one or more of a project, are the results of."""
    commits: dict[str, Record] = {}
    project = spots[0].project
    for spot in spots:
        for found in behind(client, spot):
            commits.setdefault(called(found.spot, project), found)
    jobs = {
        name: made
        for name, found in commits.items()
        if found.origin != BY_PEOPLE and (made := made_by(client, found.spot))
    }
    return Run(project, commits, jobs)


def parameters(client: Client, run: Run) -> dict[str, Flat]:
    """The values of each file of settings that a job of the run read, by `repo:/path`."""
    found = {}
    for made in run.jobs.values():
        for read in made.reads:
            if read.exact and PurePosixPath(read.path).suffix in SETTINGS:
                found[f"{run.name(read.spot)}:{read.path}"] = flat_file(client, read.spot, read.path)
    return dict(sorted(found.items()))


def chosen_values(client: Client, run: Run) -> dict[str, Flat]:
    """The values that a search of the run chose, in the place of what it was given, by `repo:/path`."""
    found = {}
    for name in run.jobs:
        if values := _chosen(client, run.commits[name].spot):
            found[f"{name}:{BEST}"] = values
    return dict(sorted(found.items()))


def _chosen(client: Client, spot: Spot) -> Flat:
    flat = flat_file(client, spot, BEST)
    return {name.removeprefix(_CHOSEN): value for name, value in flat.items() if name.startswith(_CHOSEN)}


def given_and_chosen(given: Mapping[str, Flat], chosen: Mapping[str, Flat]) -> list[dict[str, Any]]:
    """The values that a search chose, each beside the one of the same last name that was given."""
    leaves: dict[str, tuple[str, Scalar]] = {}
    for file, flat in given.items():
        for name, value in flat.items():
            leaves.setdefault(name.rpartition(".")[2], (file, value))
    return [
        {
            "name": name,
            "value": value,
            "from": file,
            "given": leaves.get(name.rpartition(".")[2], ("", GONE))[1],
            "given_in": leaves.get(name.rpartition(".")[2], ("", GONE))[0],
        }
        for file, flat in chosen.items()
        for name, value in flat.items()
    ]


def changed_values(old: Mapping[str, Flat], new: Mapping[str, Flat]) -> Iterator[dict[str, Any]]:
    """The values that two sets of parameters do not share."""
    for file in dict.fromkeys([*new, *old]):
        before, after = old.get(file, {}), new.get(file, {})
        for name in dict.fromkeys([*after, *before]):
            values: tuple[Scalar, Scalar] = before.get(name, GONE), after.get(name, GONE)
            if repr(values[0]) != repr(values[1]):
                yield {"file": file, "name": name, "old": values[0], "new": values[1]}


def changes(client: Client, old: Run, new: Run) -> list[str]:
    """What made two runs differ, in a few words each: parameters by name, else the repo or the code."""
    before, after = parameters(client, old), parameters(client, new)
    values = list(changed_values(before, after))
    picks = changed_values(chosen_values(client, old), chosen_values(client, new))
    settings = {file.partition(":")[0] for file in [*before, *after]}
    return [
        *(f"{each['name']}: {_short(each['old'])} → {_short(each['new'])}" for each in values),
        *(f"chosen {each['name']}: {_short(each['old'])} → {_short(each['new'])}" for each in picks),
        *(f"other {name}" for name in _other_data(old, new) if name not in settings),
        *(f"other code in {name}" for name in other_code(old, new)),
    ]


def _other_data(old: Run, new: Run) -> list[str]:
    return [
        name for name, found in new.roots.items() if name in old.roots and old.roots[name].spot != found.spot
    ]


def other_code(old: Run, new: Run) -> list[str]:
    """The pipelines whose image, or version of the spec, is another one."""

    def code(made: Made) -> tuple[object, ...]:
        return made.digest or made.image, made.version

    return [
        name for name, made in new.jobs.items() if name in old.jobs and code(old.jobs[name]) != code(made)
    ]


def _short(value: Scalar) -> str:
    words = f"{value:.4g}" if isinstance(value, float) else str(value)
    return words if len(words) <= 40 else f"{words[:37]}..."
