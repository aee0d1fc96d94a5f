"""`make specs-check`: the specs as they are pass, and a broken one of each kind is caught."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import check_specs
from calf.kit import exit_codes
from calf.model.errors import InvalidArgument, InvalidSpec
from calf.wire.pool import load_pool
from checking.places import CALF, CLUSTER, WITH_GPUS, Checked, Places, check_all
from checking.reading import Source, read_specs, spec_files
from checking.rendering import Images, read_lock
from checking.wire import Known, Libraries
from driver.checkout import StepFailedError

DIGEST = "sha256:" + "a" * 64
NEWER = {"pps_v2.PFSInput": {15, 16}, "pps_v2.CreatePipelineRequest": {39}}
GONE = {"pps_v2.CreatePipelineRequest": {36}}


def known_but(left_out: dict[str, set[int]]) -> Known:
    """All that the wire has of specs, without some fields."""
    found: dict[str, frozenset[int]] = {}
    waiting = [load_pool().FindMessageTypeByName("pps_v2.CreatePipelineRequest")]
    while waiting:
        message = waiting.pop()
        if message.full_name not in found:
            numbers = {field.number for field in message.fields}
            found[message.full_name] = frozenset(numbers - left_out.get(message.full_name, set()))
            waiting += [field.message_type for field in message.fields if field.message_type]
    return found


@pytest.fixture(scope="module")
def libraries() -> Libraries:
    """As wire-api.md tells of them; `make compat-test` asks themselves."""
    return Libraries(known_but(NEWER), known_but(GONE))


Check = Callable[..., list[Checked]]


@pytest.fixture
def check(libraries: Libraries, tmp_path: Path) -> Check:
    """Checks specs; each may have another image, a tag may stand in."""

    def run(*specs: dict[str, Any], tag: str = "", overlays: Path = tmp_path) -> list[Checked]:
        file = tmp_path / "specs.yaml"
        file.write_text("---\n".join(yaml.safe_dump(spec, sort_keys=False) for spec in specs))
        images = Images("registry.example/x", {"calf/ingest": DIGEST}, tag)
        return check_all(list(read_specs(file, {})), Places(images, overlays), libraries)

    return run


def spec(**changes: Any) -> dict[str, Any]:
    """A small spec that is good everywhere, changed: `a__b` is a field in a field, None takes one away."""
    made: dict[str, Any] = {
        "pipeline": {"name": "edges"},
        "transform": {"image": "calf/ingest", "cmd": ["python", "/stage/main.py"]},
        "input": {"pfs": {"repo": "pets", "branch": "master", "glob": "/*"}},
    }
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = made
        for key in above:
            inside = inside.setdefault(key, {})
        if value is None:
            del inside[last]
        else:
            inside[last] = value
    return made


def texts(checked: list[Checked]) -> list[str]:
    return [f"{place}: {error.message}" for each in checked for place, error in each.problems]


def test_our_specs_are_good_for_calf_and_for_a_cluster(libraries: Libraries) -> None:
    sources = [each for file in spec_files() for each in read_specs(file, {})]
    names = [source.document.value["transform"]["image"] for source in sources]
    images = Images("registry.example", dict.fromkeys(names, DIGEST))
    checked = check_all(sources, Places(images, Path("/none")), libraries)
    assert texts(checked) == []
    assert [each.source.name for each in checked[:7]] == [
        *("ingest", "split", "train", "tune", "calibrate", "evaluate", "release")
    ]
    assert {each.source.name for each in checked if each.newer} == {"release", "serve"}
    for each in checked:
        assert each.image == f"registry.example/calf/{each.source.name}@{DIGEST}"
        assert each.rendered[CALF]["transform"]["image"] == f"calf/{each.source.name}"


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a field that nobody knows": (spec(transform__imagee="x"), 'calf: transform: unknown field "imagee"'),
    "a field of 1.x": (spec(standby=True), "calf: standby: a field of Pachyderm 1.x"),
    "a type": (spec(datum_tries="often"), "calf: datum_tries: must be an integer"),
    "a duration": (spec(datum_timeout="2 minutes"), "calf: datum_timeout: "),
    "a name": (spec(pipeline__name="a b"), "calf: invalid pipeline name: name (a b) invalid"),
    "no transform": (spec(transform=None), "calf: pipeline must specify a transform"),
    "no input": (spec(input=None), "calf: no input set"),
    "a glob": (spec(input__pfs__glob="/[a"), "calf: "),
    "no glob": (spec(input__pfs__glob=None), "calf: input must specify a glob"),
    "a join on no group": (
        spec(input={"join": [{"pfs": {"repo": "pets", "glob": "/*", "join_on": "$1"}}]}),
        "calf: ",
    ),
    "a field that is gone": (spec(details_json="{}"), "cluster: details_json: Pachyderm 2.12 has it no more"),
    "a flag": (spec(update=True), "cluster: update: is no part of a spec"),
    "a flag in camels": (spec(specCommit={"id": "1"}), "cluster: spec_commit: is no part of a spec"),
    "calf's own image": (
        spec(transform__image="host"),
        "cluster: transform.image: only calf runs a stage on",
    ),
    "no image": (spec(transform__image=None), "cluster: transform.image: no image"),
    "an image's name": (spec(transform__image="Team/Edges@x"), 'cluster: transform.image: "Team/Edges@x" is'),
    "an image without a tag": (spec(transform__image="ubuntu"), '"ubuntu" is whatever was pushed last'),
    "a latest image": (spec(transform__image="a.io/b:latest"), '"a.io/b:latest" is whatever was pushed last'),
    "an image with a tag": (spec(transform__image="ubuntu:22.04"), '"ubuntu:22.04" has a tag and no digest'),
    "an image that nobody builds": (
        spec(transform__image="calf/edges"),
        "calf: transform.image: nobody builds",
    ),
    "no command": (spec(transform__cmd=None), "cluster: transform.cmd: no command"),
    "a quantity": (spec(resource_limits__memory="2GB"), '"2GB" is no quantity of Kubernetes'),
    "a quantity that nobody knows": (
        spec(resource_limits__memory="much"),
        'calf: resource_limits.memory: "much"',
    ),
    "a request above its limit": (
        spec(resource_limits__memory="1Gi", resource_requests__memory="2Gi"),
        "cluster: resource_requests.memory: asks for 2Gi, more than the limit",
    ),
    "an accelerator": (
        spec(resource_limits__gpu={"type": "gpu", "number": 1}),
        'cluster: resource_limits.gpu.type: "gpu" is no kind of accelerator',
    ),
    "an annotation's key": (
        spec(metadata__annotations={"a b": "x"}),
        '"a b" is no key of Kubernetes',
    ),
    "an annotation of ours": (
        spec(metadata__annotations={"calf.dev/tolerence": "{}"}),
        "neither calf nor a cluster reads this",
    ),
    "a tolerance": (
        spec(metadata__annotations={"calf.dev/tolerance": "[]"}),
        "annotation calf.dev/tolerance is of another form",
    ),
    "a rule of identity": (
        spec(metadata__annotations={"calf.dev/datum-identity": "mine"}),
        '"mine" is not a rule of identity',
    ),
    "a label": (spec(metadata__labels={"a": "b c"}), '"b c" is no value of a label'),
    "a node": (spec(scheduling_spec__node_selector={"a": "b c"}), "no node can have"),
    "a secret": (
        spec(transform__secrets=[{"name": "My_Secret", "key": "k", "mount_path": "/s"}]),
        '"My_Secret" is no name of a secret',
    ),
    "a variable": (spec(transform__env={"1 A": "x"}), '"1 A" is no name of a variable'),
    "a port": (
        spec(service={"internal_port": 80, "external_port": 8080}),
        "cluster: service.external_port: a cluster gives nobody port 8080",
    ),
    "no port": (spec(service={"external_port": 30001}), "cluster: service.internal_port: a service needs"),
    "a pod patch": (spec(pod_patch="{"), "calf: malformed PodPatch"),
    "a repo": (spec(input__pfs__repo="pet"), "cluster: input.pfs.repo: nobody makes a repo pet"),
    "a repo's name for a pipeline": (
        spec(pipeline__name="params"),
        "is there already, and holds what users put",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_spec_is_caught(check: Check, kind: str) -> None:
    assert texts(check(spec())) == []
    broken, text = BROKEN[kind]
    found = texts(check(broken))
    assert any(text in each for each in found), found


def test_how_specs_go_together_is_checked_too(check: Check) -> None:
    def reading(name: str, repo: str, branch: str = "master") -> dict[str, Any]:
        return spec(pipeline__name=name, input__pfs__repo=repo, input__pfs__branch=branch)

    assert texts(check(reading("a", "pets"), reading("b", "a"))) == []
    assert "a is created after this one" in texts(check(reading("b", "a"), reading("a", "pets")))[0]
    assert "called like those of a_b" in texts(check(reading("a_b", "pets"), reading("A-b", "pets")))[0]
    both = spec(
        input={"cross": [{"pfs": {"repo": repo, "glob": "/"}} for repo in ("a", "params")]},
        pipeline__name="c",
    )
    apart = [reading("a", "pets"), reading("b", "pets", "staging")]
    assert texts(check(*apart)) == []
    joined = spec(
        input={"cross": [{"pfs": {"repo": repo, "glob": "/"}} for repo in ("a", "b")]}, pipeline__name="c"
    )
    assert texts(check(*apart, both)) == []
    assert 'multiple branches from the same repo, "pets"' in texts(check(*apart, joined))[0]


def test_fields_that_only_newer_servers_know_are_told(check: Check) -> None:
    (checked,) = check(spec(input__pfs__propagationSpec={"never": False}))
    assert (checked.problems, checked.newer) == ([], ["input.pfs.propagationSpec"])


def test_tags_stand_in_for_digests_only_when_they_are_asked_for(check: Check) -> None:
    wanted = spec(transform__image="calf/split")
    assert "calf/split has no digest in images/digests.lock" in texts(check(wanted))[0]
    (checked,) = check(wanted, tag="1.0")
    assert (checked.problems, checked.image) == ([], "registry.example/x/calf/split:1.0")
    (checked,) = check(spec(), tag="1.0")
    assert checked.image == f"registry.example/x/calf/ingest@{DIGEST}"
    assert texts(check(wanted, tag="latest"))[0].endswith("is whatever was pushed last")
    assert texts(check(spec(transform__image="ubuntu:22.04"), tag="1.0")) == []


def test_what_is_laid_over_a_spec_for_gpus_is_checked_with_it(check: Check, tmp_path: Path) -> None:
    overlay = tmp_path / "edges.yaml"
    overlay.write_text("resource_limits: {gpu: {type: nvidia.com/gpu, number: 1}}\n")
    (checked,) = check(spec(resource_limits={"memory": "1Gi"}), overlays=tmp_path)
    assert checked.problems == []
    assert checked.rendered[WITH_GPUS]["resource_limits"]["memory"] == "1Gi"
    assert "gpu" not in checked.rendered[CLUSTER]["resource_limits"]
    overlay.write_text("resource_limits: {gpus: 1}\n")
    assert any("cluster-gpu: " in text and "gpus" in text for text in texts(check(spec(), overlays=tmp_path)))


def test_templates_are_rendered_with_their_arguments(tmp_path: Path) -> None:
    file = tmp_path / "two.jsonnet"
    file.write_text(
        f"local made = {json.dumps(spec())};\n"
        "function(suffix) [made {pipeline: {name: 'edges-' + s}} for s in [suffix, 'b']]\n"
    )
    assert [source.name for source in read_specs(file, {"suffix": "a"})] == ["edges-a", "edges-b"]
    with pytest.raises(InvalidArgument, match="template err: ") as caught:
        list(read_specs(file, {}))
    assert "--arg" in caught.value.hint


@pytest.mark.parametrize("text", ["", "- 1\n", "a: &b 1\nc: *b\n", "a: [\n"])
def test_what_is_no_spec_at_all_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    file = tmp_path / "no.yaml"
    file.write_text(text)
    with pytest.raises(InvalidSpec, match=r"no\.yaml"):
        list(read_specs(file, {}))


def test_the_place_of_a_problem_is_known(check: Check) -> None:
    (checked,) = check(spec(resource_limits__memory="2GB"))
    ((_, error),) = checked.problems
    assert checked.source.document.where(error.field).endswith("specs.yaml:14:3")


def test_without_a_lock_there_are_no_digests_and_a_bad_one_is_refused(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "none") == {}
    (tmp_path / "digests.lock").write_text("calf/ingest latest\n")
    with pytest.raises(StepFailedError, match="expected NAME sha256"):
        read_lock(tmp_path / "digests.lock")


def test_a_source_without_a_name_is_still_told_of(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("pipeline: edges\n")
    (source,) = read_specs(file, {})
    assert isinstance(source, Source)
    assert source.name == "?"


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_specs.main([str(tmp_path / "none.yaml")]) == exit_codes.INVALID
    assert capsys.readouterr().err == f"error: {tmp_path}/none.yaml: No such file or directory\n"


@pytest.mark.parametrize("registry", ["https://registry.example", "registry.example/"])
def test_a_registry_is_no_address_of_a_site(registry: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        check_specs.main(["--registry", registry])
    assert "expected host, or host/path" in capsys.readouterr().err
