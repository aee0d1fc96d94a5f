from __future__ import annotations

from pathlib import Path

from tests.storage.small_disk import run_on_small_disk


def test_a_put_that_fills_the_disk_changes_nothing_and_later_ones_work(tmp_path: Path) -> None:
    run_on_small_disk(tmp_path / "disk", 8, Path(__file__).with_name("fill_disk.py"))
