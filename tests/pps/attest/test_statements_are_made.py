"""Every output of a job that ended well has a statement that says what it is and what it was made from."""

from __future__ import annotations

from hashlib import sha256

from calf.db.schema import MIGRATIONS
from calf.kit import rfc3339
from calf.kit.cancel import CancelToken
from calf.model.refs import CommitRef, Pipeline, Repo
from calf.model.statement.canonical import canonical
from calf.model.statement.signing import Signer
from calf.pfs import commits
from calf.pfs.repos import delete as delete_repo
from calf.pfs.sweeping import sweep
from calf.pps.attest.chain import Finding
from calf.pps.attest.verifying import verify
from calf.pps.pipelines.delete import delete as delete_pipeline
from calf.pps.rerunning import run_pipeline
from calf.pps.secrets import keeping
from calf.storage.sweeping import Policy
from tests.pps.attest.attesting import (
    commit_of,
    edit,
    findings,
    fsck,
    internal,
    kept,
    materials,
    statement,
    verdict,
)
from tests.pps.stages import ATTESTOR, Visit
from tests.pps.workshop import Open, Workshop


def test_a_statement_tells_of_the_job_and_of_all_that_it_read(chain: Workshop) -> None:
    job = chain.jobs("one")[0]
    said = statement(chain, "one")
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://slsa.dev/provenance/v1"
    with chain.pfs.read() as tx:
        root = commits.root(tx, commit_of(chain, "one"))
    assert root is not None
    (subject,) = said["subject"]
    assert subject == {"name": f"pfs:default/one@{job.job.id}", "digest": {"blake3": root.hex()}}
    build = said["predicate"]["buildDefinition"]
    assert build["buildType"] == "https://calf.dev/job/v1"
    external = build["externalParameters"]
    assert (external["pipeline"], external["version"]) == ("default/one", 1)
    assert external["spec"]["transform"]["cmd"] == ["pick"]
    assert {each["uri"].partition("@")[0] for each in materials(said)} == {
        "pfs:default/in",
        "pfs:default/params",
        "pfs:default/one.spec",
    }
    assert not any("annotations" in each for each in materials(said))
    details = said["predicate"]["runDetails"]
    assert details["builder"]["id"] == "https://calf.dev/engine"
    assert details["metadata"]["invocationId"] == job.job.id
    assert details["metadata"]["startedOn"] <= details["metadata"]["finishedOn"]


def test_a_statement_tells_what_bits_may_depend_on(chain: Workshop) -> None:
    told = internal(statement(chain, "one"))
    assert told["job"] == chain.jobs("one")[0].job.id
    assert told["isolation"] == "process/python"
    assert told["limits"] == {"processes": {"value": "7", "by": "nothing"}}
    assert told["environment"]["TZ"] == "UTC"
    assert told["image"] == {
        "name": "busybox:1",
        "digest": "digest of busybox:1",
        "kind": "stage",
        "files": {"/app/main.py": "00" * 32},
        "packages": ["tiny==1.0"],
        "python": "3.11",
        "source": {"commit": "", "dirty": None, "changed": []},
    }
    assert told["cpu"] == {"model": "a processor", "features": ["avx", "sse4_1"]}
    assert (told["kernel"], told["engine"]) == ("Linux", "0")


def test_statements_are_canonical_signed_and_linked_by_digest(chain: Workshop) -> None:
    below, above = kept(chain, "two"), kept(chain, "one")
    assert below is not None
    assert above is not None
    assert canonical(statement(chain, "two")) == below.envelope.payload
    assert ATTESTOR.public.accepts(below.envelope)
    assert not Signer(bytes([1] * 32)).public.accepts(below.envelope)
    linked = [each for each in materials(statement(chain, "two")) if "annotations" in each]
    assert [each["uri"] for each in linked] == [f"pfs:{commit_of(chain, 'one')}"]
    assert linked[0]["annotations"] == {"statement": sha256(above.envelope.payload).hexdigest()}


def test_a_healthy_chain_is_verified_to_the_last_byte(chain: Workshop) -> None:
    assert findings(chain, "two") == []
    assert fsck(chain) == []
    told = verdict(chain, "two")
    assert (told.statements, told.files, told.size) == (2, 1 + 2 + 2 + 1 + 0, 3 * 104 + 5 * 0 + 5 + 0)


def test_commits_of_users_are_verified_too(chain: Workshop) -> None:
    assert findings(chain, "in") == []
    assert verdict(chain, "in").statements == 0


def test_what_was_taken_over_is_told_with_the_statement_about_it(chain: Workshop) -> None:
    before = kept(chain, "one")
    base = commit_of(chain, "one")
    chain.wait("one", chain.put("in", {"/c": "new"}))
    told = internal(statement(chain, "one"))
    assert told["datums"] == {"total": 3, "processed": 1, "skipped": 2, "recovered": 0}
    assert before is not None
    assert told["base"]["uri"] == f"pfs:{base}"
    assert told["base"]["annotations"] == {"statement": before.sha256}


def test_a_job_that_failed_has_none_and_that_is_no_damage(open_workshop: Open) -> None:
    workshop = open_workshop()
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p", stage="fail"))
    assert kept(workshop, "p") is None
    (found,) = findings(workshop, "p")
    assert found.startswith("? pfs:default/p: it has no statement, since its job did not succeed: datum ")


def test_a_run_of_the_past_has_one(chain: Workshop) -> None:
    with chain.pfs.transaction() as txn:
        info = run_pipeline(txn, Pipeline("default", "one"), job_id=chain.jobs("one")[0].job.id)
    chain.wait("one", info.job.id)
    again, first = statement(chain, "one", info.job.id), statement(chain, "one")
    assert internal(again)["detached"] is True
    assert again["subject"][0]["digest"] == first["subject"][0]["digest"]
    assert materials(again) == materials(first)


