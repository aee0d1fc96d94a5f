from __future__ import annotations

from typing import Any

import pytest

from calf.kit import exit_codes
from calf.model.errors import Category


def test_every_category_has_a_code_and_every_code_a_meaning() -> None:
    assert set(exit_codes.BY_CATEGORY) == set(Category)
    assert set(exit_codes.BY_CATEGORY.values()) <= set(exit_codes.MEANING)


def test_codes_are_never_reused() -> None:
    named = [value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)]
    assert len(named) == len(set(named)) == len(exit_codes.MEANING)


def test_no_server_exits_with_twelve_and_a_hint(offline: Any) -> None:
    ended = offline("list", "repo")
    assert ended.code == 12
    assert ended.out == ""
    assert ended.err.startswith("error: no server answers at 127.0.0.1:1\nhint: ")
    assert "calf up" in ended.err


def test_an_unexpected_failure_is_one_line_and_with_v_a_traceback(
    offline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("calf.client.config.choose_address", broken)
    ended = offline("list", "repo")
    assert (ended.code, ended.err) == (
        1,
        "error: unexpected ZeroDivisionError: boom\nhint: run it with -v for the traceback\n",
    )
    assert "Traceback" in offline("-v", "list", "repo").err


def test_interrupting_exits_with_130(offline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("calf.client.config.choose_address", interrupted)
    assert offline("list", "repo").code == 130
