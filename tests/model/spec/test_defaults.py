"""The effective spec: what is filled in, and the order of an input's members."""

from __future__ import annotations

from typing import Any

from calf.model.refs import Branch, Repo
from calf.model.spec import Input, leaves, parse, with_defaults
from calf.model.spec.inputs import CronInput, PfsInput


def effective_input(node: dict[str, Any]) -> Input:
    spec = parse({"pipeline": {"project": {"name": "lab"}, "name": "p"}, "input": node})
    filled = with_defaults(spec, "image").input
    assert filled is not None
    return filled


def test_what_the_user_left_out_is_filled_in() -> None:
    spec = with_defaults(parse({"pipeline": {"name": "p"}, "transform": {"cmd": ["c"]}}), "ubuntu:20.04")
    assert spec.transform is not None
    assert spec.transform.image == "ubuntu:20.04"
    assert (spec.output_branch, spec.datum_tries, spec.reprocess_spec) == ("master", 3, "until_success")


def test_an_input_gets_project_type_branch_name_and_a_clean_glob() -> None:
    node = effective_input({"pfs": {"repo": "r", "glob": "*"}})
    assert node == PfsInput(name="r", repo="r", branch="master", glob="/*", repo_type="user", project="lab")
    assert node.source == Branch(Repo("lab", "r"), "master")


def test_a_cron_gets_a_repo_of_its_own() -> None:
    assert effective_input({"cron": {"name": "t", "spec": "@daily"}}) == CronInput(
        name="t", spec="@daily", repo="p_t", project="lab"
    )


def test_members_are_sorted_by_explicit_name_unnamed_first_in_order() -> None:
    node = effective_input(
        {
            "cross": [
                {"pfs": {"name": "z", "repo": "1", "glob": "/"}},
                {"pfs": {"repo": "y", "glob": "/"}},
                {
                    "union": [
                        {"pfs": {"name": "c", "repo": "2", "glob": "/"}},
                        {"pfs": {"name": "b", "repo": "3", "glob": "/"}},
                    ]
                },
                {"pfs": {"repo": "a", "glob": "/"}},
            ]
        }
    )
    assert [leaf.name for leaf in leaves(node)] == ["y", "a", "b", "c", "z"]
