"""F9: specs, templates, defaults, versions."""

from __future__ import annotations

import json
import uuid

import grpc
import pytest
from pachyderm_sdk.api import pfs, pps

SUCCESS = pps.JobState.JOB_SUCCESS
ALPHANUMERIC = "only alphanumeric characters, underscores, and dashes are allowed"
OUT = "inputs based on repos named \"out\" must have 'name' set"


def spec(world, name="p", **more):
    """A good spec as a document, with `more` on top; None takes a key away."""
    document = {
        "pipeline": {"project": {"name": world.project.name}, "name": name},
        "transform": {"image": "host", "cmd": ["true"]},
        "input": {"pfs": {"repo": "in", "glob": "/*"}},
        **more,
    }
    return {key: value for key, value in document.items() if value is not None}


def create(world, document, **flags):
    text = document if isinstance(document, str) else json.dumps(document)
    answer = world.client.pps.create_pipeline_v2(create_pipeline_request_json=text, **flags)
    return json.loads(answer.effective_create_pipeline_request_json)


def leaf(**more):
    return {"pfs": {"repo": "in", "glob": "/*", **more}}


def test_098_an_existing_pipeline_needs_update(world, fails):
    world.create_repo("in")
    create(world, spec(world))
    code, text = fails(create, world, spec(world))
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert text == f'pipeline "{world.project.name}/p" already exists'
    assert int(create(world, spec(world), update=True)["datumTries"]) == 3
    assert world.client.pps.inspect_pipeline(pipeline=world.pipeline("p")).version == 2


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"pipeline": None}, "no pipeline specified"),
        ({"pipeline": {"name": ""}}, "invalid pipeline spec: request.Pipeline.Name cannot be empty"),
        ({"transform": None}, "pipeline must specify a transform"),
        ({"tf_job": {"tf_job": "x"}}, "embedding TFJobs in pipelines is not supported yet"),
        (
            {"reprocess_spec": "never"},
            "invalid pipeline spec: ReprocessSpec must be one of 'until_success' or 'every_job'",
        ),
        ({"transform": {"image": "", "cmd": ["true"]}}, "pipeline transform must contain an image"),
        ({"output_branch": ""}, "pipeline needs to specify an output branch"),
        ({"spout": {}}, "spout pipelines (without a service) must not have an input"),
        (
            {"spout": {}, "input": None, "autoscaling": True},
            "autoscaling can't be used with spouts (spouts aren't triggered externally)",
        ),
        ({"spout": {}, "input": None, "s3_out": True}, "s3 output is not supported in spouts or services"),
        (
            {"service": {"internal_port": 80}, "parallelism_spec": {"constant": 2}},
            "services can only be run with a constant parallelism of 1",
        ),
        (
            {"service": {"internal_port": 80, "type": "X"}},
            "the following service type X is not allowed",
        ),
        (
            {"service": {"internal_port": 80}, "s3_out": True},
            "s3 output is not supported in spouts or services",
        ),
        ({"pod_spec": "{"}, "malformed PodSpec: ..."),
        ({"pod_patch": "{"}, "malformed PodPatch: ..."),
        (
            {"transform": {"image": "host", "cmd": ["true"], "secrets": [{"name": "s", "env_var": "S"}]}},
            "secret s has env_var set but is missing key",
        ),
        (
            {"egress": {"sql_database": {"url": "mysql://h/d"}}},
            "egress.sql_database.secret is required",
        ),
        ({"input": None}, "no input set"),
        ({"input": {}}, "input: no input set"),
        ({"input": {"cross": []}}, "input: no input set"),
        ({"input": {"cross": [{}]}}, "input.cross[0]: no input set"),
        ({"input": {**leaf(), "cross": [leaf()]}}, "input: multiple input types set"),
        ({"input": leaf(repo="")}, "input must specify a repo"),
        ({"input": leaf(glob="")}, "input must specify a glob"),
        ({"input": leaf(repo="out")}, f"{OUT}..."),
        ({"input": leaf(name="out")}, "input cannot be named out"),
        ({"input": leaf(name=".env")}, "input cannot be named .env"),
        (
            {"input": leaf(commit="0" * 32)},
            "input cannot come from a commit; use a branch with head pointing to the commit",
        ),
        ({"input": {"cross": [leaf(), leaf()]}}, 'name "in" was used more than once'),
        (
            {"input": {"join": [leaf(glob="/(*)", join_on="$1"), leaf(glob="/(*)", join_on="$1")]}},
            'name "in" was used more than once',
        ),
        ({"input": leaf(s3=True)}, "inputs that set 's3' to 'true' must also set 'glob', to \"/\"..."),
        (
            {"input": leaf(s3=True, glob="/", lazy=True)},
            "input cannot specify both 's3' and 'lazy'",
        ),
        (
            {"input": {"join": [leaf(s3=True, glob="/")]}},
            "S3 inputs in join expressions are not supported",
        ),
        (
            {"input": {"group": [leaf(s3=True, glob="/")]}},
            "S3 inputs in group expressions are not supported",
        ),
        (
            {"input": {"union": [leaf(s3=True, glob="/")]}},
            "S3 inputs in union expressions are not supported",
        ),
        ({"input": {"cron": {"name": "out", "spec": "@never"}}}, "input cannot be named out"),
        ({"input": {"cron": {"name": "tick", "spec": ""}}}, "error parsing cron-spec: Empty spec string"),
        ({"input": {"cron": {"name": "tick", "spec": "* * * * * *"}}}, "error parsing cron-spec: ..."),
        ({"input": leaf(trigger={"size": "x"})}, "invalid trigger size: ..."),
        ({"input": leaf(trigger={"rate_limit_spec": "x"})}, "invalid trigger rate limit spec: ..."),
        ({"input": leaf(trigger={"commits": -1})}, "can't trigger on a negative number of commits"),
        ({"standby": True}, "standby: ..."),
    ],
)
def test_098_a_bad_spec_says_what_is_wrong(world, fails, more, text):
    world.create_repo("in")
    if (more.get("pipeline") or {}).get("name") == "":
        more["pipeline"]["project"] = {"name": world.project.name}
    code, said = fails(create, world, spec(world, **more))
    assert said.startswith(text[:-3]) if text.endswith("...") else said == text
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert list(world.client.pps.list_pipeline(projects=[world.project])) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.b",
            f"invalid pipeline name: name (a.b) invalid: {ALPHANUMERIC}",
        ),
        ("x" * 53, f'pipeline name "{"x" * 53}" is 2 characters longer than the 51 max'),
        ("-a", "pipeline names must start with an alphanumeric character"),
        ("in", 'pipeline "in" cannot be created because a repo with the same name already exists'),
    ],
)
def test_098_a_bad_name_says_what_is_wrong(world, fails, name, text):
    world.create_repo("in")
    assert fails(create, world, spec(world, name))[1] == text
    assert list(world.client.pps.list_pipeline(projects=[world.project])) == []
    repos = world.client.pfs.list_repo(projects=[world.project])
    assert [info.repo.name for info in repos] == ["in"]


