"""Every line that our fsck can say is of a kind, which says what helps."""

from __future__ import annotations

from dataclasses import fields

import pytest

from calf.model.refs import DEFAULT_PROJECT, Branch, Commit, Job, Pipeline, Repo
from calf.pfs.fsck import violations
from calf.pfs.fsck.violations import Violation
from calf.pps import checks
from calf.pps.attest import checking, kept_replays
from calf.pps.pipelines import checks as version_checks
from calf.views.findings import (
    DATA,
    IMAGES,
    LEFTOVERS,
    OTHERS,
    RECORDS,
    REPLAYS,
    STATEMENTS,
    Kind,
    counted,
    kind_of,
)

KINDS: dict[Kind, set[type[Violation]]] = {
    DATA: {
        violations.TreeMissing,
        violations.ContentMissing,
        violations.ObjectDamaged,
        violations.PackDamaged,
        violations.ObjectSwept,
        checks.DatumOutputMissing,
    },
    RECORDS: {
        violations.MetadataDamaged,
        violations.CommitChanged,
        violations.BranchChanged,
        violations.HeadStray,
        violations.ProvenanceBroken,
        violations.ParentBroken,
        violations.FileShared,
        checks.JobChanged,
        checks.InputsDiffer,
        checks.OutcomeWrong,
        checks.SkipUnfounded,
        version_checks.VersionChanged,
    },
    LEFTOVERS: {violations.OutputZombie},
    STATEMENTS: {checking.StatementWrong},
    REPLAYS: {kept_replays.ReplayWrong},
    IMAGES: {checks.ImageChanged},
}
REPO = Repo(DEFAULT_PROJECT, "data")
PIPELINE = Pipeline(DEFAULT_PROJECT, "edges")
DATA_OF = {
    "commit": Commit(REPO, "a" * 32),
    "parent": Commit(REPO, "b" * 32),
    "subject": Commit(REPO, "a" * 32),
    "branch": Branch(REPO, "master"),
    "job": Job(PIPELINE, "c" * 32),
    "pipeline": PIPELINE,
    "object_id": bytes(32),
    "hurts": ("data@master:/a",),
    "version": 3,
    "name": "ab.pack",
    "datum_id": "d" * 64,
}


def line_of(violation: type[Violation]) -> str:
    given = {each.name: DATA_OF.get(each.name, "the text") for each in fields(violation)}  # type: ignore[arg-type]
    return str(violation(**given))


def test_every_finding_is_of_one_kind() -> None:
    named = [violation for kind in KINDS.values() for violation in kind]
    assert {one.__name__ for one in named} == {one.__name__ for one in Violation.__subclasses__()}
    for kind, of_it in KINDS.items():
        for violation in of_it:
            assert kind_of(line_of(violation)) is kind, line_of(violation)


@pytest.mark.parametrize("line", ["something that another server says", "", "consistency error: the end"])
def test_what_another_server_says_is_counted_without_a_cure(line: str) -> None:
    assert kind_of(line) is OTHERS
    assert counted([kind_of(line)]) == ["1 finding: 1 of other things"]


def test_findings_are_counted_by_kind_the_most_frequent_first() -> None:
    total, first, second = counted([RECORDS, DATA, OTHERS, DATA])
    assert total == "4 findings: 2 of stored data, 1 of records, 1 of other things"
    assert first == f"hint: stored data: {DATA.cure}"
    assert second == f"hint: records: {RECORDS.cure}"
