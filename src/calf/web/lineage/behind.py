"""What lies behind a commit: the commits that it was made from, and the jobs that made them.

What is asked here of a finished commit can never change, so the last answers are remembered; each belongs
to the connection, and so to the token, that it came over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.drawing.read_dag import leaves
from calf.views.labels import repo_name
from calf.views.states import job_state
from calf.web.lineage.spots import Spot, spot_of
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs, pps

MOST = 500
"""So many commits behind one are looked at: more stages than any DAG that a person reads."""
BY_PEOPLE = "USER"
"""The origin of a commit that nothing here made."""
_WILD = frozenset("*?[]{}()!@+|\\")


@dataclass(frozen=True, slots=True)
class Read:
    """What a job read: all of it is, or (not `exact`) lies below, `path`."""

    name: str
    spot: Spot
    path: str
    exact: bool
    glob: str


@dataclass(frozen=True, slots=True)
class Made:
    """The job that made a commit."""

    state: str
    version: int
    started: str
    finished: str
    image: str
    digest: str
    command: tuple[str, ...]
    reads: tuple[Read, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Record:
    """What a finished commit says of itself; `made_from` leaves out versions of pipelines.

    `by_people`: nothing here made it. The first, empty commit of a repo that nobody has put anything into is
    such a one, although the engine opened it.
    """

    spot: Spot
    finished: str
    size: int
    message: str
    origin: str
    made_from: tuple[Spot, ...]
    by_people: bool


@lru_cache(maxsize=4096)
def record(client: Client, spot: Spot) -> Record:
    """A commit that is finished. Raises CalfError: `NotFound` when it is not there, or not finished."""
    info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=spot.message))
    if not info.HasField("finished"):
        raise NotFound(f"{spot.repo}@{spot.commit} is not finished", "wait until its job has ended")
    behind = tuple(spot_of(each) for each in info.direct_provenance if each.repo.type != "spec")
    return Record(
        spot,
        rfc3339(info.finished),
        int(info.details.size_bytes),
        str(info.description),
        str(pfs.OriginKind.Name(info.origin.kind)),
        behind,
        info.origin.kind == pfs.USER or not info.direct_provenance,
    )


def is_finished(client: Client, spot: Spot) -> bool:
    """Whether a commit is there, and finished."""
    try:
        record(client, spot)
    except NotFound:
        return False
    return True


def behind(client: Client, spot: Spot) -> Iterator[Record]:
    """A commit and all that it was made from, nearest first; what is gone or unfinished is left out."""
    waiting, seen = [spot], {spot}
    while waiting and len(seen) < MOST:
        try:
            found = record(client, waiting.pop(0))
        except NotFound:
            continue
        yield found
        waiting += [each for each in found.made_from if each not in seen]
        seen.update(found.made_from)


def made_by(client: Client, spot: Spot) -> Made | None:
    """The job that made a commit; None for one of a user, and where the job is no longer on record."""
    try:
        return _job(client, spot)
    except NotFound:
        return None


@lru_cache(maxsize=2048)
def _job(client: Client, spot: Spot) -> Made:
    name = spot.repo.removesuffix(".meta")
    pipeline = pps.Pipeline(name=name, project=pfs.Project(name=spot.project))
    request = pps.InspectJobRequest(job=pps.Job(pipeline=pipeline, id=spot.commit), details=True)
    info = client.pps.InspectJob(request)
    if not info.HasField("finished"):
        raise NotFound(f"{name}@{spot.commit} runs", "wait until it has ended")
    return Made(
        job_state(info.state),
        int(info.pipeline_version),
        rfc3339(info.started),
        rfc3339(info.finished),
        info.calf.image.name or info.details.transform.image,
        info.calf.image.digest,
        tuple(info.details.transform.cmd),
        tuple(_read(leaf.pfs, spot) for leaf in leaves(info.details.input) if leaf.HasField("pfs")),
        int(info.data_total),
    )


def _read(given: Message, by: Spot) -> Read:
    repo = pfs.Repo(name=given.repo, type=given.repo_type or "user")
    spot = Spot(given.project or by.project, repo_name(repo), given.commit)
    path, exact = literal(given.glob)
    return Read(given.name, spot, path, exact, given.glob)


def literal(glob: str) -> tuple[str, bool]:
    """The path that a glob means, and True; of one with wildcards the folder that all of it lies in."""
    path = "/" + glob.strip("/")
    if not _WILD & set(path):
        return path, True
    plain: list[str] = []
    for part in path.split("/"):
        if _WILD & set(part):
            break
        plain.append(part)
    return "/".join(plain) or "/", False
