"""Documents into specs and back: strict, in either spelling, with the path of what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from calf.model.refs import Pipeline
from calf.model.spec import (
    CronInput,
    Cross,
    FieldError,
    PfsInput,
    parse,
    parse_input,
    parse_request,
    to_document,
    to_json,
)
from calf.model.states import PipelineType

EVERYTHING: dict[str, Any] = {
    "pipeline": {"project": {"name": "lab"}, "name": "all"},
    "description": "every field",
    "transform": {
        "image": "stage:1",
        "cmd": ["python", "main.py"],
        "err_cmd": ["true"],
        "env": {"A": "1"},
        "secrets": [{"name": "s", "mount_path": "/s"}, {"name": "t", "env_var": "T", "key": "k"}],
        "image_pull_secrets": ["p"],
        "stdin": ["a", "b"],
        "err_stdin": ["c"],
        "accept_return_code": [1, 2],
        "debug": True,
        "user": "nobody",
        "working_dir": "/app",
        "dockerfile": "Dockerfile",
        "memory_volume": True,
        "datum_batching": True,
    },
    "input": {
        "cross": [
            {"pfs": {"repo": "a", "glob": "/*", "trigger": {"branch": "b", "size": "1K", "commits": 3}}},
            {
                "join": [
                    {"pfs": {"name": "x", "repo": "b", "glob": "/(*)", "join_on": "$1", "outer_join": True}}
                ]
            },
            {"group": [{"pfs": {"project": "p", "repo": "c", "repo_type": "meta", "group_by": "k"}}]},
            {"union": [{"cron": {"name": "t", "spec": "@daily", "overwrite": True}}]},
            {"pfs": {"repo": "d", "propagation_spec": {"never": True}, "reference": True, "s3": True}},
        ]
    },
    "parallelism_spec": {"constant": 4},
    "datum_set_spec": {"number": 1, "size_bytes": 2, "per_worker": 3},
    "datum_tries": 5,
    "datum_timeout": "20s",
    "job_timeout": "1.5s",
    "output_branch": "staging",
    "egress": {
        "URL": "s3://b",
        "sql_database": {"url": "u", "file_format": {"type": "CSV", "columns": ["c"]}},
    },
    "s3_out": True,
    "reprocess_spec": "every_job",
    "salt": "salt",
    "autoscaling": True,
    "service": {"internal_port": 80, "external_port": 8080, "type": "NodePort"},
    "spout": {"service": {"internal_port": 1}},
    "resource_requests": {"cpu": 0.5, "memory": "1Gi", "gpu": {"type": "g", "number": 1}, "disk": "2Gi"},
    "resource_limits": {"memory": "1Gi"},
    "sidecar_resource_requests": {"cpu": 1.0},
    "sidecar_resource_limits": {"cpu": 2.0},
    "scheduling_spec": {"node_selector": {"n": "v"}, "priority_class_name": "p"},
    "tolerations": [{"key": "k", "operator": "EXISTS", "effect": "NO_EXECUTE", "toleration_seconds": 0}],
    "pod_spec": "{}",
    "pod_patch": "[]",
    "metadata": {"annotations": {"calf.dev/datum-identity": "pachyderm"}, "labels": {"l": "v"}},
    "determined": {"workspaces": ["w"]},
    "maximum_expected_uptime": "30s",
}


def camel(document: Any) -> Any:
    """The document with camelCase keys, except below maps of the user's own."""
    if isinstance(document, list):
        return [camel(item) for item in document]
    if not isinstance(document, dict):
        return document
    written = {}
    for key, value in document.items():
        first, *rest = key.split("_")
        own = key in ("env", "annotations", "labels", "node_selector")
        written[first + "".join(map(str.title, rest))] = value if own else camel(value)
    return written


def small(**fields: Any) -> dict[str, Any]:
    return {"pipeline": {"name": "p"}, **fields}


def test_every_field_is_kept_and_written_back() -> None:
    assert to_document(parse(EVERYTHING)) == EVERYTHING


def test_camel_case_says_the_same() -> None:
    assert parse(camel(EVERYTHING)) == parse(EVERYTHING)


def test_the_stored_json_is_canonical() -> None:
    shuffled = dict(reversed(EVERYTHING.items()))
    assert to_json(parse(shuffled)) == to_json(parse(EVERYTHING))
    assert parse(json.loads(to_json(parse(EVERYTHING)))) == parse(EVERYTHING)


def test_numbers_may_be_quoted_and_null_is_absent() -> None:
    spec = parse(small(datum_tries="4", parallelism_spec={"constant": "2"}, egress=None, salt=None))
    assert (spec.datum_tries, spec.parallelism, spec.egress) == (4, 2, None)
    assert parse(small(resource_limits={"cpu": "1.5"})).resource_limits is not None


def test_an_empty_part_is_not_an_absent_one() -> None:
    assert parse(small(spout={})).type is PipelineType.SPOUT
    assert to_document(parse(small(spout={})))["spout"] == {}
    assert parse(small()).type is PipelineType.TRANSFORM


