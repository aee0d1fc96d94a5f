"""What tables of results say, word by word."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from calf.web.app import make_templates


def said(macro: str, *values: Any) -> str:
    """What one reads of what a macro of `reports/words.html` makes."""
    return Markup(
        getattr(make_templates().get_template("reports/words.html").module, macro)(*values)
    ).striptags()


@pytest.mark.parametrize(
    ("processed", "skipped", "failed", "words"),
    [
        (0, 0, 0, "none"),
        (2, 0, 0, "2 ran"),
        (0, 0, 1, "1 failed"),
        (0, 3, 1, "3 skipped, 1 failed"),
        (2, 3, 1, "2 ran, 3 skipped, 1 failed"),
    ],
)
def test_datums_are_told_with_a_comma_between_two(
    processed: int, skipped: int, failed: int, words: str
) -> None:
    job = {
        "processed": processed,
        "skipped": skipped,
        "failed": failed,
        "total": processed + skipped + failed,
    }
    assert said("ran", job) == words


def test_where_nothing_is_known_to_have_changed_the_link_stands_apart() -> None:
    assert said("changed", {"shown": [], "more": 0}, "/x") == "nothing that is known of compare"
