from __future__ import annotations

from pathlib import Path

from tests.storage.small_disk import run_on_small_disk


def test_wherever_the_disk_ends_nothing_half_written_is_visible(tmp_path: Path) -> None:
    run_on_small_disk(tmp_path / "disk", 4, Path(__file__).with_name("fill_disk.py"))


def test_a_full_disk_costs_lines_of_logs_and_says_how_many(tmp_path: Path) -> None:
    run_on_small_disk(tmp_path / "disk", 1, Path(__file__).with_name("fill_logs.py"))
