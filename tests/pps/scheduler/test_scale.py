"""Many datums: a skip costs a row, not a transaction."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from calf.db import datums, jobs
from calf.db.database import Database
from calf.model.pps_infos import DatumInfo, JobInfo
from calf.model.refs import Commit, Datum, Job, Pipeline
from calf.model.states import DatumState, JobState

MANY = 10_000


def test_ten_thousand_skips_take_a_fraction_of_a_second_of_work(tmp_path: Path) -> None:
    pipeline = Pipeline("default", "p")
    first, second = (Job(pipeline, f"{number:012x}4{number:019x}") for number in (1, 2))
    identities = [(digest(number), digest(-number - 1)) for number in range(MANY)]
    database = Database.open(tmp_path / "metadata.sqlite")
    with database.write() as tx:
        for created, job in enumerate((first, second), 1):
            output = Commit(pipeline.repo, job.id)
            jobs.insert(tx, JobInfo(job, 1, output, JobState.RUNNING, created=float(created)))
        base, number = jobs.number(tx, first) or 0, jobs.number(tx, second) or 0
        datums.put_list(tx, base, identities)
        ran = (DatumInfo(Datum(first, one), DatumState.SUCCESS, two, ()) for one, two in identities)
        assert len(datums.record(tx, base, ran)) == MANY
    began = time.process_time()
    with database.write() as tx:
        datums.put_list(tx, number, identities)
        assert datums.skip(tx, number, base) == MANY
        assert datums.stale(tx, number, base) == []
        assert datums.counts(tx, number).skipped == MANY
    spent = time.process_time() - began
    database.close()
    assert spent < 1.0


def digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()
