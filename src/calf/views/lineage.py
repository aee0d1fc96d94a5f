"""What made a file: each run of a stage once, however many files it wrote, with the settings that it read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from calf.client.get import get_file
from calf.model.errors import CalfError
from calf.views.labels import repo_name
from calf.views.source_words import source_of
from calf.wire.messages import Message, pfs

if TYPE_CHECKING:
    from calf.client.connection import Client

WHY = "/calf_pps_v1.API/Why"
"""The call that gives the origins of a file, or of all files below a folder (`calf_pps.WhyRequest`)."""
_PARAMETERS = (".yaml", ".yml", ".json", ".toml")
_LONGEST_PARAMETERS = 4096


@dataclass(slots=True)
class Step:
    """A run (or a commit of a user), and the files of one question that it explains."""

    origin: Message
    files: list[str] = field(default_factory=list)


Key = tuple[str, ...]
"""Which run, or which commit of a user, it was."""


def steps_of(origins: Iterable[Message]) -> dict[Key, Step]:
    """The runs behind some origins, each with the files that came of it."""
    steps: dict[Key, Step] = {}
    for origin in origins:
        steps.setdefault(key_of(origin), Step(origin)).files.append(origin.file.path)
    return steps


def key_of(origin: Message) -> Key:
    """Project, pipeline, job and datum of a run; project, repo and commit of what a user put in."""
    if origin.HasField("datum"):
        job = origin.datum.datum.job
        return (job.pipeline.project.name, job.pipeline.name, job.id, origin.datum.datum.id)
    commit = origin.commit.commit
    return (commit.repo.project.name, repo_name(commit.repo), commit.id, "")


def output_of(origin: Message) -> Message:
    """The output commit of the run behind a file."""
    job = origin.datum.datum.job
    repo = pfs.Repo(name=job.pipeline.name, type="user", project=job.pipeline.project)
    return pfs.Commit(repo=repo, id=job.id)


def source_behind(client: Client, origin: Message) -> str:
    """The commit of git that the code of a run came from; empty where nothing says so."""
    return source_of(client, output_of(origin)) if origin.statement else ""


def is_parameters(path: str, size: int) -> bool:
    """Whether an input is a small file of settings: worth showing."""
    return PurePosixPath(path).suffix in _PARAMETERS and size <= _LONGEST_PARAMETERS


def lines_of(client: Client, file: Message) -> list[str]:
    """The lines of a small file of settings."""
    try:
        data = b"".join(get_file(client, file))
    except CalfError:  # the commit was dropped or forgotten since: the rest is still worth telling
        return ["(its content is gone)"]
    return data.decode(errors="replace").splitlines()
