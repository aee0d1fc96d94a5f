from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.model.ancestry import Ancestry, parse
from calf.model.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("master", Ancestry("master")),
        ("master^", Ancestry("master", back=1)),
        ("master^^", Ancestry("master", back=2)),
        ("master~~~", Ancestry("master", back=3)),
        ("master^3", Ancestry("master", back=3)),
        ("master~12", Ancestry("master", back=12)),
        ("master^0", Ancestry("master")),
        ("master.1", Ancestry("master", from_root=1)),
        ("master.-2", Ancestry("master", back=2)),
        ("0123456789ab4123456789abcdef0123^", Ancestry("0123456789ab4123456789abcdef0123", back=1)),
        ("", Ancestry("")),
    ],
)
def test_ancestry_is_parents_back_or_a_number_from_the_root(text: str, expected: Ancestry) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "stranger"), [("master^~", "~"), ("master~^", "^"), ("master^^2", "2"), ("master^x", "x")]
)
def test_separators_do_not_mix(text: str, stranger: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse(text)
    separator = text[len("master")]
    assert str(caught.value) == (
        f'invalid ancestry syntax "{text}", cannot mix {separator} and {stranger} characters'
    )


@given(st.from_regex(r"[a-zA-Z0-9_-]+", fullmatch=True), st.integers(1, 20))
def test_every_way_to_write_a_number_of_parents_is_the_same(name: str, count: int) -> None:
    ways = {
        parse(name + "^" * count),
        parse(name + "~" * count),
        parse(f"{name}^{count}"),
        parse(f"{name}~{count}"),
    }
    assert ways == {Ancestry(name, back=count)}


@pytest.mark.parametrize("separator", "^~.")
def test_a_number_that_no_history_has_is_refused(separator: str) -> None:
    with pytest.raises(InvalidArgument, match=r"there are no 9+"):
        parse(f"master{separator}{'9' * 5000}")
