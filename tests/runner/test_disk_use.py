"""What a stage has taken of the disk, looked up in folders that change under our eyes."""

from __future__ import annotations

from pathlib import Path

from calf.runner.disk_use import used_below, used_by_nameless


def test_what_is_gone_takes_nothing(tmp_path: Path) -> None:
    """As when a datum ends while somebody looks."""
    assert used_below(tmp_path / "out") == 0
    assert used_below(tmp_path / "work" / "out") == 0
    assert used_by_nameless(tmp_path / "out") == 0
