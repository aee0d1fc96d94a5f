"""Tables and JSON that came out differently: which cell, which key."""

from __future__ import annotations

from typing import Any

import pytest

TABLE = b"id,iou,breed\ncat_1,0.5,a\ncat_2,0.25,b\ncat_3,0.75,c\n"


def test_the_row_and_the_column_are_told_with_both_values(compare: Any) -> None:
    told = compare("/evaluation_result.csv", TABLE, TABLE.replace(b"0.25", b"0.26"))
    assert told.kind == "table"
    assert told.lines == (
        "row 2 (cat_2), iou: 0.25 → 0.26",
        "1 of 3 rows differ",
        "numbers are at most 0.01 apart, in iou",
    )


@pytest.mark.parametrize(
    ("again", "said"),
    [
        (TABLE.replace(b"breed", b"race"), "the columns are others: column 3 breed → race"),
        (TABLE + b"cat_4,1,d\n", "row 4: (no row) → cat_4"),
        (TABLE.replace(b"cat_3", b"cat_9"), "row 3: cat_3 → cat_9"),
        (TABLE.replace(b"\n", b"\r\n"), "the same cells, written in another way (quotes, ends of lines)"),
        (TABLE.replace(b",a\n", b"\n"), "row 1 (cat_1), breed: a → "),
        (b"", "the columns are others: column 1 id → (none)"),
    ],
)
def test_rows_and_columns_that_came_or_went(compare: Any, again: bytes, said: str) -> None:
    assert compare("t.csv", TABLE, again).lines[0] == said


def test_tabs_and_large_numbers_of_rows(compare: Any) -> None:
    old = b"".join(b"%d\t%d\n" % (n, n) for n in range(2000))
    told = compare("t.tsv", old, old.replace(b"7\n", b"8\n"))
    assert told.lines[0] == "row 7 (7), 0: 7 → 8"
    assert told.lines[5] == "200 of 1999 rows differ"


def test_what_is_no_table_is_read_as_text_or_bytes(compare: Any) -> None:
    assert compare("t.csv", b"\xff\xfe\n", b"\xff\xfd\n").kind == "bytes"
    assert compare("t.csv", b'a\n"' + b"x" * 200_000, b'a\n"' + b"y" * 200_000).kind == "text"


def test_the_key_is_told_with_both_values(compare: Any) -> None:
    old = b'{"mean_iou": 0.5, "slices": [{"n": 1}, {"n": 2}], "x": 1, "gone": true}'
    new = b'{"mean_iou": 0.5, "slices": [{"n": 1}, {"n": 3}], "x": 1.0, "new": null}'
    told = compare("/metrics.json", old, new)
    assert told.kind == "json"
    assert told.lines == (
        "slices[1].n: 2 → 3",
        "x: 1 → 1.0",
        "gone: true → (none)",
        "new: (none) → null",
    )


def test_many_keys_and_other_ways_to_write(compare: Any) -> None:
    told = compare("a.json", b"[0,0,0,0,0,0,0]", b"[1,1,1,1,1,1,1]")
    assert told.lines[0] == "[0]: 0 → 1"
    assert told.lines[-1] == "and 2 more"
    assert (
        compare("a.json", b'{"a": 1, "b": NaN}', b'{"b": NaN, "a": 1}').lines[0].startswith("the same values")
    )
    assert compare("a.json", b"1", b'"1"').lines == ('.: 1 → "1"',)
    assert compare("a.json", b"{", b"[").kind == "text"
    assert compare("a.json", b"[" * 100_000, b"[" * 100_001).kind == "text"
