"""Why no release has decided about a report: which one would, and what its pipeline waits for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.drawing.read_dag import leaves
from calf.views.words import printable
from calf.web.lineage.behind import made_by
from calf.web.lineage.spots import Spot
from calf.web.reports.decisions import decision
from calf.web.reports.finding import Result
from calf.wire.messages import Message, pfs, pps


def undecided(client: Client, report: Spot, releases: Iterable[Result]) -> dict[str, Any] | None:
    """The newest release about another commit of the report's repo, and what starts its pipeline.

    `itself`: whether a new report does. None where no release has read that repo, or its pipeline is gone.
    """
    for release in releases:
        made = made_by(client, release.spot)
        read = next((each.spot for each in made.reads if each.spot.is_beside(report)), None) if made else None
        if read is not None:
            found = decision(client, release.spot)
            told = {**release.spot.data, "accepted": found["accepted"], "words": found["words"]}
            try:
                return {**told, "about": read.commit, **_started_by(client, release.spot, report)}
            except NotFound:
                return None
    return None


def _started_by(client: Client, release: Spot, report: Spot) -> dict[str, Any]:
    pipeline = pps.Pipeline(name=release.repo, project=pfs.Project(name=release.project))
    info = client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pipeline, details=True))
    reads = [each.pfs for each in leaves(info.details.input) if each.HasField("pfs")]
    starting = [
        (leaf.project or release.project, leaf.repo) for leaf in reads if not leaf.propagation_spec.never
    ]
    return {
        "itself": (report.project, report.repo) in starting,
        "starts": [_repo(client, *each) for each in dict.fromkeys(starting)],
    }


def _repo(client: Client, project: str, name: str) -> dict[str, str]:
    repo = pfs.Repo(name=name, type="user", project=pfs.Project(name=project))
    info: Message = client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=repo))
    return {"project": project, "repo": name, "description": printable(info.description)}