def test_098_a_request_of_a_message_needs_a_pipeline(world, fails):
    code = pps.Transform(image="host", cmd=["true"])
    _, text = fails(world.client.pps.create_pipeline, transform=code)
    assert text == "invalid pipeline spec: request.Pipeline cannot be nil"


def test_098_a_missing_repo_and_a_pipeline_that_reads_itself_are_refused(world, fails):
    code, text = fails(create, world, spec(world))
    assert (code, text) == (grpc.StatusCode.NOT_FOUND, f"repo {world.project.name}/in not found")
    world.create_repo("in")
    create(world, spec(world))
    own = spec(world, input={"pfs": {"repo": "p", "glob": "/"}})
    _, text = fails(create, world, own, update=True)
    assert text == f"repo {world.project.name}/p cannot be in the provenance of its own branch"
    assert world.client.pps.inspect_pipeline(pipeline=world.pipeline("p")).version == 1
    two = {"cross": [leaf(name="a"), leaf(name="b", branch="staging")]}
    _, text = fails(create, world, spec(world, "two", input=two))
    where = f"{world.project.name}/in"
    assert text == f'multiple branches from the same repo, "{where}", cannot participate in a DAG'
    nowhere = spec(world, pipeline={"project": {"name": "nowhere"}, "name": "p"})
    assert fails(create, world, nowhere)[1] == 'cannot find project "nowhere"'


