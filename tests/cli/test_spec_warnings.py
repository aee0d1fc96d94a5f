"""Specs that are valid and still not what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_other_servers import stranger  # noqa: F401 - a fixture


def spec(name: str, image: str = "host", branch: str = "master") -> str:
    leaf = f"{{repo: pets, glob: /*, branch: {branch}}}"
    return f"pipeline: {{name: {name}}}\ntransform: {{image: '{image}', cmd: [sh]}}\ninput: {{pfs: {leaf}}}\n"


@pytest.fixture
def create(pachctl: Any, answer: Any) -> Any:
    """Creates pipelines on a repo with the branch master; gives what is said on standard error."""
    pachctl("create", "repo", "pets")
    answer("x")
    pachctl("put", "file", "pets@master:/a")

    def run(*specs: str, verb: str = "create") -> str:
        answer("---\n".join(specs))
        return str(pachctl(verb, "pipeline").err)

    return run


def test_a_branch_that_the_spec_would_make_is_warned_about(create: Any) -> None:
    assert create(spec("a", branch="mastr")) == (
        "warning: branch pets@mastr does not exist yet and is made empty; did you mean master?\n"
    )
    assert create(spec("b")) == ""


def test_a_first_branch_is_no_mistake(create: Any, pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "new")
    answer(spec("a", branch="any").replace("pets", "new"))
    assert pachctl("create", "pipeline").err == ""


def test_an_image_that_this_machine_lacks_is_warned_about(create: Any) -> None:
    ended = create(spec("a", image="no/such"))
    assert ended.startswith('warning: pipeline a cannot run: image "no/such" is not known on this machine; ')
    assert ended.count("\n") == 1
    assert create(spec("a", image="no/such") + "description: b\n", verb="update").count("is not known") == 1


def test_our_server_pins_images_and_needs_no_tag(create: Any) -> None:
    assert create(spec("a", image="python"), spec("b", image="ubuntu:latest")) == ""


@pytest.mark.parametrize(
    ("image", "warned"),
    [
        ("python", 1),
        ("my.org:5000/python:latest", 1),
        ("python:3.11", 0),
        ("host", 0),
        (f"python@sha256:{'0' * 64}", 0),
    ],
)
def test_to_another_server_an_image_without_a_fixed_tag_is_warned_about_once(
    stranger: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
    image: str,
    warned: int,
) -> None:
    stranger("create", "repo", "pets")
    path = tmp_path / "two.yaml"
    path.write_text("---\n".join((spec("a", image), spec("b", image))))
    ended = stranger("create", "pipeline", "-f", str(path), "--dry-run")
    assert ended.err.count("warning: please specify a tag") == warned


def test_a_template_that_is_wrong_is_named_by_its_file(pachctl: Any, tmp_path: Path) -> None:
    path = tmp_path / "edges.jsonnet"
    path.write_text("{pipeline: nope\n")
    assert (
        f"{path}:2:1: expected a comma" in pachctl("create", "pipeline", "--jsonnet", str(path), code=2).err
    )


def test_a_folder_is_no_spec(pachctl: Any, tmp_path: Path) -> None:
    ended = pachctl("create", "pipeline", "-f", str(tmp_path), code=2)
    assert ended.err.startswith(f"error: {tmp_path} is a directory\nhint: name a file")


def test_a_trigger_on_a_branch_that_is_not_there_is_told_how_to_make_it(pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "pets")
    answer(spec("a", branch="often").replace("glob: /*", "glob: /*, trigger: {branch: master, commits: 2}"))
    ended = pachctl("create", "pipeline", code=4)
    assert 'branch "master" not found in repo default/pets' in ended.err
    assert "hint: put files to pets@master first, or make it empty with `pachctl create branch" in ended.err


def test_broken_json_is_not_called_yaml(offline: Any, tmp_path: Path) -> None:
    for name, text in (("a.json", "["), ("a.txt", '{"pipeline": {')):
        (tmp_path / name).write_text(text)
        ended = offline("validate", "pipeline", "-f", str(tmp_path / name))
        assert ended.err.endswith("hint: this is not valid JSON\n")


def test_an_egress_that_this_server_never_does_is_warned_about(create: Any, tmp_path: Path) -> None:
    ended = create(spec("a") + f"egress: {{URL: 'file://{tmp_path}/out'}}\n")
    assert ended.startswith("warning: pipeline default/a: egress: ")
    assert "is in no folder that this server opens to its clients" in ended
    assert create(spec("b") + "egress: {URL: 's3://bucket/out'}\n") == ""
