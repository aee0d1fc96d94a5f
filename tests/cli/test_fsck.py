"""`pachctl fsck` on a damaged folder: what is wrong, how much of which kind, and what helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Pachctl


def test_findings_are_counted_with_what_helps_and_the_lines_stay_alone_on_standard_output(
    pachctl: Pachctl, answer: Callable[[str], None], tmp_path: Path
) -> None:
    pachctl("create", "repo", "data")
    for number in range(3):
        answer(f"the text {number} " * 400)
        pachctl("put", "file", f"data@master:/{number}")
    ended = pachctl("fsck", "--verify")
    assert (ended.out, ended.err) == ("", "")
    for pack in (tmp_path / "home" / "storage" / "packs").glob("*.pack"):
        content = bytearray(pack.read_bytes())
        content[20] ^= 1
        pack.write_bytes(content)
    ended = pachctl("fsck", "--verify", code=90)
    lines = ended.out.splitlines()
    assert len(lines) >= 3
    assert all(line.startswith("consistency error: ") for line in lines)
    total, cure = ended.err.splitlines()
    assert total == f"{len(lines)} findings: {len(lines)} of stored data"
    assert cure.startswith(
        "hint: stored data: after `calf down`, `calf repair --from BACKUP` takes good copies"
    )
