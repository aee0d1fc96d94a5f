from __future__ import annotations

import pytest

from calf.web.shaping import counted, marked


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
