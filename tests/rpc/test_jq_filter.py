"""What a jq filter lets through, and which programs a server does not run."""

from __future__ import annotations

from typing import Any

import pytest

from calf.model.errors import InvalidArgument
from calf.model.states import JobState
from calf.rpc.jq_filter import read_filter
from calf.wire.messages import pps as api

RECORD = api.JobInfo(job=api.Job(id="abc"), state=api.JOB_SUCCESS, data_total=3, reason="no input named env")


def accepts(program: str, record: Any = RECORD) -> bool:
    return list(read_filter(program, "JOB", JobState).pick([record], 0)) != []


def test_the_states_of_a_plain_filter_are_understood() -> None:
    states = read_filter('.state == "JOB_SUCCESS" or .state == "JOB_KILLED"', "JOB", JobState).states
    assert states == {JobState.SUCCESS, JobState.KILLED}
    assert read_filter(' select(.state=="JOB_RUNNING") ', "JOB", JobState).states == {JobState.RUNNING}
    assert read_filter("  ", "JOB", JobState).program == ""


@pytest.mark.parametrize(
    ("program", "through"),
    [
        ('.job.id == "abc"', True),
        ('select(.job.id == "abc")', True),
        ('select(.job.id == "other")', False),
        (".details", False),
        ("empty", False),
        ('.data_total == "3"', True),
        ('.state == "JOB_SUCCESS" and .reason != ""', True),
        ('.reason | contains("env")', True),
        ('.reason == "import me"', False),
        (".details.transform.env", False),
    ],
)
def test_a_record_comes_through_unless_the_program_gives_nothing_null_or_false(
    program: str, through: bool
) -> None:
    assert accepts(program) is through


@pytest.mark.parametrize("program", [".job |", "nonsense(", ".job.id.deeper"])
def test_what_is_no_program_is_said(program: str) -> None:
    with pytest.raises(InvalidArgument, match="jq filter"):
        accepts(program)


@pytest.mark.parametrize(
    ("program", "through"),
    [
        ("env.HOME", False),
        ("def ready: .state; ready", True),
        ("first(range(1e12)) == 0", True),
        ('"\\(.job.id)" == "abc"', True),
    ],
)
def test_the_whole_language_is_there_but_nothing_of_this_machine(program: str, through: bool) -> None:
    assert accepts(program) is through


def test_a_filter_that_fails_says_so_even_when_there_is_nothing_to_filter() -> None:
    with pytest.raises(InvalidArgument, match="error parsing jq filter"):
        list(read_filter("nonsense(", "JOB", JobState).pick([], 0))
