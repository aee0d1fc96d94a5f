from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from calf.web.shaping import ago, counted, marked


def test_one_thing_is_not_said_to_be_many() -> None:
    assert [counted(number, "gate") for number in (0, 1, 2)] == ["0 gates", "1 gate", "2 gates"]
    assert counted(1, "branch", "branches") == "1 branch"
    assert counted(12_345, "branch", "branches") == "12\N{THIN SPACE}345 branches"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`calf up` <b>", "<code>calf up</code> &lt;b&gt;"),
        ("a ` b", "a ` b"),
        ("see `<i>`", "see <code>&lt;i&gt;</code>"),
    ],
)
def test_commands_in_hints_are_set_as_code_and_nothing_else_is(text: str, shown: str) -> None:
    assert str(marked(text)) == shown


def test_what_a_server_whose_clock_is_ahead_did_just_now_is_not_in_the_future() -> None:
    now = datetime.now(UTC)
    assert ago((now + timedelta(seconds=30)).isoformat()) == "less than a second ago"
    assert ago((now + timedelta(seconds=300)).isoformat()) == "in the future"
