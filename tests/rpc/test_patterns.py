"""Regular expressions of clients: those that are only words need no process of their own."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calf.rpc import patterns


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("abc", "xabcx", True),
        ("abc", "ABC", False),
        ("(?i)aBc", "xAbC", True),
        (r"(?i)a\.b", "A.B", True),
        (r"a\.b", "aXb", False),
        (r"\(\?i\)", "(?i)", True),
        ("", "anything", True),
        (r"(?i)\b(error|warn)\b", "One ERROR", True),
        (r"\b(error|warn)\b", "terrors", False),
        ("(one thing|re-run)", "a re-run", True),
    ],
)
def test_words_are_found_as_a_pattern_would_find_them(
    pattern: str, text: str, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "engage", lambda *_: pytest.fail("a process was begun"))
    with patterns.finder(pattern, "regex") as find:
        assert find(text) is found
    assert bool(re.search(pattern, text)) is found


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Loss 1.5: an ERROR", True),
        ("a warning: LOSS 1.5", True),
        ("loss 1.5 errors", True),  # it is none, but that a rough look does not see
        ("loss 1x5 error", False),
        ("loss 1.5", False),
        ("error", False),
    ],
)
def test_of_words_among_problems_few_lines_are_asked_about(
    text: str, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, one = re.escape("loss 1.5"), r"\b(error|warning)\b"
    texts: list[str] = []
    monkeypatch.setattr(patterns, "engage", lambda *_: nullcontext(texts.append))
    with patterns.finder(f"(?i)({words}.*{one}|{one}.*{words})", "regex") as find:
        find(text)
    assert texts == [text] * asked


@given(st.text(), st.text())
def test_whatever_is_escaped_is_found_where_it_is(words: str, around: str) -> None:
    with patterns.finder(re.escape(words), "regex") as find:
        assert find(around + words + around)


@pytest.mark.parametrize(
    "pattern", ["a.c", r"\d", "a|b", "(?i)a+", "ab\\", "(?i)(?s)a", "(a|b)+", "((a|b)|c)", "(a|b)(a|b)"]
)
def test_more_than_words_is_none_of_ours(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def engage(_language: object, told: str) -> AbstractContextManager[None]:
        begun.append(told)
        return nullcontext()

    monkeypatch.setattr(patterns, "engage", engage)
    with patterns.finder(pattern, "regex"):
        assert begun == [pattern]
