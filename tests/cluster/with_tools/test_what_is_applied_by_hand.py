"""The root chart takes a whole commit and nothing that can move."""

from __future__ import annotations

import pytest
import yaml
from checks.rendering import GIVEN
from checks.tools import ToolFailedError, helm

from tests.cluster.conftest import ROOT

GOOD = {**GIVEN, "environment": "prod"}


def root(**given: str) -> str:
    settings = [f"--set-string={key}={value}" for key, value in {**GOOD, **given}.items()]
    return helm("template", "calf", "cluster-conf/root", *settings, cwd=ROOT)


def test_the_commit_that_was_given_is_the_one_that_runs() -> None:
    (application,) = [thing for thing in yaml.safe_load_all(root()) if thing["kind"] == "Application"]
    source = application["spec"]["source"]
    assert source["targetRevision"] == GIVEN["revision"]
    assert {entry["name"]: entry["value"] for entry in source["helm"]["parameters"]} == {
        **GOOD,
        "gpu": "false",
    }


def test_a_root_whose_part_was_too_slow_is_tried_again() -> None:
    """Argo CD does not by itself sync a commit again that failed: the waves after it would never come."""
    (application,) = [thing for thing in yaml.safe_load_all(root()) if thing["kind"] == "Application"]
    assert application["spec"]["syncPolicy"]["retry"]["limit"] > 0


def test_in_prod_a_part_that_disappears_is_left_standing() -> None:
    for environment, prune in (("dev", True), ("prod", False)):
        (application,) = [
            thing
            for thing in yaml.safe_load_all(root(environment=environment))
            if thing["kind"] == "Application"
        ]
        assert application["spec"]["syncPolicy"]["automated"]["prune"] is prune


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"revision": "HEAD"}, "give the whole id of a commit"),
        ({"revision": "v0.1.0"}, "give the whole id of a commit"),
        ({"revision": GIVEN["revision"][:12]}, "give the whole id of a commit"),
        ({"environment": "test"}, "environment: dev or prod"),
        ({"registry": ""}, "give both"),
        ({"repoURL": ""}, "give both"),
        ({"registry": "https://registry.example.org"}, "no https://"),
        ({"registry": "registry.example.org/"}, "neither host nor host/path"),
        ({"gpu": "yes"}, "at '/gpu': got string, want boolean"),
        ({"regsitry": "registry.example.org"}, "'regsitry' not allowed"),
    ],
)
def test_anything_else_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ToolFailedError, match=said):
        root(**given)
