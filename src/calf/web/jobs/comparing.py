"""Two jobs of a pipeline beside each other: spec, inputs, times, datums."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from calf.views.states import datum_state
from calf.web import links
from calf.web.jobs.datums import crumbs
from calf.web.jobs.neighbours import RAN, job_before
from calf.web.jobs.shapes import job_data, job_of
from calf.web.pages import Ask, Page
from calf.web.pipelines.inputs import input_rows
from calf.web.pipelines.version_changes import changes_between
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

_LOOKED_AT = 2000
_SHOWN = 50


def show_two(ask: Ask) -> Page:
    """A job, and the one before it or that of `?old=`."""
    client, project, name = ask.client, ask.project, ask.path["pipeline"]
    new = _inspect(client, job_of(project, name, ask.path["job"]))
    old = _inspect(client, job_of(project, name, ask.text("old"))) if ask.text("old") else None
    if old is None and (before := job_before(client, new)) is not None:
        old = _inspect(client, before.job)
    data: dict[str, Any] = {"pipeline": name, "new": job_data(new), "old": None}
    if old is not None:
        datums, more = _datums(client, old, new)
        data |= {
            "old": job_data(old),
            "inputs": _inputs(old, new),
            "spec": _spec(client, old, new),
            "image": None if old.calf.image.digest == new.calf.image.digest else [_image(old), _image(new)],
            "datums": datums,
            "more_datums": more,
            "looked_at": _LOOKED_AT,
        }
    title = f"Job {new.job.id[:8]} compared with {old.job.id[:8]}" if old is not None else "The first job"
    place = (*crumbs(project, name, new.job.id),)
    return Page("jobs/two.html", title, data, place, section="pipelines")


def _inspect(client: Client, job: Message) -> Message:
    return client.pps.InspectJob(pps.InspectJobRequest(job=job, details=True))


def _image(info: Message) -> str:
    return f"{info.calf.image.name} {info.calf.image.digest}"


def _inputs(old: Message, new: Message) -> list[dict[str, Any]]:
    """Each input with both commits, and the link to what is different between them."""
    commits = [_by_name(info) for info in (old, new)]
    found = []
    for key in dict.fromkeys([*commits[1], *commits[0]]):
        before, after = (side.get(key) for side in commits)
        row = after or before
        same = before is not None and after is not None and before["commit"] == after["commit"]
        link = ""
        if row and before and after and not same:
            link = links.diff(row["project"], row["repo"], before["commit"], after["commit"])
        found.append(
            {
                "name": key[0],
                "old": before["commit"] if before else "",
                "new": after["commit"] if after else "",
                "same": same,
                "diff": link,
            }
        )
    return found


def _by_name(info: Message) -> dict[tuple[str, int], dict[str, Any]]:
    """The inputs of a job by name and number: members of a union may have one name."""
    rows = [row for row in input_rows(info.details.input) if row.get("commit")]
    names = [row["name"] for row in rows]
    return {(row["name"], names[:place].count(row["name"])): row for place, row in enumerate(rows)}


def _spec(client: Client, old: Message, new: Message) -> list[dict[str, str]]:
    if old.pipeline_version == new.pipeline_version:
        return []
    wanted = {old.pipeline_version, new.pipeline_version}
    request = pps.ListPipelineRequest(pipeline=new.job.pipeline, history=-1, details=True)
    found = {}
    for version in client.pps.ListPipeline(request):
        if version.version in wanted:
            found[version.version] = json.loads(version.effective_spec_json or "{}")
        if len(found) == len(wanted):
            break
    if len(found) < len(wanted):
        return []
    return changes_between(found[old.pipeline_version], found[new.pipeline_version])


def _datums(client: Client, old: Message, new: Message) -> tuple[list[dict[str, Any]] | None, int]:
    """The datums that one job has and the other has not, or that are not the same in both; how many more.

    None where one of them has not ended by itself: such a job lists only what it has done.
    """
    if not {old.state, new.state} <= set(RAN):
        return None, 0
    rows = list(_merged(client, old, new))
    return rows[:_SHOWN], max(0, len(rows) - _SHOWN)


def _merged(client: Client, old: Message, new: Message) -> Iterator[dict[str, Any]]:
    """Datums come by their ids: where not all of a job were looked at, nothing is said of ids beyond."""
    sides = [{datum.datum.id: datum for datum in client.pps.ListDatum(_listing(info))} for info in (old, new)]
    ends = [max(side) for side in sides if len(side) == _LOOKED_AT]
    for datum_id in sorted(sides[0].keys() | sides[1].keys()):
        if ends and datum_id > min(ends):
            return
        before, after = (side.get(datum_id) for side in sides)
        if before is None or after is None:
            one = after if before is None else before
            yield _row(one, "new" if before is None else "gone", before, after)
        elif [each.hash for each in before.data] != [each.hash for each in after.data]:
            yield _row(after, "other inputs", before, after)
        elif before.calf.hash != after.calf.hash:
            yield _row(after, "other code or parameters", before, after)


def _listing(info: Message) -> Message:
    return pps.ListDatumRequest(job=info.job, number=_LOOKED_AT)


def _row(datum: Message, what: str, old: Message | None, new: Message | None) -> dict[str, Any]:
    return {
        "id": datum.datum.id,
        "what": what,
        "files": [f"{each.file.commit.repo.name}:{each.file.path}" for each in datum.data],
        "old": datum_state(old.state) if old is not None else "",
        "new": datum_state(new.state) if new is not None else "",
    }
