"""Names that are nearly right: what is meant is asked, and nothing that is missing looks empty."""

from __future__ import annotations

from typing import Any

import pytest

SPEC = "pipeline: {name: crops}\ntransform: {image: host, cmd: [sh]}\ninput: {pfs: {repo: pets, glob: /*}}\n"


@pytest.fixture
def crops(pachctl: Any, answer: Any) -> str:
    """The ID of the one job of a pipeline `crops` on a repo `pets`."""
    pachctl("create", "repo", "pets")
    answer("x")
    pachctl("put", "file", "pets@master:/a")
    answer(SPEC)
    pachctl("create", "pipeline")
    pachctl("wait", "commit", "crops@master")
    return str(pachctl("list", "job", "-p", "crops").rows[0][2])


def test_the_nearest_pipeline_and_branch_are_offered(pachctl: Any, crops: str) -> None:
    for words in (
        ("logs", "-p", "crop"),
        ("inspect", "pipeline", "crop"),
        ("start", "pipeline", "crop"),
        ("stop", "pipeline", "crop"),
        ("delete", "pipeline", "-f", "crop"),
        ("list", "job", "-p", "crop"),
        ("inspect", "job", "crop@123"),
    ):
        ended = pachctl(*words, code=4)
        assert 'did you mean "crops"?' in ended.err, words
    assert 'did you mean "master"?' in pachctl("inspect", "commit", "pets@mastr", code=4).err


def test_a_branch_stands_for_the_job_of_its_head(pachctl: Any, crops: str) -> None:
    assert f"ID: {crops}\n" in pachctl("inspect", "job", "crops@master").out
    assert len(pachctl("list", "datum", "crops@master").rows) == 1
    assert f"ID: {crops}\n" in pachctl("wait", "job", "crops@master").out
    ended = pachctl("logs", "-j", "crops@master", "--datum", "nosuch", code=4)
    assert f"datum nosuch not found in job default/crops@{crops}" in ended.err


def test_what_wants_an_id_says_which_one_a_branch_is(pachctl: Any, crops: str) -> None:
    head = pachctl("list", "commit", "pets@master").rows[0][2]
    for verb in ("delete", "squash"):
        ended = pachctl(verb, "commit", "pets@master", code=2)
        assert f"pets@master is {head}: `pachctl {verb} commit {head}`" in ended.err


def test_a_project_that_is_not_there_is_not_an_empty_one(pachctl: Any) -> None:
    pachctl("create", "project", "empty")
    for kind in ("repo", "pipeline"):
        assert pachctl("list", kind, "--project", "empty").rows == []
        ended = pachctl("list", kind, "--project", "nosuch", code=4)
        assert ended.err.startswith('error: project "nosuch" not found\n')
    assert pachctl("delete", "project", "nosuch", code=4).err.startswith('error: project "nosuch" not found')


def test_deleting_all_lists_repos_with_their_projects(pachctl: Any, crops: str, answer: Any) -> None:
    answer("n\n")
    ended = pachctl("delete", "all", code=1)
    assert "Repos: default/crops, default/pets\nPipelines: default/crops\n" in ended.err


def test_a_shell_takes_pachctl_before_a_command(pachctl: Any, answer: Any) -> None:
    answer("pachctl create repo pets\nlist repo\npachctl exit\n")
    assert "default\tpets" in pachctl("shell").out


def test_connecting_to_nothing_warns(
    offline: Any, server_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PACHD_ADDRESS")
    dead = offline("connect", "127.0.0.1:1")
    assert (dead.code, dead.err) == (0, "warning: nothing answers at grpc://127.0.0.1:1 now\n")
    assert offline("connect", server_address).err == ""


def test_a_size_is_refused_as_it_was_written(pachctl: Any) -> None:
    pachctl("create", "repo", "pets")
    ended = pachctl("create", "branch", "pets@b", "-t", "master", "--trigger-size", "big", code=2)
    assert '"big" is not a size' in ended.err


def test_defaults_say_that_pipelines_stay_as_they_are(pachctl: Any, crops: str, answer: Any) -> None:
    def set_defaults(*flags: str) -> Any:
        answer('{"createPipelineRequest": {"datumTries": 5}}')
        return pachctl("create", "defaults", "--cluster", *flags)

    ended = set_defaults()
    assert ended.out == "affected pipelines:\n\tdefault/crops\n"
    assert "they stay as they are" in ended.err
    assert "`pachctl update defaults --cluster --regenerate -f FILE`" in ended.err
    assert set_defaults("--regenerate").err == ""
