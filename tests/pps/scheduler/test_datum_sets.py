"""How datums are cut into sets (spec B1, `datum_set_spec`)."""

from __future__ import annotations

import pytest

from calf.model.pps_infos import DatumInput
from calf.model.refs import Commit, Datum, Job, Pipeline, Repo
from calf.model.spec.parts import DatumSetSpec
from calf.pps.scheduler.datum_sets import datum_sets
from calf.pps.scheduler.work import Task
from tests.pps.workshop import Workshop

REPO = Repo("default", "in")
JOB = Job(Pipeline("default", "p"), "1")


def task(number: int, size: int) -> Task:
    part = DatumInput("in", REPO, "master", Commit(REPO, "1"), f"/{number}", b"", size)
    return Task(Datum(JOB, str(number)), "", (part,))


def cut(spec: DatumSetSpec | None, *sizes: int, workers: int = 1) -> list[int]:
    tasks = [task(number, size) for number, size in enumerate(sizes)]
    sets = list(datum_sets(tasks, spec, workers))
    assert [it for datum_set in sets for it in datum_set] == tasks
    return [len(datum_set) for datum_set in sets]


@pytest.mark.parametrize(
    ("spec", "count", "workers", "lengths"),
    [
        (None, 0, 1, []),
        (None, 3, 2, [1, 1, 1]),
        (None, 16, 2, [2] * 8),
        (None, 17, 2, [2] * 8 + [1]),
        (DatumSetSpec(per_worker=1), 10, 2, [5, 5]),
        (DatumSetSpec(number=4), 10, 1, [4, 4, 2]),
        (DatumSetSpec(number=4, per_worker=9), 10, 5, [4, 4, 2]),
    ],
)
def test_sets_by_number(spec: DatumSetSpec | None, count: int, workers: int, lengths: list[int]) -> None:
    assert cut(spec, *[1] * count, workers=workers) == lengths


def test_a_set_is_closed_once_it_is_large_enough_whatever_its_number() -> None:
    assert cut(DatumSetSpec(number=1, size_bytes=10), 4, 4, 4, 10, 1, 30, 2, 3) == [3, 1, 2, 2]


def test_a_worker_takes_one_set_after_another(workshop: Workshop) -> None:
    workshop.pipeline("p", datum_set_spec={"number": 2})
    done = workshop.wait("p", workshop.put("in", {f"/{number}": "x" for number in range(5)}))
    assert (done.counts.processed, workshop.runner.sets) == (5, 3)
