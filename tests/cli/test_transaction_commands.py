"""Transactions as a user types them; the active one stands in the context (E1)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from calf.wire.limits import NO_FILES
from tests.cli.conftest import Pachctl


def context() -> dict[str, str]:
    document = json.loads(Path(os.environ["PACH_CONFIG"]).read_text())["v2"]
    found: dict[str, str] = document["contexts"][document["active_context"]]
    return found


def start(pachctl: Pachctl) -> str:
    words = pachctl("start", "transaction").out.split('"')
    assert words[0] == "started new transaction: "
    return words[1]


def test_it_starts_gathers_and_finishes(pachctl: Pachctl) -> None:
    id_ = start(pachctl)
    assert context()["active_transaction"] == id_
    pachctl("create", "repo", "a")
    assert pachctl("start", "commit", "a@master").out.strip() == id_
    assert pachctl("list", "repo").rows == []
    assert [[row[0], row[2]] for row in pachctl("list", "transaction").rows] == [[id_, "2"]]
    shown = pachctl("inspect", "transaction").out
    assert [line.strip() for line in shown.splitlines()[2:]] == [
        "Requests:",
        "create repo a",
        "start commit a@master",
    ]
    assert pachctl("finish", "transaction").out == f"Completed transaction with 2 requests: {id_}\n"
    assert "active_transaction" not in context()
    assert [row[1] for row in pachctl("list", "repo").rows] == ["a"]


def test_a_second_one_needs_the_first_to_be_left(pachctl: Pachctl) -> None:
    first = start(pachctl)
    assert f'cannot start a new transaction, since transaction with ID "{first}"' in (
        pachctl("start", "transaction", code=5).err
    )
    pachctl("create", "repo", "a")
    assert pachctl("stop", "transaction").out == f"Cleared active transaction: {first}\n"
    second = start(pachctl)
    pachctl("delete", "transaction")
    assert "active_transaction" not in context()
    assert pachctl("resume", "transaction", first).out == (
        f"Resuming existing transaction with 1 requests: {first}\n"
    )
    assert "not found" in pachctl("finish", "transaction", second, code=4).err
    assert context()["active_transaction"] == first
    pachctl("delete", "transaction", first)
    assert "active_transaction" not in context()
    assert pachctl("list", "repo").rows == []


@pytest.mark.parametrize("verb", ["finish", "stop", "delete", "inspect"])
def test_without_one_there_is_nothing_to_do(pachctl: Pachctl, verb: str) -> None:
    assert "no active transaction" in pachctl(verb, "transaction", code=2).err


def test_files_are_refused_within_one(pachctl: Pachctl, tmp_path: Path) -> None:
    pachctl("create", "repo", "a")
    (tmp_path / "f").write_text("x")
    start(pachctl)
    for words in (
        ("put", "file", "a@master", "-f", str(tmp_path / "f")),
        ("delete", "file", "a@master:/f"),
        ("copy", "file", "a@master:/f", "a@master:/g"),
    ):
        assert NO_FILES in pachctl(*words, code=5).err
    pachctl("stop", "transaction")
    pachctl("put", "file", "a@master", "-f", str(tmp_path / "f"))


def test_one_that_is_gone_is_left_behind_by_stopping(pachctl: Pachctl) -> None:
    id_ = start(pachctl)
    with_other = json.loads(Path(os.environ["PACH_CONFIG"]).read_text())
    pachctl("delete", "transaction")
    Path(os.environ["PACH_CONFIG"]).write_text(json.dumps(with_other))
    ended = pachctl("create", "repo", "a", code=4)
    assert f"transaction {id_} not found" in ended.err
    assert "pachctl stop transaction" in ended.err
    pachctl("stop", "transaction")
    pachctl("create", "repo", "a")


def test_what_else_the_context_holds_stays(pachctl: Pachctl) -> None:
    pachctl("connect", os.environ["PACHD_ADDRESS"], "--alias", "here")
    before = context()
    start(pachctl)
    assert {key: value for key, value in context().items() if key != "active_transaction"} == before
    pachctl("stop", "transaction")
    assert context() == before


def test_files_wait_for_its_end_even_in_a_repo_that_it_makes(pachctl: Pachctl, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    start(pachctl)
    pachctl("create", "repo", "fresh")
    for repo in ("fresh", "nowhere"):
        assert NO_FILES in pachctl("put", "file", f"{repo}@master", "-f", str(tmp_path / "a"), code=5).err


def test_it_is_said_what_is_gathered_and_what_is_not(pachctl: Pachctl) -> None:
    pachctl("create", "repo", "a")
    id_ = start(pachctl)
    pachctl("update", "repo", "a", "-d", "words")
    assert pachctl("delete", "repo", "a", "-f").out == f"gathered in transaction {id_}\n"
    now = pachctl("create", "project", "other")
    assert now.err == f"note: `create project` is not part of transaction {id_}: it runs now\n"
    assert "other" in pachctl("list", "project").out
    shown = pachctl("inspect", "transaction")
    assert [line.strip() for line in shown.out.splitlines()[3:]] == ["update repo a", "delete repo a"]
    assert shown.err == ""
