"""pachctl edit metadata."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def data(pachctl: Any, answer: Any) -> Any:
    pachctl("create", "repo", "data")
    for text in ("1", "2"):
        answer(text)
        pachctl("put", "file", "data@master:/a")
    return pachctl


def shown(pachctl: Any, *what: str) -> dict[str, str]:
    return dict(json.loads(pachctl("inspect", *what, "--raw").out).get("metadata", {}))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("project", "default"),
        ("repo", "data"),
        ("branch", "data@master"),
        ("commit", "data@master"),
        ("commit", "data@master^"),
        ("commit", "data@master.1"),
    ],
)
def test_pairs_are_added_edited_deleted_and_set(data: Any, kind: str, name: str) -> None:
    data("edit", "metadata", kind, name, "add", "a=1=2", kind, name, "edit", "b=x y")
    assert shown(data, kind, name) == {"a": "1=2", "b": "x y"}
    data("edit", "metadata", kind, name, "delete", "a")
    assert shown(data, kind, name) == {"b": "x y"}
    data("edit", "metadata", kind, name, "set", '{"c": "3", "d": "4;5"}')
    assert shown(data, kind, name) == {"c": "3", "d": "4;5"}
    data("edit", "metadata", kind, name, "set", "e=6;f=7")
    assert shown(data, kind, name) == {"e": "6", "f": "7"}
    data("edit", "metadata", kind, name, "set", "")
    assert shown(data, kind, name) == {}


def test_a_commit_is_named_by_its_id_too(data: Any) -> None:
    commit = json.loads(data("inspect", "branch", "data@master", "--raw").out)["head"]["id"]
    data("edit", "metadata", "commit", f"data@{commit}", "add", "a=1", "cluster", ".", "add", "b=2")
    assert shown(data, "commit", "data@master") == {"a": "1"}
    assert shown(data, "cluster") == {"b": "2"}


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("repo", "data", "add"), 2, "an edit has four parts"),
        (("thing", "data", "add", "a=1"), 2, "'thing' has no metadata; a TYPE is one of project, repo"),
        (("repo", "data", "drop", "a"), 2, "'drop' is no operation; an OP is one of add, edit, delete, set"),
        (("repo", "data", "add", "a"), 2, "'a' is no KEY=VALUE"),
        (("repo", "data", "set", '{"a": 1}'), 2, "values that are no texts"),
        (("repo", "data", "set", '{"a"'), 2, "is no JSON"),
        (("repo", "nope", "add", "a=1"), 4, "repo default/nope not found"),
        (("repo", "data", "add", "a=1", "repo", "data", "add", "a=2"), 5, 'key "a" already exists'),
    ],
)
def test_what_cannot_be_edited_changes_nothing(
    data: Any, words: tuple[str, ...], code: int, text: str
) -> None:
    assert text in data("edit", "metadata", *words, code=code).err
    assert shown(data, "repo", "data") == {}
