"""Texts and files of no known kind that came out differently: which line, which byte."""

from __future__ import annotations

from typing import Any

import pytest

from calf.views.differences import texts


def test_the_first_line_that_differs(compare: Any) -> None:
    told = compare("/notes", b"one\ntwo\nthree\n", b"one\ntwo!\nthree\n")
    assert (told.kind, told.lines) == ("text", ("line 2", "- two", "+ two!"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"", b"a\n", ("line 1", "- (the end)", "+ a")),
        (b"a\n", b"a\nb", ("line 2", "- (the end)", "+ b")),
        ("grün".encode(), "grüß".encode(), ("line 1", "- grün", "+ grüß")),
        ("ä".encode(), "ö".encode(), ("line 1", "- ä", "+ ö")),
    ],
)
def test_ends_and_characters_of_several_bytes(compare: Any, old: bytes, new: bytes, said: object) -> None:
    assert compare("a.txt", old, new).lines == said


def test_a_long_line_is_shown_where_it_differs(compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_PIECE", 1000)
    line = b"x\n" * 700 + b"a" * 3000
    told = compare("Report.html", line + b"OLD" + b"b" * 5000, line + b"NEW" + b"b" * 5000)
    assert told.lines[0] == "line 701, from column 2961"
    assert told.lines[1] == "- " + "a" * 40 + "OLD" + "b" * 77
    assert told.lines[2] == "+ " + "a" * 40 + "NEW" + "b" * 77


def test_the_first_byte_that_differs(compare: Any) -> None:
    told = compare("model.bin", b"\0\1\2\3", b"\0\1\7\3\4")
    assert told.kind == "bytes"
    assert told.lines == ("first different byte at offset 2", "02 03 → 07 03 04", "4 bytes → 5 bytes")


def test_one_that_ends_earlier(compare: Any) -> None:
    told = compare("model.bin", b"\0\1", b"\0\1\2")
    assert told.lines[0] == "the recorded one ends after 2 bytes, where the other goes on"
    assert told.lines[1] == "(end) → 02"
