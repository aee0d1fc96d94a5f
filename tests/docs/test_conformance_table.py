"""docs/reliability.md says which client drives which conformance scenario, and what is out."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MOST_OUT = 6


@pytest.fixture
def scenarios() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tests" / "conformance" / "scenarios.py"))


def test_the_table_is_the_one_that_the_tests_give(scenarios: dict[str, Any]) -> None:
    written = (ROOT / "docs" / "reliability.md").read_text()
    assert scenarios["table"]() in written, "run python tests/conformance/scenarios.py"


def test_at_most_six_scenarios_are_out_with_a_reason_and_none_is_starred(scenarios: dict[str, Any]) -> None:
    out = {number for number, clients in scenarios["drivers"]().items() if not clients}
    assert len(scenarios["SCENARIOS"]) == 110
    assert out == set(scenarios["OUT_OF_SCOPE"])
    assert len(out) <= MOST_OUT
    assert not out & scenarios["STARRED"]
