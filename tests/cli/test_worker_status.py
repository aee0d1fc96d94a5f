from __future__ import annotations

from calf.cli.job_rows import worker_status
from calf.wire.messages import pps

HEADERS = "\nWORKER              JOB                 DATUM               STARTED"


def test_it_is_a_table_of_its_own_that_is_there_without_workers_too() -> None:
    assert worker_status(pps.JobInfo()) == HEADERS


def test_it_says_what_each_worker_does() -> None:
    datum = pps.DatumStatus(data=[pps.InputFile(path="/a"), pps.InputFile(path="/b\x1b")])
    working = pps.WorkerStatus(worker_id="edges-worker-number-1", job_id="0a1b", datum_status=datum)
    idle = pps.WorkerStatus(worker_id="w2", job_id="0a1b")
    shown = worker_status(pps.JobInfo(details=pps.JobInfo.Details(worker_status=[working, idle])))
    assert shown == (
        "\nWORKER                  JOB                 DATUM               STARTED"
        "\nedges-worker-number-1   0a1b                /a, /b\\x1b          -"
        "\nw2                      0a1b                -                   -"
    )
