"""Identity of datums: golden vectors, and what it must and must not depend on."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.model.identity import Recipe, datum_hash, datum_id
from calf.model.pps_infos import DatumInput
from calf.model.refs import Commit, Repo

REPO = Repo("default", "images")
INPUT = DatumInput(
    name="in", repo=REPO, branch="master", commit=Commit(REPO, "0" * 32), path="/cat.jpg", hash=b"\x01" * 32
)
OTHER = replace(INPUT, name="params", path="/", hash=b"\x02" * 32)
RECIPE = Recipe(image="d1", cmd=("python", "main.py"), env={"A": "1", "B": "2"})


def eight(number: int) -> bytes:
    return number.to_bytes(8, "big")


def test_the_id_is_pachyderms_to_the_byte() -> None:
    image = b"in" + eight(2) + b"images" + eight(6) + b"master" + eight(6) + b"/cat.jpg" + eight(8)
    params = b"params" + eight(6) + b"images" + eight(6) + b"master" + eight(6) + b"/" + eight(1)
    assert datum_id([INPUT, OTHER]) == blake2b(image + params, digest_size=32).hexdigest()
    assert datum_id([INPUT]) == "797d8ad9ba641559b244607d9065016d942a23483b4c10a7c5d30759348c6ed6"


def test_the_id_stays_when_contents_commits_projects_and_pipelines_change() -> None:
    moved = replace(
        INPUT, hash=b"\x09" * 32, commit=Commit(REPO, "1" * 32), size=7, join_on="k", group_by="g"
    )
    elsewhere = replace(INPUT, repo=Repo("other", "images"))
    assert datum_id([moved]) == datum_id([elsewhere]) == datum_id([INPUT])


def test_the_id_depends_on_the_order_of_inputs() -> None:
    assert datum_id([INPUT, OTHER]) != datum_id([OTHER, INPUT])


def test_pachyderms_hash_covers_id_contents_and_salt_and_nothing_else() -> None:
    plain = blake2b(b"some-id" + b"\x01" * 32 + b"\x02" * 32 + b"salt", digest_size=32).hexdigest()
    assert datum_hash("some-id", [INPUT, OTHER], "salt", None) == plain


def test_our_hash_is_frozen() -> None:
    def listed(*values: bytes) -> bytes:
        return eight(len(values)) + b"".join(eight(len(value)) + value for value in values)

    record = (
        listed(b"calf datum 1")
        + listed(b"some-id", b"salt")
        + listed(b"files", b"\x01" * 32, b"", b"")
        + listed(b"d1", b"", b"")
        + listed(b"python", b"main.py")
        + listed()
        + listed()
        + listed()
        + listed(b"A", b"1", b"B", b"2")
        + listed()
        + listed(b"single")
    )
    expected = blake2b(record, digest_size=32).hexdigest()
    assert datum_hash("some-id", [INPUT], "salt", RECIPE) == expected
    assert expected == "6c6d0f86bdcb6442359eb6bf7638e0487915f10d2c39dbdcdfede15606276374"


@pytest.mark.parametrize(
    "recipe",
    [
        replace(RECIPE, image="d2"),
        replace(RECIPE, cmd=("python", "main.py", "")),
        replace(RECIPE, cmd=("pythonmain.py",)),
        replace(RECIPE, stdin=("x",)),
        replace(RECIPE, err_cmd=("x",)),
        replace(RECIPE, err_stdin=("x",)),
        replace(RECIPE, env={"A": "1"}),
        replace(RECIPE, env={"A": "1B", "": "2"}),
        replace(RECIPE, accept_return_code=(1,)),
        replace(RECIPE, user="nobody"),
        replace(RECIPE, working_dir="/app"),
        replace(RECIPE, datum_batching=True),
        None,
    ],
)
def test_a_change_of_the_code_changes_our_hash(recipe: Recipe | None) -> None:
    assert datum_hash("id", [INPUT], "", recipe) != datum_hash("id", [INPUT], "", RECIPE)


@pytest.mark.parametrize(
    "changed",
    [
        replace(INPUT, hash=b"\x03" * 32),
        replace(INPUT, empty_files=True),
        replace(INPUT, lazy=True),
        replace(INPUT, join_on="k"),
        replace(INPUT, group_by="k"),
    ],
)
def test_a_change_of_what_the_stage_sees_changes_our_hash(changed: DatumInput) -> None:
    assert datum_hash("id", [changed], "", RECIPE) != datum_hash("id", [INPUT], "", RECIPE)


@pytest.mark.parametrize("recipe", [None, RECIPE])
def test_the_content_of_a_reference_input_does_not_count(recipe: Recipe | None) -> None:
    old, new = (replace(OTHER, reference=True, hash=content) for content in (b"\x04" * 32, b"\x05" * 32))
    assert datum_hash("id", [INPUT, old], "", recipe) == datum_hash("id", [INPUT, new], "", recipe)


@pytest.mark.parametrize("recipe", [None, RECIPE])
def test_a_new_salt_changes_the_hash(recipe: Recipe | None) -> None:
    assert datum_hash("id", [INPUT], "a", recipe) != datum_hash("id", [INPUT], "b", recipe)


@given(
    st.lists(st.text(max_size=3), max_size=3),
    st.lists(st.text(max_size=3), max_size=3),
    st.lists(st.text(max_size=3), max_size=3),
    st.lists(st.text(max_size=3), max_size=3),
)
def test_no_two_recipes_share_an_encoding(
    cmd: list[str], stdin: list[str], other_cmd: list[str], other_stdin: list[str]
) -> None:
    one = datum_hash("id", [], "", Recipe("i", cmd, stdin))
    two = datum_hash("id", [], "", Recipe("i", other_cmd, other_stdin))
    assert (one == two) == ((cmd, stdin) == (other_cmd, other_stdin))
