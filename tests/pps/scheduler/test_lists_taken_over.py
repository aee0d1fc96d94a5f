"""A job's list follows from the one before it only where both are made by the same rule."""

from __future__ import annotations

from typing import Any

from tests.pps.stages import StageFailed, Visit, copy
from tests.pps.workshop import Open, counts


def leaf(glob: str) -> dict[str, Any]:
    return {"pfs": {"repo": "in", "glob": glob}}


def picky(visit: Visit) -> dict[str, bytes]:
    """Copy all but `/bad`."""
    if visit.env["in"] == "/pfs/in/bad":
        raise StageFailed("bad")
    return copy(visit)


def test_what_changed_is_run_what_went_is_gone_and_the_rest_is_skipped(open_workshop: Open) -> None:
    shop = open_workshop({"copy": copy})
    shop.repo("in")
    shop.pipeline("p", {"union": [leaf("/a*"), leaf("/b*")]})
    shop.wait("p", shop.put("in", {"/a1": "1", "/a2": "1", "/b1": "1", "/c": "1"}))
    second = shop.wait("p", shop.put("in", {"/a2": "2", "/b2": "1", "/c": "2"}, delete=["/b1"]))
    assert counts(second) == {"processed": 2, "skipped": 1}
    assert shop.files("p") == {"/a1": "1", "/a2": "2", "/b2": "1"}
    third = shop.wait("p", shop.put("in", {"/b1": "1", "/b2": "1"}))
    assert counts(third) == {"processed": 1, "skipped": 3}


def test_after_a_change_of_the_rule_of_identity_every_datum_is_told_anew(open_workshop: Open) -> None:
    before = open_workshop({"copy": copy})
    before.repo("in")
    before.put("in", {"/a": "1", "/b": "1"})
    before.wait("p", before.pipeline("p"))
    before.close()
    after = open_workshop({"copy": copy}, datum_identity="calf")
    assert counts(after.wait("p", after.put("in", {"/c": "1"}))) == {"processed": 3}
    assert counts(after.wait("p", after.put("in", {"/d": "1"}))) == {"processed": 1, "skipped": 3}


def test_a_failed_job_is_not_built_on_but_the_good_one_before_it(open_workshop: Open) -> None:
    shop = open_workshop({"copy": copy, "picky": picky})
    shop.repo("in")
    shop.pipeline("p", stage="picky")
    shop.wait("p", shop.put("in", {"/a": "1", "/b": "1"}))
    assert shop.wait("p", shop.put("in", {"/bad": "1", "/b": "2"})).state.name == "FAILURE"
    third = shop.wait("p", shop.put("in", {"/c": "1"}, delete=["/bad"]))
    assert counts(third) == {"processed": 2, "skipped": 1}
    assert shop.files("p") == {"/a": "1", "/b": "2", "/c": "1"}


def test_a_job_of_whose_inputs_nothing_changed_stores_nothing(open_workshop: Open) -> None:
    shop = open_workshop()
    shop.repo("in")
    shop.pipeline("p")
    shop.wait("p", shop.put("in", {"/a": "1", "/b": "1"}))
    stored = set(shop.pfs.store.objects())
    again = shop.wait("p", shop.put("in"))
    assert (again.state.name, counts(again)) == ("SUCCESS", {"skipped": 2})
    assert set(shop.pfs.store.objects()) == stored
    assert again.finished > again.started
    assert shop.files("p") == {"/a": "1", "/b": "1"}
