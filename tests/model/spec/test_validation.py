"""The rules that specs must satisfy; texts are Pachyderm's and matched by clients."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.spec import FieldError, parse, validate


def pfs(**fields: Any) -> dict[str, Any]:
    return {"pfs": {"repo": "in", "glob": "/*", **fields}}


def spec(**fields: Any) -> dict[str, Any]:
    return {"pipeline": {"name": "p"}, "transform": {"image": "i", "cmd": ["c"]}, "input": pfs(), **fields}


def error_of(document: dict[str, Any]) -> FieldError:
    with pytest.raises(FieldError) as caught:
        validate(parse(document))
    return caught.value


VALID = [
    spec(),
    spec(transform={"cmd": []}),
    spec(input={"cross": [pfs(name="a"), pfs(name="b")]}),
    spec(input={"union": [pfs(), pfs()]}),
    spec(input={"cross": [{"union": [pfs(), pfs()]}, pfs(name="b")]}),
    spec(input={"join": [pfs(glob="/(*)", join_on="$1", name="a"), pfs(glob="/(*)-(*)", join_on="$2")]}),
    spec(input=pfs(repo="out", name="in")),
    spec(input=pfs(s3=True, glob="/")),
    spec(input=None, spout={}),
    spec(service={"type": "ClusterIP"}),
    spec(reprocess_spec="every_job", output_branch="staging", pod_patch="[]"),
    spec(metadata={"annotations": {"calf.dev/datum-identity": "pachyderm", "other": "x"}}),
]


@pytest.mark.parametrize("document", VALID)
def test_good_specs_pass(document: dict[str, Any]) -> None:
    validate(parse(document))


@pytest.mark.parametrize(
    ("fields", "path", "text"),
    [
        (
            {"pipeline": {"name": ""}},
            "pipeline.name",
            "invalid pipeline spec: request.Pipeline.Name cannot be empty",
        ),
        (
            {"pipeline": {"name": "a b"}},
            "pipeline.name",
            "invalid pipeline name: name (a b) invalid: only alphanumeric characters",
        ),
        (
            {"pipeline": {"name": "p" * 53}},
            "pipeline.name",
            f'pipeline name "{"p" * 53}" is 2 characters longer than the 51 max',
        ),
        (
            {"pipeline": {"name": "-p"}},
            "pipeline.name",
            "pipeline names must start with an alphanumeric character",
        ),
        ({"transform": None}, "transform", "pipeline must specify a transform"),
        ({"input": None}, "input", "no input set"),
        (
            {"reprocess_spec": "always"},
            "reprocess_spec",
            "invalid pipeline spec: ReprocessSpec must be one of 'until_success' or 'every_job'",
        ),
        (
            {"spout": {}, "autoscaling": True, "input": None},
            "autoscaling",
            "autoscaling can't be used with spouts (spouts aren't triggered externally)",
        ),
        ({"spout": {}}, "input", "spout pipelines (without a service) must not have an input"),
        (
            {"service": {}, "parallelism_spec": {"constant": 2}},
            "parallelism_spec.constant",
            "services can only be run with a constant parallelism of 1",
        ),
        (
            {"service": {"type": "Magic"}},
            "service.type",
            "the following service type Magic is not allowed",
        ),
        (
            {"service": {"internal_port": 80, "external_port": 65536}},
            "service.external_port",
            "service.external_port: 65536 is no port",
        ),
        (
            {"spout": {"service": {"internal_port": -1}}},
            "spout.service.internal_port",
            "spout.service.internal_port: -1 is no port",
        ),
        ({"service": {}, "s3_out": True}, "s3_out", "s3 output is not supported in spouts or services"),
        (
            {"egress": {"sql_database": {"url": "u"}}},
            "egress.sql_database.secret",
            "egress.sql_database.secret is required",
        ),
        (
            {"egress": {"URL": "s3://id:se/cret@bucket/x"}},
            "egress.URL",
            "egress.URL: a password in a URL would be stored and shown",
        ),
        (
            {"egress": {"object_storage": {"url": "az://c/x?sig=secret"}}},
            "egress.object_storage.url",
            "egress.object_storage.url: a password in a URL would be stored and shown",
        ),
        (
            {"transform": {"secrets": [{"name": "X", "env_var": "V"}]}},
            "transform.secrets[0].key",
            "secret X has env_var set but is missing key",
        ),
        ({"pod_spec": "{"}, "pod_spec", "malformed PodSpec: "),
        ({"pod_patch": "nope"}, "pod_patch", "malformed PodPatch: "),
        ({"transform": {"cmd": ["a\0b"]}}, "transform.cmd[0]", "transform.cmd[0]: must not contain"),
        ({"transform": {"env": {"A=B": ""}}}, "transform.env.A=B", "transform.env.A=B: "),
        ({"resource_limits": {"memory": "lots"}}, "resource_limits.memory", "resource_limits.memory: "),
        ({"resource_limits": {"disk": "lots"}}, "resource_limits.disk", "resource_limits.disk: "),
        ({"output_branch": "a/b"}, "output_branch", "name (a/b) invalid: "),
        (
            {"metadata": {"annotations": {"calf.dev/datum-identity": "mine"}}},
            "metadata.annotations.calf.dev/datum-identity",
            'metadata.annotations.calf.dev/datum-identity: "mine" is not a rule of identity',
        ),
    ],
)
def test_bad_specs_are_refused_in_pachyderms_words(fields: dict[str, Any], path: str, text: str) -> None:
    error = error_of({**spec(), **fields})
    assert error.field == path
    assert error.message.startswith(text)


@pytest.mark.parametrize(
    ("node", "path", "text"),
    [
        (pfs(repo=""), "input.pfs.repo", "input must specify a repo"),
        (pfs(glob=""), "input.pfs.glob", "input must specify a glob"),
        (pfs(glob="/("), "input.pfs.glob", 'malformed glob "/(": missing ")" at character 2'),
        (pfs(name="out"), "input.pfs.name", "input cannot be named out"),
        (pfs(name=".env"), "input.pfs.name", "input cannot be named .env"),
        (pfs(name="../x"), "input.pfs.name", "name (../x) invalid: "),
        (pfs(repo="out"), "input.pfs.name", "inputs based on repos named \"out\" must have 'name' set"),
        (pfs(repo_type="tmp"), "input.pfs.repo_type", 'input.pfs.repo_type: "tmp" is not a type of repo'),
        (pfs(branch="a@b"), "input.pfs.branch", "name (a@b) invalid: "),
        (
            pfs(commit="abc"),
            "input.pfs.commit",
            "input cannot come from a commit; use a branch with head pointing to the commit",
        ),
        (pfs(s3=True, lazy=True), "input.pfs.lazy", "input cannot specify both 's3' and 'lazy'"),
        (pfs(s3=True), "input.pfs.glob", "inputs that set 's3' to 'true' must also set 'glob', to \"/\""),
        (
            {"join": [pfs(s3=True, glob="/"), pfs(name="b")]},
            "input.join[0].pfs.s3",
            "S3 inputs in join expressions are not supported",
        ),
        (
            {"union": [pfs(name="b"), pfs(s3=True, glob="/")]},
            "input.union[1].pfs.s3",
            "S3 inputs in union expressions are not supported",
        ),
        (
            {"cross": [pfs(name="b"), {"group": [{"cross": [pfs(s3=True, glob="/")]}]}]},
            "input.cross[1].group[0].cross[0].pfs.s3",
            "S3 inputs in group expressions are not supported",
        ),
        ({"cross": [pfs(), pfs()]}, "input.cross[1]", 'name "in" was used more than once'),
        (
            {"cross": [pfs(name="x"), {"union": [pfs(), pfs(name="x")]}]},
            "input.cross[1]",
            'name "x" was used more than once',
        ),
        (
            {"join": [pfs(join_on="$1")]},
            "input.join[0].pfs.join_on",
            '"$1" refers to $1, but the glob has 0 groups',
        ),
        (
            {"group": [pfs(glob="/(*)", group_by="$2")]},
            "input.group[0].pfs.group_by",
            '"$2" refers to $2, but the glob has 1 group',
        ),
        ({"cron": {"spec": "@daily"}}, "input.cron.name", "input must specify a name"),
        ({"cron": {"name": "t"}}, "input.cron.spec", "error parsing cron-spec: Empty spec string"),
    ],
)
def test_bad_inputs_are_refused_in_pachyderms_words(node: dict[str, Any], path: str, text: str) -> None:
    error = error_of(spec(input=node))
    assert error.field == path
    assert error.message.startswith(text)
