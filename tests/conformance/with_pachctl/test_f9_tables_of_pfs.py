"""F9, 105: the tables of PFS, their headers and the shape of their rows, as a user sees them in a pipe."""

from __future__ import annotations

import json
import re

ID = r"[0-9a-f]{12}4[0-9a-f]{19}"
AGO = r".+ ago"
SIZE = r"(≤ )?[0-9.]+([KMG]i)?B"


def rows(out, *headers):
    first, *rest = out.splitlines()
    assert first.split("\t") == list(headers)
    return [line.split("\t") for line in rest]


def shaped(row, *patterns):
    assert len(row) == len(patterns), row
    for cell, pattern in zip(row, patterns, strict=True):
        assert re.fullmatch(pattern, cell), (cell, pattern)


def test_105_tables_of_pfs_have_the_columns_of_pachyderm(pachctl, project_name):
    pachctl("create", "project", project_name, "-d", "trials")
    pachctl("config", "set", "context", "here", stdin=json.dumps({"project": project_name}))
    pachctl("config", "set", "active-context", "here")
    listed = rows(pachctl("list", "project"), "ACTIVE", "PROJECT", "CREATED", "DESCRIPTION")
    shaped(next(row for row in listed if row[1] == project_name), r"\*", project_name, AGO, "trials")

    pachctl("create", "repo", "data", "-d", "photos")
    pachctl("put", "file", "data@master:/a", stdin="hello")
    repos = rows(pachctl("list", "repo"), "PROJECT", "NAME", "CREATED", "SIZE (MASTER)", "DESCRIPTION")
    shaped(repos[0], project_name, "data", AGO, "5B", "photos")
    every = rows(pachctl("list", "repos", "-A"), "PROJECT", "NAME", "CREATED", "SIZE (MASTER)", "DESCRIPTION")
    assert [project_name, "data"] in [row[:2] for row in every]

    pachctl("create", "branch", "data@later", "-t", "master", "--trigger-size", "1M")
    branches = rows(pachctl("list", "branch", "data"), "BRANCH", "HEAD", "TRIGGER", "CREATOR", "CREATED")
    shaped(branches[0], "later", ID, r"master on Size\(1M\)", ".+", AGO)
    shaped(branches[1], "master", ID, "-", ".+", AGO)

    headers = ("PROJECT", "REPO", "COMMIT", "FINISHED", "SIZE", "ORIGIN", "CREATOR", "DESCRIPTION")
    commit = rows(pachctl("list", "commit", "data@master"), *headers)[0]
    shaped(commit, project_name, "data", ID, AGO, SIZE, "USER", ".+", "")
    assert rows(pachctl("list", "commit", commit[2]), *headers)[0][:3] == commit[:3]
    sets = rows(pachctl("list", "commit"), "ID", "SUBCOMMITS", "PROGRESS", "CREATED", "MODIFIED")
    shaped(next(row for row in sets if row[0] == commit[2]), ID, "1", "▇{8}", AGO, AGO)
    assert rows(pachctl("version"), "COMPONENT", "VERSION")[1][0] == "pachd"


def test_105_output_without_raw_is_an_error_and_raw_is_one_document_an_object(pachctl, project_name):
    pachctl("create", "project", project_name)
    for name in ("one", "two"):
        pachctl("create", "repo", name, "--project", project_name)
    where = ("--project", project_name)
    refused = pachctl("list", "repo", "-o", "yaml", *where, code=2)
    assert "cannot set --output (-o) without --raw" in refused
    documents = pachctl("list", "repo", "--raw", "-o", "yaml", *where).split("---\n")[1:]
    assert len(documents) == 2
    assert re.search(r"^created: '?\d{4}-\d\d-\d\dT", documents[0], re.M)
    decoder, text, found = json.JSONDecoder(), pachctl("list", "repo", "--raw", *where), []
    while text.strip():
        value, end = decoder.raw_decode(text.lstrip())
        found.append(value)
        text = text.lstrip()[end:]
    assert [each["repo"]["name"] for each in found] == ["two", "one"]
    assert found[0]["repo"]["type"] == "user"
