"""The line in which a job says why it failed, for where there is room for no more than that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from calf.client.connection import Client
from calf.model.errors import CalfError
from calf.views.failures import failed_datums
from calf.views.words import shorten
from calf.web.jobs.log_reading import LogPlace, LogQuery, read_page
from calf.web.jobs.shapes import job_of
from calf.wire.messages import pps

_LINES = 200
_LONGEST = 300
_ERROR = re.compile(r"[\w.]*(Error|Exception)\b|(error|fatal)\b", re.ASCII)


def fault_of(client: Client, project: str, pipeline: str, job_id: str) -> str:
    """What the first failed datum of a job that has ended says of its error; or empty."""
    try:
        return _fault(client, project, pipeline, job_id)
    except CalfError:
        return ""  # the page says what it can without it


@lru_cache(maxsize=512)
def _fault(client: Client, project: str, pipeline: str, job_id: str) -> str:
    job = job_of(project, pipeline, job_id)
    failed = failed_datums(client, client.pps.InspectJob(pps.InspectJobRequest(job=job)))
    if not failed:
        return ""
    datum = failed[0].datum
    place = LogPlace(project, pipeline, datum.job.id or job_id, datum.id)
    lines = read_page(client, place, LogQuery(level="stage", number=_LINES)).lines
    said = [str(line["text"]) for line in lines]
    return shorten(telling(said, failed[0].calf.reason), _LONGEST)


def telling(lines: Sequence[str], ended: str) -> str:
    """The last line that begins as errors do; where none does, how it ended and the last line of all."""
    for line in reversed(lines):
        if _ERROR.match(line):
            return line.strip()
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ": ".join(filter(None, (ended, last)))
