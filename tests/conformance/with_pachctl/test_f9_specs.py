"""F9: spec files as a user writes them, templates and defaults."""

from __future__ import annotations

import json

import pytest

COPY = """\
pipeline: {{name: {name}, project: {{name: {project}}}}}
transform: {{image: host, cmd: [sh], stdin: ["cp /pfs/{repo}/* /pfs/out/"]}}
input: {{pfs: {{repo: {repo}, project: {source}, glob: "/*"}}}}
"""


@pytest.fixture
def project(pachctl, project_name):
    pachctl("create", "project", project_name)
    pachctl("create", "repo", "images", "--project", project_name)
    yield project_name
    pachctl("delete", "project", project_name, "-f", stdin="y\n" * 20)


def spec(name, project, repo="images", **more):
    return {
        "pipeline": {"name": name, "project": {"name": project}},
        "transform": {"image": "host", "cmd": ["true"]},
        "input": {"pfs": {"repo": repo, "project": project, "glob": "/*"}},
        **more,
    }


def effective(pachctl, pipeline, project):
    info = json.loads(pachctl("inspect", "pipeline", pipeline, "--project", project, "--raw"))
    return info["version"], json.loads(info["effective_spec_json"])


def test_099_two_documents_of_which_the_second_reads_the_first_in_another_project(pachctl, project, tmp_path):
    other = f"{project}b"
    pachctl("create", "project", other)
    first = COPY.format(name="one", project=project, repo="images", source=project)
    second = COPY.format(name="two", project=other, repo="one", source=project)
    (tmp_path / "both.yaml").write_text(f"{first}---\n{second}")
    pachctl("create", "pipeline", "-f", "both.yaml")
    pachctl("put", "file", "images@master:/a", "--project", project, stdin="data")
    pachctl("wait", "commit", "two@master", "--project", other)
    assert pachctl("get", "file", "two@master:/a", "--project", other) == "data"
    pachctl("delete", "project", other, "-f", stdin="y\n" * 20)


def test_099_json_with_a_quoted_number_and_an_array_at_the_top(pachctl, project, tmp_path):
    quoted = spec("quoted", project, parallelism_spec={"constant": "1"})
    camel = {**spec("camel", project), "parallelismSpec": {"constant": "2"}, "$schema": "https://x"}
    (tmp_path / "many.json").write_text(json.dumps([quoted, camel]))
    pachctl("create", "pipeline", "-f", "many.json")
    lines = pachctl("list", "pipeline", "--project", project).splitlines()[1:]
    assert sorted(line.split("\t")[1] for line in lines) == ["camel", "quoted"]
    assert "Parallelism Spec: 2" in pachctl("inspect", "pipeline", "camel", "--project", project)


def test_099_anchors_are_refused(pachctl, project):
    text = COPY.format(name="&a one", project=project, repo="images", source=project)
    said = pachctl("create", "pipeline", "-f", "-", stdin=text, code=8)
    assert said.startswith("error: malformed pipeline spec")
    assert pachctl("list", "pipeline", "--project", project).count("\n") == 1


def test_100_a_template_makes_one_pipeline_or_several(pachctl, project, tmp_path):
    (tmp_path / "one.jsonnet").write_text(
        "function(suffix, src) {\n"
        "  pipeline: { name: 'edges-' + suffix },\n"
        "  transform: { image: 'host', cmd: ['true'] },\n"
        "  input: { pfs: { repo: src, glob: '/*' } },\n"
        "}\n"
    )
    (tmp_path / "several.jsonnet").write_text(
        "function(src) [\n"
        "  { pipeline: { name: 'p' + i }, transform: { image: 'host', cmd: ['true'] },\n"
        "    input: { pfs: { repo: src, glob: '/*' } } }\n"
        "  for i in [1, 2]\n"
        "]\n"
    )
    where = ("--project", project)
    pachctl(
        "create", "pipeline", "--jsonnet", "one.jsonnet", "--arg", "suffix=x", "--arg", "src=images", *where
    )
    pachctl("create", "pipeline", "--jsonnet", "several.jsonnet", "--arg", "src=images", *where)
    listed = pachctl("list", "pipeline", *where).splitlines()[1:]
    assert sorted(line.split("\t")[1] for line in listed) == ["edges-x", "p1", "p2"]
    wrong = pachctl("create", "pipeline", "--jsonnet", "one.jsonnet", "--arg", "suffix", *where, code=2)
    assert 'invalid template argument "suffix": must have form "key=value"' in wrong
    failed = pachctl("create", "pipeline", "--jsonnet", "one.jsonnet", *where, code=2)
    assert "template err: " in failed


def test_101_defaults_of_the_cluster_and_of_a_project(pachctl, project):
    cluster, own = ("--cluster",), ("--project", project)

    def tries(number):
        return json.dumps({"createPipelineRequest": {"datumTries": number}})

    def create(name, **more):
        pachctl("update", "pipeline", *own, stdin=json.dumps(spec(name, project, **more)))
        return effective(pachctl, name, project)[1].get("datumTries")

    try:
        pachctl("create", "defaults", *cluster, stdin=tries(6))
        pachctl("create", "defaults", *own, stdin=tries(14))
        assert json.loads(pachctl("inspect", "defaults", *own)) == json.loads(tries(14))
        assert create("said", datumTries=5) == "5"
        assert create("silent") == "14"
        assert create("null", datumTries=None) == "3"
        tried = pachctl("update", "defaults", *own, "--dry-run", "--regenerate", stdin=tries(15))
        assert tried.splitlines() == ["affected pipelines:", f"\t{project}/silent"]
        assert effective(pachctl, "silent", project)[0] == "1"
        done = pachctl("update", "defaults", *own, "--regenerate", stdin=tries(15))
        assert done == tried
        version, document = effective(pachctl, "silent", project)
        assert (version, document["datumTries"]) == ("2", "15")
        assert effective(pachctl, "said", project)[0] == "1"
        assert (
            pachctl("update", "defaults", *own, "--regenerate", stdin=tries(15)) == "no affected pipelines\n"
        )
    finally:
        pachctl("delete", "defaults", *cluster)
        pachctl("delete", "defaults", *own)
