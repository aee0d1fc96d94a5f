"""What changed between two commit sets: commits, versions, specs and images; datums and files in numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.differences.documents import leaves_that_differ
from calf.views.drawing.read_dag import leaves
from calf.web import links
from calf.web.dag.nodes import CRON, PIPELINE, Node, commit_size, datum_counts
from calf.web.dag.reading import Then
from calf.wire.documents import to_document
from calf.wire.messages import Message, pfs, pps

CHANGED, SAME, NEW, GONE = "changed", "same", "new", "gone"
_ASKED = 40
_FILES = 1000
_SECONDS = 0.5
_FIELDS = 6


def compare(client: Client, nodes: Mapping[str, Node], then: Then, before: Then) -> list[dict[str, Any]]:
    """A row for each box that is not the same in both sets, which is written on the box, too.

    Differences of files are counted up to 1,000 a repo, and within half a second for all; a row without them
    has None.
    """
    jobs = _Jobs(client)
    until = time.monotonic() + _SECONDS
    rows = []
    for key, node in nodes.items():
        new, old = then.commits.get(key), before.commits.get(key)
        node["change"] = _change(new, old)
        if node["change"] in ("", SAME):
            continue
        row = {
            "key": key,
            "project": node["project"],
            "name": node["name"],
            "label": node["label"],
            "kind": node["kind"],
            "link": node["link"],
            "words": [],
        }
        row |= {"change": node["change"], "files": None, "diff": "", "counts": None}
        row |= {"commit": new.commit.id if new else "", "was": old.commit.id if old else ""}
        row |= {"size": commit_size(new) if new else None, "old_size": commit_size(old) if old else None}
        job = jobs.of(then, key, new) if node["kind"] == PIPELINE and new else None
        if job is not None:
            row["counts"] = datum_counts(job)
        if new and old:
            was = jobs.of(before, key, old) if job is not None else None
            row["words"] = list(_differences(job, was)) if job is not None and was is not None else []
            repo = new.commit.repo
            row["diff"] = links.diff(repo.project.name, node["name"], old.commit.id, new.commit.id)
            if time.monotonic() < until and node["kind"] != CRON:
                row["files"] = count_files(client, old.commit, new.commit, until)
        rows.append(row)
        node["changes"] = row["words"]
    return rows


def count_files(client: Client, old: Message, new: Message, until: float) -> dict[str, Any]:
    """How many files came, went and changed; `more` when they were too many, or too slow, to count all."""
    request = pfs.DiffFileRequest(
        new_file=pfs.File(commit=new, path="/"), old_file=pfs.File(commit=old, path="/")
    )
    counts: dict[str, Any] = {"added": 0, "removed": 0, "changed": 0, "more": False}
    for number, each in enumerate(client.pfs.DiffFile(request)):
        if number == _FILES or time.monotonic() > until:
            counts["more"] = True
            break
        there, was = each.HasField("new_file"), each.HasField("old_file")
        if (each.new_file if there else each.old_file).file_type == pfs.FILE:
            counts["changed" if there and was else "added" if there else "removed"] += 1
    return counts


class _Jobs:
    """The jobs behind commits; those that are in neither set are asked for, but not too many."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._left = _ASKED

    def of(self, then: Then, key: str, commit: Message) -> Message | None:
        if then.is_own(key):
            return then.jobs.get(key)
        if not self._left:
            return None
        self._left -= 1
        owner, name = key.split("/", 1)
        pipeline = pps.Pipeline(name=name, project=pfs.Project(name=owner))
        job = pps.Job(pipeline=pipeline, id=commit.commit.id)
        try:
            info: Message = self._client.pps.InspectJob(pps.InspectJobRequest(job=job, details=True))
        except NotFound:
            return None
        return info


def _change(new: Message | None, old: Message | None) -> str:
    if new and old:
        return SAME if new.commit.id == old.commit.id else CHANGED
    return NEW if new else GONE if old else ""


def _differences(new: Message, old: Message) -> Iterator[str]:
    """What of the code is another: version, image, and the fields of the spec."""
    if new.pipeline_version != old.pipeline_version:
        yield f"version {old.pipeline_version} → {new.pipeline_version}"
    if (new.calf.image.digest or new.details.transform.image) != (
        old.calf.image.digest or old.details.transform.image
    ):
        yield "another image"
    paths = [path for path, _, _ in islice(leaves_that_differ(_spec(old), _spec(new)), _FIELDS + 1)]
    if paths:
        yield "spec: " + ", ".join([*paths[:_FIELDS], *(["…"] if len(paths) > _FIELDS else [])])


def _spec(info: Message) -> Any:
    """What a job was to do, without what differs from job to job."""
    details = type(info.details)()
    details.CopyFrom(info.details)
    details.ClearField("worker_status")
    details.ClearField("salt")
    for leaf in leaves(details.input):
        leaf.pfs.ClearField("commit") if leaf.HasField("pfs") else leaf.cron.ClearField("commit")
    return to_document(details)
