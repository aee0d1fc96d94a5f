"""Putting files: what became of the commit, and of a put that was interrupted."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_commit_that_ended_with_an_error_fails_the_put(pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "in")
    for path in ("/d", "/other"):
        answer("x")
        pachctl("put", "file", f"in@master:{path}")
    answer("x")
    ended = pachctl("put", "file", "in@master:/d/e", code=6)
    assert "commit finished with an error: file / directory path collision (/d)" in ended.err
    good = pachctl("list", "commit", "in").rows[1][2]
    assert f"is now the head of in@master: in@{good} is what was before" in ended.err
    assert pachctl("get", "file", "in@master^:/d").out == "x"
    copied = pachctl("copy", "file", "in@master:/other", "in@master:/d/e", code=6)
    assert "path collision (/d)" in copied.err


def test_a_put_into_an_open_commit_waits_for_nothing(pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "in")
    pachctl("start", "commit", "in@master")
    for path in ("/d", "/d/e"):
        answer("x")
        pachctl("put", "file", f"in@master:{path}")


def test_an_interrupted_put_says_that_nothing_was_put(
    pachctl: Any, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_args: Any) -> None:
        raise KeyboardInterrupt

    pachctl("create", "repo", "in")
    monkeypatch.setattr("calf.client.put_requests._pieces", interrupted)
    answer("x")
    assert pachctl("put", "file", "in@master:/a", code=130).err == "error: interrupted; nothing was put\n"
    assert pachctl("list", "commit", "in").rows == []


def test_a_pattern_gets_the_one_file_that_it_matches(pachctl: Any, answer: Any, tmp_path: Any) -> None:
    pachctl("create", "repo", "in")
    for name in ("x1", "x2"):
        answer(name)
        pachctl("put", "file", f"in@master:/{name}")
    out = tmp_path / "out"
    assert pachctl("get", "file", "in@master:/x1*", "-o", "-").out == "x1"
    pachctl("get", "file", "in@master:/x1*", "-o", str(out))
    assert out.read_text() == "x1"
    for where in (str(out), "-"):
        several = pachctl("get", "file", "in@master:/x*", "-o", where, code=2)
        assert "matched multiple files. Try again with the -r flag" in several.err
    assert "file /y* not found" in pachctl("get", "file", "in@master:/y*", "-o", str(out), code=4).err
