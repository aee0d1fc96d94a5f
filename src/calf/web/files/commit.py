"""A commit: what it is, what it was made from, what came of it, what it holds and what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.model.errors import NotFound, Unimplemented
from calf.views.labels import repo_name
from calf.views.states import job_state
from calf.views.words import printable
from calf.web.files.changes import find_changes
from calf.web.files.folder import list_folder
from calf.web.files.places import commit_data, crumbs_to_repo, find_commit, good_before, reference
from calf.web.pages import Ask, Page
from calf.wire.messages import Message, pps

_FIRST, _COUNTED = 10, 300
_LINKED = 40


def show_commit(ask: Ask) -> Page:
    """The commit `?commit=`, by id or branch."""
    info = find_commit(ask, ask.needed("commit"))
    commit = info.commit
    changes = find_changes(ask, None, commit, _FIRST, most=_COUNTED)
    files, more = list_folder(ask, commit, "/", "", _FIRST)
    provenance = [each for each in info.direct_provenance if each.repo.type != "spec"]
    subvenance = [each for each in info.direct_subvenance if each.repo.type in ("", "user")]
    data = {
        "commit": commit_data(info),
        "good": good_before(ask.client, info),
        "provenance": [reference(each) for each in provenance[:_LINKED]],
        "subvenance": [reference(each) for each in subvenance[:_LINKED]],
        "more_provenance": max(0, len(provenance) - _LINKED),
        "more_subvenance": max(0, len(subvenance) - _LINKED),
        "job": _job(ask, commit),
        "jobs": [job for each in subvenance[:_LINKED] if (job := _job(ask, each))],
        "metadata": {printable(key): printable(value) for key, value in sorted(info.metadata.items())},
        "files": files,
        "more_files": bool(more),
        "difference": changes.data(),
        "command": f"pachctl inspect commit {repo_name(commit.repo)}@{commit.id} --project {ask.project}",
    }
    title = f"Commit {commit.id[:8]}"
    crumbs = crumbs_to_repo(ask)
    return Page("files/commit.html", title, data, crumbs, live=not info.HasField("finished"), section="repos")


def _job(ask: Ask, commit: Message) -> Mapping[str, Any] | None:
    """The job that made a commit; None when people did, or when nobody knows it any more."""
    if commit.repo.type not in ("", "user"):
        return None
    pipeline = pps.Pipeline(name=commit.repo.name, project=commit.repo.project)
    try:
        request = pps.InspectJobRequest(job=pps.Job(pipeline=pipeline, id=commit.id))
        info = ask.client.pps.InspectJob(request)
    except (NotFound, Unimplemented):
        return None
    return {
        "project": commit.repo.project.name,
        "pipeline": commit.repo.name,
        "id": commit.id,
        "state": job_state(info.state),
        "reason": printable(info.reason),
    }
