"""The job of a pipeline before another, and what of a datum is not as it was there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calf.model.errors import CalfError, NotFound
from calf.views.words import many
from calf.wire.messages import Message, pps
from calf.wire.times import read_time

if TYPE_CHECKING:
    from calf.client.connection import Client

RAN = (pps.JOB_SUCCESS, pps.JOB_FAILURE)
"""The states of jobs that ended by themselves."""
_LOOKED_AT = 10


def job_before(client: Client, info: Message) -> Message | None:
    """The last job of the pipeline before this one that ended by itself; None when it was the first."""
    marker = info.created
    while True:
        request = pps.ListJobRequest(
            pipeline=info.job.pipeline, history=-1, paginationMarker=marker, number=_LOOKED_AT
        )
        older = [each for each in client.pps.ListJob(request) if read_time(each.created) < read_time(marker)]
        for other in older:
            if other.state in RAN and other.job.id != info.job.id and not other.calf.detached:
                return other
        if len(older) < _LOOKED_AT:
            return None
        marker = older[-1].created


def why_it_ran(client: Client, datum: Message, before: Message | None) -> str:
    """Why a datum was not skipped: what of it is not as the job `before` had it.

    A server keeps no reasons; this is what inputs, image and states of the two runs say.
    """
    if before is None:
        return "the pipeline's first job"
    try:
        old = client.pps.InspectDatum(
            pps.InspectDatumRequest(datum=pps.Datum(job=before.job, id=datum.datum.id))
        )
    except NotFound:
        return "new: the job before had no such datum"
    except CalfError:
        return ""  # what cannot be told is no reason not to show the datum
    if old.state == pps.FAILED:
        return "failed in the job before"
    changed = _changed_inputs(old, datum)
    if changed:
        more = f" and {many(len(changed) - 1, 'other input')}" if len(changed) > 1 else ""
        return f"{changed[0]} changed{more}"
    if old.image_id and datum.image_id and old.image_id != datum.image_id:
        return "the image changed"
    if old.calf.hash and old.calf.hash == datum.calf.hash:
        return "to be run again, although nothing changed"
    return "the spec changed: command, environment or salt"


def _changed_inputs(old: Message, new: Message) -> list[str]:
    before = {(each.file.commit.repo.name, each.file.path): each.hash for each in old.data}
    return [
        f"{each.file.commit.repo.name}:{each.file.path}"
        for each in new.data
        if before.get((each.file.commit.repo.name, each.file.path)) != each.hash
    ]
