"""Where a file comes from, told step by step: each run of a stage once, however many files it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from calf.views.labels import repo_name
from calf.views.lineage import WHY, Step, is_parameters, lines_of, output_of, source_behind, steps_of
from calf.views.origin_words import describe
from calf.views.replay.kept import replayed
from calf.wire.messages import Message, calf_pps

if TYPE_CHECKING:
    from calf.client.connection import Client

_MOST_FILES = 3


class Lineage:
    """Tells of files; what was told once is not told again."""

    def __init__(self, client: Client, lines: int) -> None:
        self._client = client
        self._lines = lines
        self._told: set[tuple[str, ...]] = set()
        self._asked: set[str] = set()
        self._shown = False

    def show(self, file: Message, depth: int) -> None:
        """Tell of a file, or of all below a folder, and `depth` steps on of what it was made from."""
        wave = [file]
        while wave and depth >= 0:
            steps = [step for each in wave for step in self._steps(each)]
            for step in steps:
                self._tell(step)
            wave = [part.file for step in steps for part in step.origin.inputs]
            depth -= 1

    def _steps(self, file: Message) -> Sequence[Step]:
        """What is new in the origins of a file."""
        place = f"{file.commit.repo.project.name}/{repo_name(file.commit.repo)}@{file.commit.id}:{file.path}"
        if place in self._asked:
            return []
        self._asked.add(place)
        found = steps_of(self._client.call(WHY, calf_pps.WhyRequest(file=file)))
        new = {key: step for key, step in found.items() if key not in self._told}
        self._told.update(new)
        return list(new.values())

    def _tell(self, step: Step) -> None:
        origin = step.origin
        more = len(step.files) - _MOST_FILES
        names = ", ".join(step.files[:_MOST_FILES]) + (f" and {more} more" if more > 0 else "")
        commit = origin.file.commit
        if self._shown:
            click.echo()
        self._shown = True
        click.secho(f"{repo_name(commit.repo)}@{commit.id}:{names}", bold=True)
        parameters = {
            part.file.path: lines_of(self._client, part.file)
            for part in origin.inputs
            if is_parameters(part.file.path, part.size_bytes)
        }
        source = source_behind(self._client, origin)
        again = replayed(self._client, output_of(origin)) if origin.statement else ""
        for line in describe(origin, parameters, list(self._log(origin)), source, again):
            click.echo(f"    {line}".rstrip())

    def _log(self, origin: Message) -> Iterator[str]:
        """The last lines that the run printed."""
        if not self._lines or not origin.HasField("logs"):
            return
        printed = [line.message for line in self._client.pps.GetLogs(origin.logs) if line.user]
        yield from printed[-self._lines :]
