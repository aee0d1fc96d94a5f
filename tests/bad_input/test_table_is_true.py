"""The table in README.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_test_of_the_table_exists_and_every_file_here_is_in_it() -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", (HERE / "README.md").read_text())
    missing = [
        f"{path}::{test}" for path, test in named if f"\ndef {test}(" not in (HERE.parent / path).read_text()
    ]
    assert missing == []
    here = {f"bad_input/{path.name}" for path in HERE.glob("test_*.py")} - {
        f"bad_input/{Path(__file__).name}"
    }
    assert here <= {path for path, _ in named}
