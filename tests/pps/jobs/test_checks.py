"""Every invariant of jobs and datums has a check that sees it broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.pps import checks
from tests.pps.stages import copy
from tests.pps.workshop import Workshop


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Workshop]:
    """A folder with a pipeline whose second job ran one datum and skipped one; tests damage it."""
    workshop = Workshop.open(tmp_path / "home", {"copy": copy}).start()
    workshop.repo("in", "out")
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p"))
    workshop.wait("p", workshop.put("in", {"/b": "2"}))
    workshop.scheduler.stop()
    assert found(workshop) == []
    yield workshop
    workshop.pfs.close()
    workshop.logs.close()


def found(workshop: Workshop) -> list[str]:
    with workshop.pfs.read() as tx:
        return [type(each).__name__ for check in checks.checks(workshop.pfs) for each in check(tx)]


def damage(workshop: Workshop, sql: str) -> None:
    with workshop.pfs.db.write() as tx:
        tx.execute("PRAGMA defer_foreign_keys = ON")
        assert tx.execute(sql).rowcount


def test_a_job_row_that_somebody_edited(broken: Workshop) -> None:
    damage(broken, "UPDATE jobs SET reason = 'all is well' WHERE seq = 1")
    assert found(broken) == ["JobChanged"]


def test_a_success_with_a_failed_datum(broken: Workshop) -> None:
    damage(broken, "UPDATE datums SET state = 1 WHERE job = 1")
    assert "OutcomeWrong" in found(broken)


def test_a_success_with_a_datum_that_never_ran(broken: Workshop) -> None:
    damage(broken, "UPDATE datums SET state = 0, run = NULL WHERE job = 2 AND state = 2")
    assert "OutcomeWrong" in found(broken)


def test_a_success_whose_commit_has_an_error(broken: Workshop) -> None:
    with broken.pfs.db.write() as tx:
        tx.execute("DROP TRIGGER commits_never_change")
        tx.execute("UPDATE commits SET error = 'bad' WHERE id = (SELECT max(id) FROM commits)")
    assert "OutcomeWrong" in found(broken)


def test_a_skip_of_a_datum_with_another_identity(broken: Workshop) -> None:
    damage(broken, "UPDATE datums SET hash = randomblob(32) WHERE job = 2 AND state = 3")
    assert found(broken) == ["SkipUnfounded"]


def test_a_skip_of_a_datum_that_failed(broken: Workshop) -> None:
    damage(broken, "UPDATE runs SET state = 1 WHERE id = 1")
    assert found(broken) == ["SkipUnfounded"]


def test_a_datum_that_read_another_commit_than_the_provenance_says(broken: Workshop) -> None:
    damage(broken, "UPDATE runs SET inputs = replace(inputs, 'in', 'out') WHERE id = 2")
    assert found(broken) == ["InputsDiffer"]


def test_commits_of_a_job_that_come_from_different_commits(broken: Workshop) -> None:
    damage(broken, "DELETE FROM commit_provenance WHERE downstream = (SELECT max(id) FROM commits)")
    assert "InputsDiffer" in found(broken)


def test_an_output_of_a_datum_that_is_gone(broken: Workshop) -> None:
    damage(broken, "UPDATE runs SET output = randomblob(32) WHERE id = 1")
    assert found(broken) == ["DatumOutputMissing"]


def test_each_violation_says_what_it_is_about(broken: Workshop) -> None:
    damage(broken, "UPDATE jobs SET reason = 'all is well' WHERE seq = 1")
    with broken.pfs.read() as tx:
        (violation,) = checks.jobs_never_changed(tx)
    assert str(violation).startswith("consistency error: the record of job default/p@")
