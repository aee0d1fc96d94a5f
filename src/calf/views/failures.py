"""Why a job failed and where to look further: its first failed datums, each with its own reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from calf.views.words import paragraph
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

_SHOWN = 3


def failed_datums(client: Client, info: Message) -> list[Message]:
    """The first datums that made a job fail; none when it did not, or when no datum did."""
    if info.state != pps.JOB_FAILURE or not info.data_failed:
        return []
    failed = pps.ListDatumRequest.Filter(state=[pps.FAILED])
    return list(client.pps.ListDatum(pps.ListDatumRequest(job=info.job, filter=failed, number=_SHOWN)))


def explain(info: Message, failed: Sequence[Message]) -> Iterator[tuple[str, str]]:
    """Labels that go with a job's reason: its failed datums, and the command that says more."""
    for datum in failed:
        why = f": {paragraph(datum.calf.reason)}" if datum.calf.reason else ""  # Pachyderm does not say
        yield "Failed Datum", f"{datum.datum.id} ({datum_files(datum)}){why}"
    more = info.data_failed - len(failed)
    if failed and more > 0:
        yield "Failed Datums", f"{more} more"
    yield "Hint", _hint(info)


def _hint(info: Message) -> str:
    job = f"{info.job.pipeline.name}@{info.job.id}"
    if info.state == pps.JOB_FAILURE:
        return f"`pachctl logs -j {job} --worker` shows what its datums printed and how they ended"
    if info.state == pps.JOB_UNRUNNABLE:
        return f"`pachctl list job {info.job.id}` shows which job failed first"
    return ""


def datum_files(info: Message) -> str:
    """What a datum reads, in one line."""
    return ", ".join(
        f"{each.file.commit.repo.name}@{each.file.commit.id[:8]}:{each.file.path}" for each in info.data
    )
