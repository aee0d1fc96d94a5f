from __future__ import annotations

from typing import Any

import pytest

from calf.cli.table import print_table
from calf.cli.words import moment, printable, shorten, span
from calf.wire.messages import google

HEADERS = ("NAME", "STATE")
ROWS = [("a", "success"), ("longer", "failure: no"), ("x\x1b[31m\ny", "-")]


def test_in_a_pipe_a_table_is_tab_separated_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADERS, ROWS)
    assert capsys.readouterr().out == "NAME\tSTATE\na\tsuccess\nlonger\tfailure: no\nx\\x1b[31m\\ny\t-\n"


def test_on_a_terminal_it_is_aligned_and_states_have_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table(HEADERS, ROWS)
    header, first, second, third = capsys.readouterr().out.splitlines()
    plain = header.replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert plain.index("STATE") == first.index("\x1b[32m") == second.index("\x1b[31m")
    assert "\x1b[32msuccess" in first
    assert third.startswith("x\\x1b[31m\\ny")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (130, "2 minutes"),
        (3700, "About an hour"),
        (5400, "2 hours"),
        (7300, "2 hours"),
        (47 * 3600, "47 hours"),
        (3 * 86400, "3 days"),
        (30 * 86400, "4 weeks"),
        (400 * 86400, "13 months"),
        (800 * 86400, "2 years"),
    ],
)
def test_spans_of_time_are_told_in_one_unit(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_descriptions_end_where_the_terminal_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_table(("NAME", "DESCRIPTION"), [("a", "many words " * 20), ("b", "few words")])
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len(lines[0]) == 40
    assert lines[0].endswith("...")
    assert lines[1] == "b     few words"


def test_bars_are_blocks_in_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table(("ID", "PROGRESS"), [("a", "▇·✗")])
    row = capsys.readouterr().out.splitlines()[1]
    assert row == "a   \x1b[32m▇\x1b[0m\x1b[33m▇\x1b[0m\x1b[31m▇\x1b[0m"


def test_moments_are_told_from_now_or_in_full() -> None:
    stamp = google.Timestamp(seconds=1_700_000_000)
    assert moment(stamp, now=1_700_000_180.0) == "3 minutes ago"
    assert moment(stamp, full=True) == "2023-11-14T22:13:20Z"
    assert moment(google.Timestamp()) == "-"


def test_text_is_shown_and_never_obeyed() -> None:
    assert printable("plain ü ✓") == "plain ü ✓"
    assert printable("a\x1b]0;evil\x07\u202eb") == "a\\x1b]0;evil\\x07\\u202eb"
    assert shorten("one\n two   three", 11) == "one two ..."


@pytest.mark.parametrize(
    ("variables", "flags", "coloured"),
    [
        ({}, [], True),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1"}, ["--no-color"], False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, [], False),
    ],
)
def test_colour_is_as_asked_for(
    offline: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], flags: list[str], coloured: bool
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert ("\x1b[" in offline(*flags, "version", "--client-only").out) is coloured
