"""Reading YAML and JSON strictly: what is refused, where it is said to be, and what the rest means."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.kit.errors import InvalidSpec
from calf.kit.strict_yaml import Document, load_all


def one(text: str) -> Document:
    (document,) = load_all(text, "a.yaml")
    return document


def test_several_documents_in_one_file_keep_their_own_positions() -> None:
    first, second = load_all("a: 1\n---\n# nothing here\n---\nb:\n  c: [x, y]\n", "f")
    assert (first.value, second.value) == ({"a": 1}, {"b": {"c": ["x", "y"]}})
    assert first.where("a") == "f:1:1"
    assert [second.where(path) for path in ("", "b", "b.c", "b.c[1]")] == [
        "f:5:1",
        "f:5:1",
        "f:6:3",
        "f:6:10",
    ]


def test_a_field_that_is_not_there_is_placed_in_what_is_around_it() -> None:
    document = one("input:\n  pfs:\n    repo: r\n")
    assert document.where("input.pfs.glob") == "a.yaml:2:3"
    assert document.where("transform.cmd[3]") == "a.yaml:1:1"


def test_fields_are_found_in_either_spelling() -> None:
    assert one("a: 1\ndatumTries: x\n").where("datum_tries") == "a.yaml:2:1"


def test_a_list_of_documents_can_be_taken_apart() -> None:
    first, second = one("[{a: 1},\n {b: [2]}]").elements()
    assert (first.value, second.value) == ({"a": 1}, {"b": [2]})
    assert (second.where(""), second.where("b[0]")) == ("a.yaml:2:2", "a.yaml:2:7")
    assert one("a: 1").elements() == [one("a: 1")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("0.5", 0.5),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("'012'", "012"),
        ('"1"', "1"),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
    ],
)
def test_words_mean_what_yaml_and_json_agree_on(text: str, value: object) -> None:
    assert one(f"k: {text}").value == {"k": value}


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\nb:\n  c: 2\n  c: 3\n", "4:3: b", 'duplicate key "c"'),
        ("a: &x 1\n", "1:4: a", "the anchor &x is not allowed"),
        ("a: *x\n", "1:4: a", "the alias *x is not allowed"),
        ("a: !!str 1\n", "1:4: a", "the tag tag:yaml.org,2002:str is not allowed"),
        ("a: !!python/object:os.system {}\n", "1:4: a", "is not allowed"),
        ("a: 010\n", "1:4: a", "has a leading zero"),
        ("a: 0x1F\n", "1:4: a", "is not decimal"),
        ("a: .inf\n", "1:4: a", "is not a finite number"),
        ("a:\n  <<: {b: 1}\n", "2:3: a", "merge keys are not allowed"),
        ("1: a\n", "1:1", "the key 1 must be in quotes"),
        ("? [a]\n: b\n", "1:3", "a key must be plain text"),
        ("a: [1, 2\nb: 3\n", "2:", ""),
        ("a: b: c\n", "1:", "mapping values are not allowed"),
        ("a: " + "[" * 70 + "]" * 70, "1:68: a", "more than 64 levels deep"),
        ("a: \x07\n", "", "not valid YAML"),
    ],
)
def test_what_yaml_would_bend_is_refused_with_file_line_column_and_field(
    text: str, place: str, problem: str
) -> None:
    with pytest.raises(InvalidSpec) as caught:
        load_all(text, "a.yaml")
    error = caught.value
    assert error.message.startswith(f"a.yaml:{place}")
    assert problem in f"{error.message} | {error.hint}"


def test_the_hint_of_a_duplicate_key_says_where_the_first_is() -> None:
    with pytest.raises(InvalidSpec) as caught:
        one("a: 1\nb: 2\na: 3\n")
    assert caught.value.hint == "it is in line 1 already"


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50))
    with pytest.raises(InvalidSpec, match="anchor &a is not allowed"):
        load_all(bomb, "bomb")


def test_oversized_documents_are_refused() -> None:
    with pytest.raises(InvalidSpec, match="longer than 1048576 characters"):
        load_all("a" * (1 << 20) + "b", "big")
    with pytest.raises(InvalidSpec, match="more than 10000 values"):
        load_all("[" + "1," * 10_001 + "]", "many")
    with pytest.raises(InvalidSpec, match="x:5001:5: more than 10000 values"):
        load_all("--- {a: 1, b: 2}\n" * 20_000, "x")


def test_json_with_tabs_and_escapes_is_read() -> None:
    text = '{\n\t"a": "\\ud83d\\ude00 \\u00e9 \\/ \\n",\n\t"b": [1, -2.5e3, true, null]\n}'
    assert one(text).value == json.loads(text)
    assert one(text).where("b[1]") == "a.yaml:3:11"


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXT, children, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, JSON, min_size=1, max_size=3), st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_whatever_json_can_say_is_read_as_json_means_it(
    value: dict[str, Any], ascii_only: bool, indent: int | str | None
) -> None:
    assert one(json.dumps(value, ensure_ascii=ascii_only, indent=indent)).value == value


@given(st.text("ab:-[]{},\"'|>&*!#%@?\\ \n\t0123~\x00é", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidSpec):
        for document in load_all(text, "a.yaml"):
            assert document.where().startswith("a.yaml:")
