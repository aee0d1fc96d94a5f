"""Where a file comes from, told step by step: each run of a stage once, however many files it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import click

from calf.client.get import get_file
from calf.model.errors import CalfError
from calf.views.labels import repo_name
from calf.views.origin_words import describe
from calf.views.source_words import source_of
from calf.wire.messages import Message, calf_pps, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client

_PARAMETERS = (".yaml", ".yml", ".json", ".toml")
_LONGEST_PARAMETERS = 4096
_MOST_FILES = 3


@dataclass(slots=True)
class _Step:
    """A run (or a commit of a user), and the files of one question that it explains."""

    origin: Message
    files: list[str] = field(default_factory=list)


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

    def _steps(self, file: Message) -> Sequence[_Step]:
        """What is new in the origins of a file."""
        steps: dict[tuple[str, ...], _Step] = {}
        place = f"{file.commit.repo.project.name}/{repo_name(file.commit.repo)}@{file.commit.id}:{file.path}"
        if place in self._asked:
            return []
        self._asked.add(place)
        request = calf_pps.WhyRequest(file=file)
        for origin in self._client.call("/calf_pps_v1.API/Why", request):
            key = _key(origin)
            if key not in self._told:
                steps.setdefault(key, _Step(origin)).files.append(origin.file.path)
        self._told.update(steps)
        return list(steps.values())

    def _tell(self, step: _Step) -> None:
        origin = step.origin
        more = len(step.files) - _MOST_FILES
        names = ", ".join(step.files[:_MOST_FILES]) + (f" and {more} more" if more > 0 else "")
        commit = origin.file.commit
        if self._shown:
            click.echo()
        self._shown = True
        click.secho(f"{repo_name(commit.repo)}@{commit.id}:{names}", bold=True)
        parameters = {part.file.path: self._read(part) for part in origin.inputs if _is_parameters(part)}
        for line in describe(origin, parameters, list(self._log(origin)), self._source(origin)):
            click.echo(f"    {line}".rstrip())

    def _source(self, origin: Message) -> str:
        if not origin.statement:
            return ""
        job = origin.datum.datum.job
        repo = pfs.Repo(name=job.pipeline.name, type="user", project=job.pipeline.project)
        return source_of(self._client, pfs.Commit(repo=repo, id=job.id))

    def _log(self, origin: Message) -> Iterator[str]:
        """The last lines that the run printed."""
        if not self._lines or not origin.HasField("logs"):
            return
        printed = [line.message for line in self._client.pps.GetLogs(origin.logs) if line.user]
        yield from printed[-self._lines :]

    def _read(self, part: Message) -> list[str]:
        try:
            data = b"".join(get_file(self._client, part.file))
        except CalfError:  # the commit was dropped or forgotten since: the rest is still worth telling
            return ["(its content is gone)"]
        return data.decode(errors="replace").splitlines()


def _key(origin: Message) -> tuple[str, ...]:
    if origin.HasField("datum"):
        job = origin.datum.datum.job
        return (job.pipeline.project.name, job.pipeline.name, job.id, origin.datum.datum.id)
    commit = origin.commit.commit
    return (commit.repo.project.name, repo_name(commit.repo), commit.id, "")


def _is_parameters(part: Message) -> bool:
    """A small file of settings: worth showing."""
    path = PurePosixPath(part.file.path)
    return path.suffix in _PARAMETERS and part.size_bytes <= _LONGEST_PARAMETERS
