from __future__ import annotations

from typing import Any

import click
import pytest

from calf.cli import refs

ID = "a" * 12 + "4" + "b" * 19


def test_repos_may_name_a_type() -> None:
    assert (refs.repo("edges.meta", "p").name, refs.repo("edges.meta", "p").type) == ("edges", "meta")
    assert (refs.repo("edges", "p").type, refs.repo("edges", "p").project.name) == ("user", "p")


@pytest.mark.parametrize("text", [f"r@{ID}", f"r@{ID}^2", f"r@{ID}.1"])
def test_an_id_is_an_id_even_with_ancestry(text: str) -> None:
    commit = refs.commit(text, "p")
    assert (commit.id, commit.branch.name, commit.repo.name) == (text.partition("@")[2], "", "r")


@pytest.mark.parametrize("text", ["r@master", "r@master^2", "r@master~", "r@master.1"])
def test_anything_else_is_a_branch(text: str) -> None:
    commit = refs.commit(text, "p")
    assert (commit.id, commit.branch.name, commit.branch.repo.name) == ("", text.partition("@")[2], "r")


def test_branch_and_commit_may_be_given_together() -> None:
    commit = refs.commit(f"r@master={ID}", "p")
    assert (commit.branch.name, commit.id) == ("master", ID)


def test_files_have_a_path_that_may_have_a_default() -> None:
    assert refs.file("r@master:/a:b", "p").path == "/a:b"
    assert refs.file("r@master", "p", path="/").path == "/"
    assert refs.job("edges@1", "p").pipeline.project.name == "p"


@pytest.mark.parametrize(
    ("parse", "text", "says"),
    [
        (refs.repo, "p/r", "--project p r"),
        (refs.repo, "r@b", "not the name of a repo"),
        (refs.repo, "", "not the name of a repo"),
        (refs.branch, "r", "REPO@BRANCH"),
        (refs.branch, "r@b:/x", "REPO@BRANCH"),
        (refs.commit, "r", "REPO@BRANCH-OR-COMMIT"),
        (refs.file, "r@b", "REPO@BRANCH-OR-COMMIT:/PATH"),
        (refs.pipeline, "p@1", "not the name of a pipeline"),
        (refs.job, "p", "PIPELINE@JOB"),
    ],
)
def test_malformed_references_say_what_to_write(parse: object, text: str, says: str) -> None:
    assert callable(parse)
    with pytest.raises(click.UsageError) as caught:
        parse(text, "default")
    assert says in caught.value.message


def test_what_is_no_id_is_told_before_anything_is_asked(offline: Any) -> None:
    for command in (["wait", "job"], ["stop", "job"], ["wait", "commit"]):
        ended = offline(*command, "edges")
        assert (ended.code, "'edges' is not an ID; write ID or " in ended.err) == (2, True)
