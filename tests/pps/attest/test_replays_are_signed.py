"""What the engine signs of a replay is what it compared itself, and only of a run of the very same job."""

from __future__ import annotations

import json
from contextlib import nullcontext
from itertools import count

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, InvalidArgument, NotFound, WrongState
from calf.model.refs import CommitRef, Pipeline, Repo
from calf.model.statement.facts import ImageFacts
from calf.model.statement.replays import Replay, read_replay
from calf.pps.attest.replayed import sign_replay
from calf.pps.rerunning import run_pipeline
from tests.pps.attest.attesting import commit_of, edit, kept
from tests.pps.stages import Visit
from tests.pps.workshop import Open, Workshop


def again(workshop: Workshop, name: str, *, job: str = "", reads: CommitRef | None = None) -> str:
    with workshop.pfs.transaction() as txn:
        given = [reads] if reads else []
        info = run_pipeline(txn, Pipeline("default", name), given, job_id=job)
    assert workshop.wait(name, info.job.id).state.name == "SUCCESS"
    return info.job.id


def signed(workshop: Workshop, name: str, new: str, old: str = "master") -> Replay:
    repo = Repo("default", name)
    envelope = sign_replay(workshop.pps, CommitRef(repo, old), CommitRef(repo, new), CancelToken())
    assert workshop.pps.attestor.public.accepts(envelope)
    return read_replay(envelope.payload)


def test_a_run_that_makes_the_same_is_said_to(chain: Workshop) -> None:
    new = again(chain, "one", job=chain.jobs("one")[0].job.id)
    found = signed(chain, "one", new)
    first, second = kept(chain, "one"), kept(chain, "one", new)
    assert first is not None
    assert second is not None
    assert (found.result, found.of.statement, found.again) == ("reproduced", first.sha256, second.sha256)
    assert found.of.uri == f"pfs:{commit_of(chain, 'one')}"


@pytest.mark.parametrize(
    ("allowed", "result"), [("/t*", "within tolerance"), ("/other", "differs"), ("", "differs")]
)
def test_one_that_does_not_is_said_not_to(open_workshop: Open, allowed: str, result: str) -> None:
    ticks = count()
    workshop = open_workshop({"tick": lambda visit: {"/t": b"%d" % next(ticks), "/same": b"1"}})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    annotations = {"calf.dev/tolerance": json.dumps({allowed: "tells the time"})} if allowed else {}
    job = workshop.pipeline("p", stage="tick", metadata={"annotations": annotations})
    workshop.wait("p", job)
    assert signed(workshop, "p", again(workshop, "p", job=job)).result == result


def test_a_file_that_is_not_there_is_not_within_tolerance(open_workshop: Open) -> None:
    runs = count()

    def stage(visit: Visit) -> dict[str, bytes]:
        return {"/a": b"1", "/b": b"2"} if not next(runs) else {"/a": b"1"}

    workshop = open_workshop({"less": stage})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    job = workshop.pipeline(
        "p", stage="less", metadata={"annotations": {"calf.dev/tolerance": '{"/**": "anything"}'}}
    )
    workshop.wait("p", job)
    assert signed(workshop, "p", again(workshop, "p", job=job)).result == "differs"


@pytest.mark.parametrize(
    ("then", "signs"),
    [
        (ImageFacts({"/main": "00"}, manifest="sha256:1", sources="sha256:2"), True),
        (ImageFacts({"/main": "00"}, ("tiny==1.0",), "3.11"), True),
        (ImageFacts({"/main": "11"}), False),
    ],
)
def test_what_is_known_of_an_image_by_the_way_may_be_another(
    chain: Workshop, monkeypatch: pytest.MonkeyPatch, then: ImageFacts, signs: bool
) -> None:
    """An image that was pushed since has a digest in a registry, and the same files."""
    monkeypatch.setattr(chain.images, "describe", lambda _image: ImageFacts({"/main": "00"}))
    chain.wait("one", chain.pipeline("one", "in:/* params:/", "pick", update=True, reprocess=True))
    old = chain.jobs("one")[0].job.id
    monkeypatch.setattr(chain.images, "describe", lambda _image: then)
    new = again(chain, "one", job=old)
    with nullcontext() if signs else pytest.raises(WrongState, match="it ran in another image"):
        assert signed(chain, "one", new, old).result == "reproduced"


def test_what_is_no_replay_is_refused(chain: Workshop) -> None:
    first = chain.jobs("one")[0].job.id
    old = commit_of(chain, "in")
    chain.wait("one", chain.put("in", {"/c": "C"}))
    newer = chain.jobs("one")[0].job.id
    other = again(chain, "one", reads=CommitRef(old.repo, old.id))
    chain.wait(
        "one", chain.pipeline("one", "in:/* params:/", "pick", update=True, transform={"env": {"A": "1"}})
    )
    updated = again(chain, "one", reads=CommitRef(old.repo, old.id))
    refused: list[tuple[str, str, type[CalfError], str]] = [
        (first, first, WrongState, "it is not a run of its own"),
        (first, newer, WrongState, "it is not a run of its own"),
        (newer, other, WrongState, "it read other inputs"),
        (first, updated, WrongState, "it ran another version of the pipeline"),
        (first, "0" * 12 + "4000" + "8" + "0" * 15, NotFound, "not found"),
    ]
    for recorded, run, kind, said in refused:
        with pytest.raises(kind, match=said):
            signed(chain, "one", run, recorded)
    assert signed(chain, "one", other, first).result == "reproduced"
    edit(chain, "UPDATE statements SET signature = x'00'")
    with pytest.raises(InvalidArgument, match="its signature is not good"):
        signed(chain, "one", other, first)
