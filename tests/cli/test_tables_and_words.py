from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from calf.cli.colours import paint
from calf.cli.table import print_table
from calf.views.words import first_of, moment, paragraph, printable, shorten, span
from calf.wire.messages import google

RED, GREEN, YELLOW, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
HEADERS = ("NAME", "STATE")
ROWS = [("a", "success"), ("longer", "failure: no"), ("x\x1b[31m\ny", "-")]


def test_in_a_pipe_a_table_is_tab_separated_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADERS, ROWS)
    assert capsys.readouterr().out == "NAME\tSTATE\na\tsuccess\nlonger\tfailure: no\nx\\x1b[31m\\ny\t-\n"


def test_on_a_terminal_it_is_aligned_with_one_blank_and_only_states_have_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table(HEADERS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "NAME         STATE",
        f"a            {GREEN}success{PLAIN}",
        f"longer       {RED}failure{PLAIN}: no",
        "x\\x1b[31m\\ny -",
    ]


def test_a_long_table_has_its_headers_on_each_page_and_does_not_wait_for_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    def rows() -> Iterator[tuple[str, str]]:
        yield from [("a", "-")] * 49
        pages.append(capsys.readouterr().out)
        yield from [("longer", "-"), ("b", "-")]

    pages: list[str] = []
    print_table(HEADERS, rows())
    assert pages == ["NAME STATE\n" + "a    -\n" * 49]
    assert capsys.readouterr().out == "NAME   STATE\nlonger -\nb      -\n"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("running", f"{YELLOW}running{PLAIN}"),
        ("unrunnable: no", f"{RED}unrunnable{PLAIN}: no"),
        ("skipped", f"{YELLOW}skipped{PLAIN}"),
        ("running / running", f"{GREEN}running{PLAIN} / {YELLOW}running{PLAIN}"),
        ("crashing / -", f"{RED}crashing{PLAIN} / -"),
        ("failure: a / b", f"{RED}failure{PLAIN}: a / b"),
        ("-", "-"),
    ],
)
def test_states_have_pachyderms_colours(cell: str, shown: str) -> None:
    assert paint(cell) == shown


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
        (47.6 * 3600, "2 days"),
        (3 * 86400, "3 days"),
        (30 * 86400, "4 weeks"),
        (400 * 86400, "13 months"),
        (800 * 86400, "2 years"),
    ],
)
def test_spans_of_time_are_told_in_one_unit(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_bars_are_blocks_in_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table(("ID", "PROGRESS"), [("a", "▇·✗")])
    row = capsys.readouterr().out.splitlines()[1]
    assert row == "a  \x1b[32m▇\x1b[0m\x1b[33m▇\x1b[0m\x1b[31m▇\x1b[0m"


def test_moments_are_told_from_now_or_in_full() -> None:
    stamp = google.Timestamp(seconds=1_700_000_000)
    assert moment(stamp, now=1_700_000_180.0) == "3 minutes ago"
    assert moment(stamp, full=True) == "2023-11-14T22:13:20Z"
    assert moment(google.Timestamp()) == "-"


def test_text_is_shown_and_never_obeyed() -> None:
    assert printable("plain ü ✓") == "plain ü ✓"
    assert paragraph("bad\nworse\x1b") == "bad\n    worse\\x1b"
    assert printable("a\x1b]0;evil\x07\u202eb") == "a\\x1b]0;evil\\x07\\u202eb"
    assert shorten("one\n two   three", 11) == "one two ..."


def test_tables_show_the_first_25_characters_of_a_reason() -> None:
    assert first_of("datum 1ab1604d9f642752b448e2c0bb8d5cce failed", 25) == "datum 1ab1604d9f642752b44..."
    assert first_of("just twenty-five letters.", 25) == "just twenty-five letters."


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
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert ("\x1b[" in offline(*flags, "list", "repo").err) is coloured


def test_a_table_is_coloured_unless_it_should_not_be(
    pachctl: Any, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    pachctl("create", "repo", "in")
    answer("x")
    pachctl("put", "file", "in@master:/a")
    table = ["diff", "file", "in@master:/", "--name-only"]
    assert f"{GREEN}+{PLAIN}" in pachctl(*table).out
    assert "+  1B      /a\n" in pachctl(*table, "--no-color").out
