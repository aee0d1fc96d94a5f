"""F9: where pachctl puts files, and what it says when it cannot."""

from __future__ import annotations

import tarfile

import pytest


@pytest.fixture
def data(pachctl, project_name, tmp_path):
    """Runs file commands on repo `data` of a fresh project, with some files around."""
    for name in ("d/a.txt", "d/sub/b.txt", "single"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    pachctl("create", "project", project_name)
    pachctl("create", "repo", "data", "--project", project_name)
    return lambda verb, *words, **more: pachctl(verb, "file", *words, "--project", project_name, **more)


def _paths(data):
    rows = data("glob", "data@master:/**").splitlines()[1:]
    paths = [row.split("\t")[1] for row in rows]
    return [path for path in paths if not path.endswith("/")]


def test_108_the_name_or_the_whole_path(data):
    data("put", "data@master", "-f", "d/a.txt")
    data("put", "data@master", "-f", "d/a.txt", "--full-path")
    data("put", "data@master:/to/", "-f", "d/a.txt", "--full-path")
    data("put", "data@master:/exact", "-f", "d/a.txt", "--full-path")
    data("put", "data@master:/two/", "-f", "d/a.txt", "-f", "single")
    assert _paths(data) == ["/a.txt", "/d/a.txt", "/exact", "/to/d/a.txt", "/two/a.txt", "/two/single"]


def test_108_folders_and_archives(data, tmp_path):
    for name, mode in (("x.tar", "w"), ("x.tar.gz", "w:gz")):
        with tarfile.open(tmp_path / name, mode) as archive:
            archive.add(tmp_path / "d", f"in-{name}")
    data("put", "data@master:/", "-r", "-f", "d")
    data("put", "data@master", "-r", "-f", "d")
    data("put", "data@master:/to", "-r", "-f", "d/")
    data("put", "data@master:/", "-f", "x.tar", "-f", "x.tar.gz", "--untar")
    data("put", "data@master", "-f", "x.tar")
    prefixes = ("/", "/d/", "/in-x.tar/", "/in-x.tar.gz/", "/to/")
    below = [f"{prefix}{name}" for prefix in prefixes for name in ("a.txt", "sub/b.txt")]
    assert sorted(_paths(data)) == sorted([*below, "/x.tar"])


def test_108_a_missing_repo_comes_before_a_missing_file(data, project_name):
    said = data("put", "nope@master", "-f", "no/such", code=4)
    assert f"repo {project_name}/nope not found" in said
    assert "no/such" in data("put", "data@master", "-f", "no/such", code=4)


def test_108_standard_input_needs_a_name(data):
    said = data("put", "data@master", stdin="x", code=2)
    assert "must specify filename when reading data from stdin" in said
    data("put", "data@master:/x", stdin="x")
    assert data("get", "data@master:/x") == "x"
    assert "Try again with the -r flag" in data("get", "data@master:/", code=2)
