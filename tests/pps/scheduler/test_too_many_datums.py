from __future__ import annotations

import pytest

from calf.model.states import JobState
from tests.pps.workshop import Workshop


def test_a_job_of_endless_datums_fails_and_says_why(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calf.pps.datums.combining.MOST", 2)
    workshop.pipeline("p")
    few = workshop.wait("p", workshop.put("in", {"/a": "1", "/b": "2"}))
    many = workshop.wait("p", workshop.put("in", {"/c": "3"}))
    assert few.state is JobState.SUCCESS
    assert (many.state, many.reason) == (JobState.FAILURE, "the input has more than 2 datums")
