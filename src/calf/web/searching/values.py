"""Parameters and metrics by a part of their name: in files of settings, and in what stages say of themselves.

Settings are small documents at the top of what people put in, and `best.json` of a search; metrics are
`/metrics.json` of the newest good outputs. What a finished commit holds is read once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from calf.client.connection import Client
from calf.model.errors import CalfError
from calf.web import links
from calf.web.lineage.spots import Spot, spot_of
from calf.web.reports.documents import Flat, flat_file
from calf.web.reports.figures import is_bound
from calf.web.reports.finding import METRICS, holds, newest_outputs, top_ending
from calf.web.reports.runs import BEST
from calf.web.searching.files import head_of, in_order
from calf.web.searching.found import Found, Search, found, some_of
from calf.wire.messages import Message, pfs

_SETTINGS = (".yaml", ".yml", ".json")
_MOST_VALUES = 300
"""A document of more is no file of settings."""
_TOLD = 3
_REMEMBERED = 5.0
"""Seconds."""


def find_values(search: Search, repos: Sequence[Message], seconds: float) -> Iterator[Found]:
    """A row for each document that has such a name, or such a word for a value."""
    missed: list[str] = []
    try:
        made = _outputs(search.soon(), search.project, int(time.monotonic() / _REMEMBERED))
    except CalfError:
        search.left_out.append("parameters and metrics")
        return
    for info in in_order(repos):
        name = info.repo.name
        try:
            if search.is_late(seconds):
                missed.append(name)
            elif name in made:
                yield from _metrics(search, made[name])
                yield from _settings(
                    search, made[name], [BEST] if holds(search.client, made[name], BEST) else ()
                )
            else:
                yield from _given(search, info)
        except CalfError:
            missed.append(name)
    search.leave_out("parameters and metrics of", missed)


@lru_cache(maxsize=16)
def _outputs(client: Client, project: str, _moment: int) -> Mapping[str, Spot]:
    """The newest good output of each pipeline, as it was a moment ago: who types asks again and again."""
    return {spot.repo: spot for spot in newest_outputs(client, project)}


def _given(search: Search, info: Message) -> Iterator[Found]:
    commit = search.soon().pfs.InspectCommit(pfs.InspectCommitRequest(commit=head_of(info)))
    if commit.HasField("finished"):
        spot = spot_of(commit.commit)
        yield from _settings(search, spot, top_ending(search.soon(), spot, _SETTINGS))


def _settings(search: Search, spot: Spot, paths: Sequence[str]) -> Iterator[Found]:
    for path in paths:
        values = flat_file(search.client, spot, path)
        if len(values) <= _MOST_VALUES and (about := _told(search, values, words=True)):
            link = links.files(spot.project, spot.repo, spot.commit, path)
            yield found("parameter", f"{spot.repo}:{path}", link, about)


def _metrics(search: Search, spot: Spot) -> Iterator[Found]:
    values = flat_file(search.client, spot, METRICS) if holds(search.client, spot, METRICS) else {}
    if about := _told(search, {name: value for name, value in values.items() if not is_bound(name)}):
        link = links.metrics(spot.project, spot.repo, find=search.text)
        yield found("metric", f"{spot.repo}:{METRICS}", link, about)


def _told(search: Search, values: Flat, *, words: bool = False) -> str:
    """The values that are meant, those of exactly this name first; empty for none."""
    names = [
        name
        for name, value in values.items()
        if search.has(name) or (words and isinstance(value, str) and search.has(value))
    ]
    names.sort(key=lambda name: (name.rpartition(".")[2] != search.text, name.count(".")))
    return some_of([f"{name} = {_short(values[name])}" for name in names], _TOLD)


def _short(value: object) -> str:
    words = f"{value:.4g}" if isinstance(value, float) else str(value)
    return words if len(words) <= 40 else f"{words[:37]}..."
