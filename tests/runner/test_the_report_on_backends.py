from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from tests.runner import every_backend
from tests.runner.every_backend import Result, read_report, show

REPORT = """<testsuites><testsuite>
<testcase classname="tests.a" name="test_well"/>
<testcase classname="tests.a" name="test_ill[podman]"><failure message="x"/></testcase>
<testcase classname="tests.a" name="test_broken[podman]"><error message="x"/></testcase>
<testcase classname="tests.b" name="test_one"><skipped message="no control groups"/></testcase>
<testcase classname="tests.b" name="test_two"><skipped message="no control groups"/></testcase>
</testsuite></testsuites>"""


def test_what_passed_failed_and_was_skipped_is_counted_with_names_and_reasons(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    failed = ["tests.a::test_ill[podman]", "tests.a::test_broken[podman]"]
    assert read_report(tmp_path / "report.xml") == (1, failed, Counter({"no control groups": 2}))


def test_a_suite_of_which_nothing_ran_has_not_passed(tmp_path: Path) -> None:
    assert read_report(tmp_path / "none.xml")[1] == ["pytest wrote no report"]
    (tmp_path / "report.xml").write_text("<testsuites/>")
    assert read_report(tmp_path / "report.xml")[1] == ["no test ran"]


def test_the_table_has_every_backend_also_what_is_not_here_with_why() -> None:
    said = io.StringIO()
    ran = Result(7, ["tests.a::test_ill[podman]"], Counter({"no control groups": 2}), 0.25, 0.012)
    show({"podman": ran, "docker": "docker is not installed here"}, Console(file=said, width=200))
    rows = [line.split() for line in said.getvalue().splitlines()]
    assert ["podman", "7", "1", "2", "250", "ms", "12", "ms", "yes"] in rows
    assert ["docker", "no"] in rows
    assert "not here: docker: docker is not installed here" in said.getvalue()
    assert "failed on podman: tests.a::test_ill[podman]" in said.getvalue()
    assert "skipped on podman (2): no control groups" in said.getvalue()


def test_a_backend_that_was_named_and_is_not_here_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert every_backend.main(["podman"]) == 1
    assert "not here: podman: podman is not installed here" in capsys.readouterr().out
