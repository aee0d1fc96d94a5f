"""F9: pachctl, as a user types it."""

from __future__ import annotations

SPEC = """\
pipeline: {name: p}
transform: {image: host, cmd: ["true"]}
input: {pfs: {repo: data, glob: "/"}}
"""


def test_105_list_repo_hides_the_repos_of_the_system(pachctl, project_name):
    where = ("--project", project_name)
    pachctl("create", "project", project_name)
    pachctl("create", "repo", "data", *where)
    pachctl("create", "pipeline", *where, stdin=SPEC)

    def names(*flags):
        first, *rest = [line.split("\t") for line in pachctl("list", "repo", *where, *flags).splitlines()]
        assert first == ["PROJECT", "NAME", "CREATED", "SIZE (MASTER)", "DESCRIPTION"]
        assert {row[0] for row in rest} <= {project_name}
        return sorted(row[1] for row in rest)

    assert names() == ["data", "p"]
    assert names("--all") == ["data", "p", "p.meta", "p.spec"]
    assert names("--type", "spec") == ["p.spec"]
    pachctl("delete", "project", project_name, "-f", stdin="y\n" * 20)