def test_099_numbers_may_be_texts_and_keys_of_either_case(world):
    world.create_repo("in")
    effective = create(world, spec(world, parallelismSpec={"constant": "1"}, datum_tries="2"))
    assert (effective["parallelismSpec"], effective["datumTries"]) == ({"constant": "1"}, "2")
    info = world.client.pps.inspect_pipeline(pipeline=world.pipeline("p"), details=True)
    assert (info.parallelism, info.details.datum_tries) == (1, 2)
    assert json.loads(info.user_spec_json)["datum_tries"] == "2"


def test_099_a_second_pipeline_reads_the_first_across_projects(world):
    other = pfs.Project(name=f"p{uuid.uuid4().hex[:12]}")
    world.client.pfs.create_project(project=other)
    world.create_repo("in")
    create(
        world,
        spec(world, "one", transform={"image": "host", "cmd": ["sh"], "stdin": ["cp /pfs/in/* /pfs/out"]}),
    )
    reads = {"pfs": {"project": world.project.name, "repo": "one", "glob": "/"}}
    two = {"pipeline": {"project": {"name": other.name}, "name": "two"}, "input": reads}
    two["transform"] = {"image": "host", "cmd": ["sh"], "stdin": ["cat /pfs/one/* > /pfs/out/all"]}
    try:
        create(world, two)
        made = world.put("in", {"/a": "foo"})
        ended = list(world.client.pps.inspect_job_set(job_set=pps.JobSet(id=made), wait=True))
        assert [info.state for info in ended] == [SUCCESS, SUCCESS]
        commit = pfs.Commit(repo=pfs.Repo(name="two", type="user", project=other), id="master")
        with world.client.pfs.pfs_file(pfs.File(commit=commit, path="/all")) as stream:
            assert stream.read() == b"foo"
    finally:
        world.client.pps.delete_pipelines(projects=[other], force=True)
        world.client.pfs.delete_project(project=other, force=True)


def test_100_a_template_makes_one_pipeline_or_several(world, fails):
    world.create_repo("images")
    one = f"""function(suffix, src) {{
      pipeline: {{ project: {{ name: "{world.project.name}" }}, name: "edges-" + suffix }},
      transform: {{ image: "host", cmd: ["true"] }},
      input: {{ pfs: {{ name: "images", glob: "/*", repo: src }} }},
    }}"""
    client = world.client.pps
    answer = client.render_template(template=one, args={"suffix": "x", "src": "images"})
    assert create(world, answer.json)["pipeline"]["name"] == "edges-x"
    several = client.render_template(
        template=f"function(src) [({one})(n, src) for n in ['y', 'z']]", args={"src": "images"}
    )
    assert [each.pipeline.name for each in several.specs] == ["edges-y", "edges-z"]
    for document in json.loads(several.json):
        create(world, document)
    names = {info.pipeline.name for info in client.list_pipeline(projects=[world.project])}
    assert names == {"edges-x", "edges-y", "edges-z"}
    assert fails(client.render_template, template="{a:", args={})[1].startswith("template err: ")


@pytest.fixture
def cluster_defaults(client):
    """Sets the defaults of the cluster, which all projects share; afterwards there are none."""

    def put(defaults, **flags):
        text = json.dumps({"createPipelineRequest": defaults})
        return client.pps.set_cluster_defaults(cluster_defaults_json=text, **flags).affected_pipelines

    yield put
    client.pps.set_cluster_defaults(cluster_defaults_json="{}")