def test_the_project_is_the_callers_unless_the_document_names_one() -> None:
    assert parse(small(), project="mine").pipeline == Pipeline("mine", "p")
    assert parse(small()).pipeline == Pipeline("default", "p")
    assert parse({"pipeline": {"project": {"name": "x"}, "name": "p"}}, "mine").pipeline.project == "x"


def test_the_flags_of_a_request_are_no_part_of_the_spec() -> None:
    request = parse_request(small(update=True, reprocess=True, dryRun=True, spec_commit={"id": "x"}))
    assert (request.update, request.reprocess, request.dry_run) == (True, True, True)
    assert request.spec == parse(small())


def test_inputs_nest_and_empty_lists_count_as_none() -> None:
    node = parse_input({"cross": [{"pfs": {"repo": "a"}}, {"cron": {"name": "t"}}], "join": []})
    assert node == Cross((PfsInput(repo="a"), CronInput(name="t")))


@pytest.mark.parametrize(
    ("fields", "path", "message", "hint"),
    [
        ({"transfrom": {}}, "transfrom", 'unknown field "transfrom"', 'did you mean "transform"?'),
        ({"datumTrys": 1}, "datumTrys", 'unknown field "datumTrys"', 'did you mean "datum'),
        (
            {"transform": {"cdm": []}},
            "transform.cdm",
            'transform: unknown field "cdm"',
            'did you mean "cmd"?',
        ),
        ({"input": {"pfs": {"glb": ""}}}, "input.pfs.glb", "input.pfs: unknown", 'did you mean "glob"?'),
        ({"xyzzy": 1}, "xyzzy", "unknown field", "known here: autoscaling"),
        ({"standby": True}, "standby", "of Pachyderm 1.x", "use autoscaling"),
        ({"enableStats": True}, "enableStats", "of Pachyderm 1.x", "always kept"),
        ({"input": {"cross": [{"atom": {}}]}}, "input.cross[0].atom", "of Pachyderm 1.x", "use input.pfs"),
        ({"parallelism_spec": {"coefficient": 1}}, "parallelism_spec.coefficient", "1.x", "constant"),
        ({"tf_job": {}}, "tf_job", "embedding TFJobs in pipelines is not supported yet", ""),
        ({"datum_tries": 1, "datumTries": 2}, "datumTries", "given twice", "keep one"),
        ({"datum_tries": 1.5}, "datum_tries", "must be an integer, not a number (1.5)", ""),
        ({"datum_tries": -1}, "datum_tries", "must not be negative", ""),
        ({"datum_tries": 10**30}, "datum_tries", "too big for 64 bits", ""),
        ({"datum_tries": "9" * 6000}, "datum_tries", "99 is too big for 64 bits", ""),
        ({"datum_tries": True}, "datum_tries", "must be an integer, not true or false", ""),
        ({"datum_timeout": "1h30m"}, "datum_timeout", "write 5400s", ""),
        ({"datum_timeout": 20}, "datum_timeout", "must be a string, not a number (20)", "put it in quotes"),
        ({"job_timeout": "-3s"}, "job_timeout", "must not be negative", ""),
        ({"autoscaling": "yes"}, "autoscaling", "must be true or false, not a string ('yes')", "quotes"),
        ({"salt": 7}, "salt", "must be a string, not a number (7)", "put it in quotes"),
        ({"transform": []}, "transform", "must be an object, not a list", ""),
        ({"transform": {"cmd": "ls"}}, "transform.cmd", "must be a list, not a string", ""),
        ({"transform": {"cmd": [1]}}, "transform.cmd[0]", "must be a string", ""),
        ({"transform": {"env": {"A": True}}}, "transform.env.A", "must be a string", "put it in quotes"),
        ({"resource_limits": {"cpu": "fast"}}, "resource_limits.cpu", "must be a number", ""),
        ({"resource_limits": {"cpu": "nan"}}, "resource_limits.cpu", "must be a number", ""),
        ({"tolerations": [{"operator": "LIKE"}]}, "tolerations[0].operator", "one of EMPTY, EXISTS", ""),
        ({"input": {}}, "input", "no input set", "give one of pfs"),
        ({"input": {"cross": []}}, "input", "no input set", ""),
        ({"input": {"pfs": {}, "cron": {}}}, "input", "multiple input types set", "keep one of pfs, cron"),
        ({"input": {"pfs": "a"}}, "input.pfs", "must be an object, not a string", ""),
        ({"pipeline": "p"}, "pipeline", "must be an object, not a string", ""),
        ({"pipeline": None}, "pipeline", "no pipeline specified", ""),
    ],
)
def test_what_does_not_fit_is_named_with_its_path_and_the_fix(
    fields: dict[str, Any], path: str, message: str, hint: str
) -> None:
    with pytest.raises(FieldError) as caught:
        parse({**small(), **fields})
    assert caught.value.field == path
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_key_that_is_no_text_is_refused() -> None:
    keys: dict[Any, Any] = {1: "x"}
    with pytest.raises(FieldError, match="the key 1 must be a string"):
        parse(keys)