def test_secrets_are_named_and_never_told(open_workshop: Open) -> None:
    workshop = open_workshop({"say": lambda visit: {"/n": str(len(visit.env["TOKEN"])).encode()}})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    with workshop.pfs.transaction() as txn:
        text = '{"kind": "Secret", "metadata": {"name": "hub"}, "stringData": {"key": "canary-1"}}'
        keeping.create(workshop.pps, txn, text)
    transform = {
        "secrets": [{"name": "hub", "key": "key", "env_var": "TOKEN"}],
        "env": {
            "API_KEY": "canary-2",
            "WHERE": "https://u:canary-3@example.com/?sig=canary-4&a=1",
            "B": "ok",
        },
    }
    info = workshop.wait("p", workshop.pipeline("p", stage="say", transform=transform))
    assert info.state.name == "SUCCESS", workshop.log("p", info.job.id)
    found = kept(workshop, "p")
    assert found is not None
    assert b"canary" not in found.envelope.payload
    told = internal(statement(workshop, "p"))["environment"]
    assert told["TOKEN"] == {"secret": "hub", "key": "key"}
    with workshop.pfs.read() as tx:
        made = keeping.inspect(tx, "hub").created
    assert internal(statement(workshop, "p"))["secrets"] == {"hub": rfc3339.format(made)}
    assert told["API_KEY"] == "(withheld)"
    assert told["WHERE"] == "https://(withheld)@example.com/?sig=(withheld)&a=1"
    assert told["B"] == "ok"
    spec = statement(workshop, "p")["predicate"]["buildDefinition"]["externalParameters"]["spec"]
    assert spec["transform"]["env"]["API_KEY"] == "(withheld)"


def test_the_records_of_another_pipeline_as_an_input_are_part_of_the_chain(open_workshop: Open) -> None:
    workshop = open_workshop({"count": count})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.pipeline("one")
    reads = {"pfs": {"repo": "one", "repo_type": "meta", "glob": "/"}}
    workshop.wait_set(workshop.pipeline("two", reads, "count"))
    assert findings(workshop, "two") == []
    assert verdict(workshop, "two").statements == 2
    (linked,) = [each for each in materials(statement(workshop, "two")) if "annotations" in each]
    assert linked["uri"].startswith("pfs:default/one.meta@")
    above = kept(workshop, "one")
    assert above is not None
    assert linked["annotations"]["statement"] == above.sha256


def count(visit: Visit) -> dict[str, bytes]:
    return {"/n": str(len(visit.files)).encode()}


def test_a_statement_goes_with_its_commit(chain: Workshop) -> None:
    chain.wait("two", chain.put("in", {"/c": "C"}))
    with chain.pfs.read() as tx:
        before = tx.value("SELECT count(*) FROM statements")
    with chain.pfs.transaction() as txn:
        commits.drop(txn, commit_of(chain, "one"), recursive=True)
    with chain.pfs.read() as tx:
        assert tx.value("SELECT count(*) FROM statements") == before - 2


def test_what_is_dropped_while_it_is_read_does_not_look_damaged(chain: Workshop) -> None:
    under_way = verify(chain.pps, CommitRef(Repo("default", "two"), "master"), CancelToken())
    found = [next(under_way)]
    with chain.pfs.transaction() as txn:
        for name in ("two", "one"):
            delete_pipeline(txn, Pipeline("default", name), force=True)
        delete_repo(txn, Repo("default", "in"))
    for _ in sweep(chain.pfs, CancelToken(), policy=Policy(sparse=0.0)):
        pass
    found += under_way
    assert not [each for each in found if isinstance(each, Finding)]


def test_what_a_child_says_of_a_dropped_parent_stays_true(chain: Workshop) -> None:
    parent = commit_of(chain, "params")
    with chain.pfs.transaction() as txn:
        delete_repo(txn, Repo("default", "params"), force=True)
    assert any(each["uri"] == f"pfs:{parent}" for each in materials(statement(chain, "one")))
    (found,) = findings(chain, "two")
    child = f"pfs:{commit_of(chain, 'one')}"
    assert found == f"? pfs:default/params: dropped: nobody can check any more that {child} was made from it"
    assert fsck(chain) == []


def test_a_forgotten_output_keeps_its_statement(chain: Workshop) -> None:
    first = commit_of(chain, "one").id
    chain.wait_set(chain.put("in", {"/c": "C"}))
    from calf.model.refs import CommitRef

    with chain.pfs.transaction() as txn:
        commits.forget(txn, CommitRef(Repo("default", "one"), first))
    assert fsck(chain) == []
    assert findings(chain, "one", first) == [
        "? pfs:default/one: its files were forgotten, so nobody can read them again"
    ]


def test_outputs_from_before_there_were_statements_are_exempt(chain: Workshop) -> None:
    """A folder of schema 2, made by taking the third step back, gets to the same place again."""
    with chain.pfs.db.write() as tx:
        for table in ("statements", "statements_since"):
            tx.execute(f"DROP TABLE {table}")
        for sql in MIGRATIONS[2]:
            tx.execute(sql)
    assert fsck(chain) == []
    assert [found.partition(":")[2] for found in findings(chain, "two")] == [
        "default/two: it has no statement: it is older than statements, or its job was deleted",
        "default/one: it has no statement: it is older than statements, or its job was deleted",
    ]
    chain.wait_set(chain.put("in", {"/c": "C"}))
    assert findings(chain, "two") == []
    edit(chain, "DELETE FROM statements WHERE commit_id = (SELECT max(commit_id) FROM statements)")
    (found,) = fsck(chain)
    assert found.endswith("does not hold: it is missing")