def test_101_the_users_spec_lies_over_the_projects_over_the_clusters_defaults(world, cluster_defaults):
    world.create_repo("in")
    cluster_defaults({"datumTries": 6})
    assert create(world, spec(world, "a"))["datumTries"] == "6"
    client = world.client.pps
    text = json.dumps({"createPipelineRequest": {"datumTries": 14}})
    client.set_project_defaults(project=world.project, project_defaults_json=text)
    assert create(world, spec(world, "b"))["datumTries"] == "14"
    assert create(world, spec(world, "c", datumTries=5))["datumTries"] == "5"
    without = json.dumps({**spec(world, "d"), "datumTries": None})
    assert create(world, without)["datumTries"] == "3"
    assert json.loads(client.get_cluster_defaults().cluster_defaults_json) == {
        "createPipelineRequest": {"datumTries": 6}
    }
    assert client.get_project_defaults(project=world.project).project_defaults_json == text
    assert world.client.pfs.inspect_project_v2(project=world.project).defaults_json == text


def test_101_a_dry_run_lists_and_regenerate_bumps_only_what_is_concerned(world, cluster_defaults):
    world.create_repo("in")
    for name, more in (("a", {}), ("b", {"datumTries": 6})):
        create(world, spec(world, name, **more))

    def versions():
        return {
            info.pipeline.name: info.version
            for info in world.client.pps.list_pipeline(projects=[world.project])
        }

    affected = cluster_defaults({"datumTries": 6}, regenerate=True, dry_run=True)
    assert [name.name for name in affected] == ["a"]
    assert versions() == {"a": 1, "b": 1}
    assert world.client.pps.get_cluster_defaults().cluster_defaults_json == "{}"
    assert [name.name for name in cluster_defaults({"datumTries": 6}, regenerate=True)] == ["a"]
    assert versions() == {"a": 2, "b": 1}
    info = world.client.pps.inspect_pipeline(pipeline=world.pipeline("a"), details=True)
    assert info.details.datum_tries == 6
    assert "datumTries" not in json.loads(info.user_spec_json)


def test_102_former_versions_are_found_by_ancestry_history_and_commit_set(world, fails):
    world.create_repo("in")
    made = [world.shell("p", world.pfs_input("in"), "true")]
    made += [world.shell("p", world.pfs_input("in"), f"echo {n}", update=True) for n in (2, 3)]
    client = world.client.pps

    def inspect(name):
        return client.inspect_pipeline(pipeline=world.pipeline(name), details=True)

    assert [inspect(name).version for name in ("p", "p^", "p^2", "p.1")] == [3, 2, 1, 1]
    assert inspect("p^").details.transform.stdin == ["echo 2"]
    assert fails(inspect, "p^5")[0] is grpc.StatusCode.NOT_FOUND
    assert fails(inspect, "p.7")[1] == "cannot inspect future pipelines"
    for history, expected in ((0, [3]), (1, [3, 2]), (-1, [3, 2, 1])):
        found = client.list_pipeline(pipeline=world.pipeline("p"), history=history)
        assert [info.version for info in found] == expected
    for number, set_id in enumerate(made, 1):
        found = client.list_pipeline(commit_set=pfs.CommitSet(id=set_id), projects=[world.project])
        assert [info.version for info in found] == [number]


def test_105_pipelines_are_filtered_by_state_and_system_repos_hidden(world):
    world.create_repo("in")
    create(world, spec(world, "good"))
    create(world, spec(world, "lost", transform={"image": "no/such:1", "cmd": ["true"]}))
    found = world.client.pps.list_pipeline(
        projects=[world.project], jq_filter='.state == "PIPELINE_CRASHING"'
    )
    assert [info.pipeline.name for info in found] == ["lost"]
    repos = world.client.pfs.list_repo(type="user", projects=[world.project])
    assert {info.repo.name for info in repos} == {"in", "good", "lost"}
    every = world.client.pfs.list_repo(projects=[world.project])
    assert {info.repo.type for info in every} == {"user", "spec", "meta"}
