from __future__ import annotations

import logging
import re

from calf.kit.logs import LineFormatter


def shown(message: str, error: BaseException | None = None) -> str:
    info = (type(error), error, None) if error else None
    return LineFormatter().format(logging.LogRecord("calf.rpc", logging.ERROR, "f", 1, message, None, info))


def test_an_event_is_one_line_in_utc() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ERROR calf\.rpc what", shown("what"))


def test_what_belongs_to_an_event_is_indented() -> None:
    lines = shown("two\nlines", ValueError("no")).splitlines()
    assert lines[0].endswith("two")
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[-1].strip() == "ValueError: no"
