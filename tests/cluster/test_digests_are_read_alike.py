"""`images/digests.lock` has two readers, in environments that share nothing: both take the same lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks.digests import digests
from checks.rendering import LOCK, OURS

from driver.checkout import StepFailedError
from driver.rendering import read_digests

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("lines", "good"),
    [
        ("", True),
        ("# a comment\n\ncalf/split sha256:" + "b" * 64 + "  # why\n", True),
        (f"  calf/split\t{DIGEST}\r\n", True),
        (f"calf/split {DIGEST} more\n", False),
        ("calf/split\n", False),
        (f"{DIGEST}\n", False),
        (f"calf/split {DIGEST[:-1]}\n", False),
        (f"calf/split {DIGEST.upper()}\n", False),
        (f"calf/split {DIGEST}\ncalf/split {DIGEST}\n", False),
        (f"{OURS} {DIGEST}\n", False),
    ],
)
def test_a_line_is_good_for_both_or_for_neither(lines: str, good: bool, tmp_path: Path) -> None:
    lock = tmp_path / LOCK
    lock.parent.mkdir()
    lock.write_text(f"{OURS} {DIGEST}\n{lines}")
    assert [str(finding) for finding in digests(tmp_path)] == [] or not good
    assert list(digests(tmp_path)) or good
    try:
        read_digests(lock)
    except StepFailedError:
        assert not good
    else:
        assert good
