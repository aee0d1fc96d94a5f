"""What the engine has signed of a replay is there tomorrow, and nothing else passes for it."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from calf.db import commits as commit_rows
from calf.db import replays
from calf.kit.cancel import CancelToken
from calf.model.errors import Cancelled, InvalidArgument
from calf.model.refs import CommitRef, Pipeline, Repo
from calf.model.statement.dsse import Envelope
from calf.pfs import commits
from calf.pps.attest.kept_replays import MOST, kept_replays
from calf.pps.attest.replayed import sign_replay
from calf.pps.rerunning import run_pipeline
from tests.pps.attest.attesting import commit_of, edit, fsck
from tests.pps.stages import copy
from tests.pps.workshop import Open, Workshop


def replay(workshop: Workshop, name: str) -> Envelope:
    """Run the newest job of a pipeline again, and have that signed."""
    repo = Repo("default", name)
    old = commit_of(workshop, name)
    with workshop.pfs.transaction() as txn:
        again = run_pipeline(txn, Pipeline("default", name), [], job_id=old.id).job.id
    assert workshop.wait(name, again).state.name == "SUCCESS"
    return sign_replay(workshop.pps, CommitRef(repo, old.id), CommitRef(repo, again), CancelToken())


def told(workshop: Workshop, *names: str) -> list[tuple[str, str]]:
    refs = [CommitRef(Repo("default", name), "master") for name in names]
    return [(each.commit.repo.name, each.result) for each in kept_replays(workshop.pps, refs, CancelToken())]


def test_a_replay_is_kept_with_its_commit_over_a_new_start(tmp_path: Path) -> None:
    workshop = Workshop.open(tmp_path / "home", {"copy": copy}).start()
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p"))
    before = workshop.pfs.clock()
    envelope = replay(workshop, "p")
    workshop.close()
    workshop = Workshop.open(tmp_path / "home", {"copy": copy}).start()
    (found,) = kept_replays(workshop.pps, [CommitRef(Repo("default", "p"), "master")], CancelToken())
    assert (found.commit, found.result) == (commit_of(workshop, "p"), "reproduced")
    assert found.envelope == envelope
    assert int(before) <= found.at <= workshop.pfs.clock()
    workshop.close()


def test_one_question_is_about_many_jobs_or_all(chain: Workshop) -> None:
    assert told(chain, "in", "one", "two") == []
    replay(chain, "one")
    replay(chain, "two")
    assert told(chain, "in", "one", "two") == told(chain) == [("two", "reproduced"), ("one", "reproduced")]
    assert told(chain, "one", "gone") == [("one", "reproduced")]
    with pytest.raises(InvalidArgument, match="1000 commits at most"):
        told(chain, *["one"] * (MOST + 1))


def test_who_has_gone_is_not_looked_for_any_further(chain: Workshop) -> None:
    gone = CancelToken()
    gone.cancel()
    with pytest.raises(Cancelled):
        list(kept_replays(chain.pps, [CommitRef(Repo("default", "one"), "master")], gone))


def test_of_each_result_the_newest_is_kept_and_told_first(open_workshop: Open) -> None:
    runs = count()
    workshop = open_workshop({"odd": lambda visit: {"/a": b"%d" % (next(runs) == 1)}})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p", stage="odd"))
    results = []
    for _ in range(3):
        replay(workshop, "p")
        results.append([result for _, result in told(workshop, "p")])
    assert results == [["differs"], ["reproduced", "differs"], ["reproduced", "differs"]]


def test_a_replay_goes_with_its_commit(chain: Workshop) -> None:
    replay(chain, "two")
    with chain.pfs.transaction() as txn:
        commits.drop(txn, commit_of(chain, "two"))
    assert told(chain) == []


def test_nobody_is_told_of_what_the_engine_did_not_sign_about_that_commit(chain: Workshop) -> None:
    two, envelope = commit_of(chain, "two"), replay(chain, "one")
    assert fsck(chain) == []
    edit(chain, "UPDATE replays SET payload = CAST (replace(payload, 'REPRODUCED', 'REPRODUCeD') AS BLOB)")
    assert told(chain, "one") == []
    assert "is not signed with key" in fsck(chain)[0]
    for column, value in (("payload", envelope.payload), ("result", "differs")):
        edit(chain, f"UPDATE replays SET {column} = ?", value)
    assert told(chain, "one") == []
    assert "on record is 'differs'" in fsck(chain)[0]
    edit(chain, "UPDATE replays SET result = 'reproduced'")
    assert told(chain, "one") == [("one", "reproduced")]
    with chain.pfs.db.write() as tx:
        row = commit_rows.get(tx, two)
        assert row is not None
        replays.put(tx, row.id, "differs", envelope)
    assert told(chain) == [("one", "reproduced")]
    assert "it is about pfs:default/one@" in fsck(chain)[0]
    replay(chain, "two")
    assert fsck(chain) == []
    assert sorted(told(chain)) == [("one", "reproduced"), ("two", "reproduced")]
