from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

from calf.kit.logs import LineFormatter, OneAMinute, seldom


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


def test_events_that_come_often_are_logged_once_a_minute() -> None:
    once = OneAMinute()

    def passes(kind: str, at: float) -> bool:
        record = logging.makeLogRecord({"created": at, **(seldom(kind) if kind else {})})
        return bool(once.filter(record))

    assert [passes("no-space", at) for at in (1000.0, 1059.0, 1060.0, 1119.0, 900.0)] == [1, 0, 1, 0, 1]
    assert passes("disk", 900.0)
    assert passes("", 900.0)
    assert passes("", 900.0)


MANY = """
import logging, sys
from calf.kit.logs import log_to_own_file
log_to_own_file(__import__("pathlib").Path(sys.argv[1]), largest=4000)
for number in range(200):
    logging.info("event %d", number)
print("last words", file=sys.stderr)
"""


def test_a_full_log_begins_anew_and_takes_standard_error_along(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("ab") as output:
        subprocess.run([sys.executable, "-c", MANY, str(log)], check=True, stdout=output, stderr=output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.log", "server.log.1"]
    assert all(path.stat().st_size <= 4100 for path in tmp_path.iterdir())
    *_, event, words = log.read_text().splitlines()
    assert (event.split()[-1], words) == ("199", "last words")
