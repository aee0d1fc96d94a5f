"""What changed between two commit sets: commits, versions, specs and images; datums and files in numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.differences.documents import leaves_that_differ
from calf.views.drawing.read_dag import leaves
from calf.web.dag.nodes import CRON, PIPELINE, Node, commit_size, datum_counts
from calf.web.dag.reading import Now, Then
from calf.wire.documents import to_document
from calf.wire.messages import Message, pfs, pps

CHANGED, SAME, NEW, GONE = "changed", "same", "new", "gone"
ALIKE = "same bytes"
"""Another commit, with the same files and of the same code."""
_ASKED = 40
_FILES = 1000
_AT_ONCE = 20
_SECONDS, _LATER = 0.2, 5.0
_FIELDS = 6
Row = dict[str, Any]
Moment = tuple[int, int]
"""Seconds and nanoseconds."""


def compare(client: Client, nodes: Mapping[str, Node], now: Now, then: Then, before: Then) -> list[Row]:
    """A row for each box that is not the same in both sets; the boxes are told, too.

    A box that is merely no part of one of them has not changed, and has neither row nor word.
    """
    jobs, rows = _Jobs(client), []
    lasts = {each.id: _last_moment(each) for each in (then, before)}
    for key, node in nodes.items():
        new, old = then.commits.get(key), before.commits.get(key)
        node["change"] = _change(new, old)
        absent = before if node["change"] == NEW else then
        if node["change"] in (NEW, GONE) and _was_there(now, node, new or old, lasts[absent.id]):
            node["change"] = ""
        if node["change"] in ("", SAME):
            continue
        row = _row(node, new, old)
        if node["kind"] == PIPELINE and new and (job := jobs.of(then, key, new)):
            row["counts"] = datum_counts(job)
            if old and (was := jobs.of(before, key, old)):
                row["words"] = list(_differences(jobs, job, was))
        node["changes"] = row["words"]
        rows.append(row)
    return rows


def add_files(
    client: Client, nodes: Mapping[str, Node], rows: Sequence[Row], then: Then, before: Then, *, all_: bool
) -> bool:
    """Count in each row the files that differ, and say of rows and boxes where none does.

    Up to 1,000 a repo are counted; for 0.2 s, and nothing where there are more than 20 repos, unless `all_`
    are asked for: then for 5 s. A row that is not counted has None. Says whether all were counted.
    """
    wanted = [row for row in rows if row["commit"] and row["was"] and row["kind"] != CRON]
    if len(wanted) > _AT_ONCE and not all_:
        return False
    until = time.monotonic() + (_LATER if all_ else _SECONDS)
    for row in wanted:
        if time.monotonic() > until:
            return False
        key = row["key"]
        row["files"] = count_files(client, before.commits[key].commit, then.commits[key].commit, until)
        if row["change"] == CHANGED and not row["words"] and not any(row["files"].values()):
            row["change"] = nodes[key]["change"] = ALIKE
    return True


def _row(node: Node, new: Message | None, old: Message | None) -> Row:
    """What is known of the commits alone."""
    row = {word: node[word] for word in ("key", "project", "name", "label", "kind", "link", "change")}
    row |= {"commit": new.commit.id if new else "", "was": old.commit.id if old else ""}
    row |= {"size": commit_size(new) if new else None, "old_size": commit_size(old) if old else None}
    return row | {"words": [], "files": None, "counts": None}


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
        """The job that made the commit of a set."""
        if then.is_own(key):
            return then.jobs.get(key)
        owner, name = key.split("/", 1)
        pipeline = pps.Pipeline(name=name, project=pfs.Project(name=owner))
        return self.whole(pps.Job(pipeline=pipeline, id=commit.commit.id))

    def whole(self, job: Message) -> Message | None:
        """A job with what it was to do."""
        if not self._left:
            return None
        self._left -= 1
        try:
            info: Message = self._client.pps.InspectJob(pps.InspectJobRequest(job=job, details=True))
        except NotFound:
            return None
        return info


def _change(new: Message | None, old: Message | None) -> str:
    if new and old:
        return SAME if new.commit.id == old.commit.id else CHANGED
    return NEW if new else GONE if old else ""


def _was_there(now: Now, node: Node, commit: Message, last: Moment) -> bool:
    """Whether what has no commit in a set, that went on until `last`, existed then all the same: it does
    now, and is not younger.

    Other projects are not read, but a commit of theirs that is there says that its repo is.
    """
    key = node["key"]
    if node["elsewhere"]:
        return True
    if key not in now.repos or (commit.origin.kind == pfs.AUTO and key not in now.pipelines):
        return False
    return _moment(now.repos[key].created) <= last


def _last_moment(then: Then) -> Moment:
    """When the last commit of a set itself began; before everything where it has none that is shown."""
    own = (_moment(info.started) for key, info in then.commits.items() if then.is_own(key))
    return max(own, default=(0, 0))


def _moment(stamp: Message) -> Moment:
    return int(stamp.seconds), int(stamp.nanos)


def _differences(jobs: _Jobs, new: Message, old: Message) -> Iterator[str]:
    """What of the code is another: version, image, and the fields of the spec. One version has one spec."""
    if new.calf.image.digest != old.calf.image.digest:
        yield "another image"
    if new.pipeline_version == old.pipeline_version:
        return
    yield f"version {old.pipeline_version} → {new.pipeline_version}"
    whole, was = jobs.whole(new.job), jobs.whole(old.job)
    if whole is None or was is None:
        return
    paths = [path for path, _, _ in islice(leaves_that_differ(_spec(was), _spec(whole)), _FIELDS + 1)]
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
