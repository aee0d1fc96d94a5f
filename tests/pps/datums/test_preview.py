"""Listing the datums of an input before there is a pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.errors import InvalidArgument, InvalidSpec, NotFound
from calf.model.identity import datum_id
from calf.model.spec import parse_input
from calf.model.states import DatumState
from calf.pps.datums import preview, upcoming
from tests.pfs.world import World


def pfs(repo: str, glob: str = "/*", **more: Any) -> dict[str, Any]:
    return {"pfs": {"repo": repo, "glob": glob, **more}}


@pytest.fixture
def repos(world: World) -> World:
    world.repo("a", "b")
    for repo in ("a", "b"):
        world.commit(f"{repo}@master", *(f"/{number}" for number in range(5)))
    return world


def test_a_cross_of_five_by_five_has_25_datums_sorted_by_id(repos: World) -> None:
    found = preview(repos.pfs, parse_input({"cross": [pfs("a"), pfs("b")]}))
    assert len(found) == 25
    ids = [info.datum.id for info in found]
    assert ids == sorted(ids) == [datum_id(info.inputs) for info in found]
    assert {info.state for info in found} == {DatumState.UNKNOWN}
    assert {info.datum.job.id for info in found} == {""}


def test_an_input_of_endless_datums_is_refused(repos: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calf.pps.datums.combining.MOST", 24)
    with pytest.raises(InvalidArgument, match="more than 24 datums"):
        preview(repos.pfs, parse_input({"cross": [pfs("a"), pfs("b")]}))
    within = {"cross": [pfs("a"), pfs("a", name="again")]}
    with pytest.raises(InvalidArgument, match="more than 24 datums"):
        next(upcoming(repos.pfs, parse_input({"cross": [pfs("b"), within]})))


def test_the_same_datum_twice_is_listed_once(repos: World) -> None:
    assert len(preview(repos.pfs, parse_input({"union": [pfs("a"), pfs("a")]}))) == 5


@pytest.mark.parametrize(
    ("document", "error", "text"),
    [
        (pfs("a", ""), InvalidSpec, "input must specify a glob"),
        (pfs("a", "/("), InvalidSpec, "malformed glob"),
        (pfs("none"), NotFound, 'branch "master" not found in repo default/none'),
        ({"cron": {"name": "t", "spec": "@daily"}}, InvalidSpec, "can't list datums with a cron input"),
    ],
)
def test_bad_inputs_are_clear_errors(
    repos: World, document: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as caught:
        preview(repos.pfs, parse_input(document))
    assert text in str(caught.value)


def test_the_order_of_enumeration_is_kept_when_asked_one_by_one(repos: World) -> None:
    found = upcoming(repos.pfs, parse_input({"union": [pfs("b"), pfs("a"), pfs("b")]}))
    listed = [f"{part.repo.name}{part.path}" for info in found for part in info.inputs]
    assert listed == [f"{repo}/{number}" for repo in "ba" for number in range(5)]


def test_an_input_may_name_a_commit(repos: World) -> None:
    old = repos.head("a@master")
    repos.commit("a@master", "/5")
    assert len(preview(repos.pfs, parse_input(pfs("a", commit=old.id)))) == 5
    assert len(preview(repos.pfs, parse_input(pfs("a", commit="master")))) == 6


def test_an_input_with_a_trigger_shows_what_it_waits_for(repos: World) -> None:
    assert len(preview(repos.pfs, parse_input(pfs("a", trigger={"commits": 3})))) == 5


def test_all_of_an_s3_input_is_one_datum(repos: World) -> None:
    (info,) = preview(repos.pfs, parse_input(pfs("a", "/", s3=True)))
    assert [part.path for part in info.inputs] == ["/"]
