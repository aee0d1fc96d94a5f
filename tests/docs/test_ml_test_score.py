"""docs/ml-test-score.md names tests that exist, and its sums are those of its rows."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "ml-test-score.md").read_text(encoding="utf-8")
SECTIONS = {"D": "data", "M": "model", "I": "infrastructure", "S": "monitoring"}
ROWS: list[tuple[str, str, str]] = re.findall(
    r"^\| ([DMIS]\d) \| .+? \| ([\d.]+) \| (.+) \|$", PAGE, re.MULTILINE
)
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_there_are_the_rubrics_28_tests_each_with_nothing_a_half_or_one() -> None:
    assert [name for name, _, _ in ROWS] == [
        f"{section}{number}" for section in "DMIS" for number in range(1, 8)
    ]
    assert {score for _, score, _ in ROWS} <= {"0", "0.5", "1"}


def test_every_named_test_exists_and_no_point_is_without_one() -> None:
    named = {name: NAMED.findall(what) for name, _, what in ROWS}
    missing = [
        f"{path}::{test}"
        for tests in named.values()
        for path, test in tests
        if not (TESTS / path).is_file() or f"def {test}(" not in (TESTS / path).read_text(encoding="utf-8")
    ]
    assert missing == []
    assert [name for name, score, _ in ROWS if bool(named[name]) != (score != "0")] == []


def test_the_sums_are_those_of_the_rows_and_the_score_is_the_lowest() -> None:
    sums: dict[str, float] = defaultdict(float)
    for name, score, _ in ROWS:
        sums[SECTIONS[name[0]]] += float(score)
    written = dict(re.findall(r"^\| \**([\w ]+?)\** \| \**([\d.]+)\** \|$", PAGE, re.MULTILINE))
    assert {name: float(written[name]) for name in sums} == sums
    assert float(written["ML Test Score"]) == min(sums.values())
