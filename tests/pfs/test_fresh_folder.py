"""What tests copy instead of making it is what the product makes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.fresh_folder import lay, make
from tests.pfs.world import World


def _rows(file: Path) -> list[str]:
    with sqlite3.connect(file) as database:
        pragmas = ("user_version", "journal_mode", "page_size", "auto_vacuum", "application_id", "encoding")
        told = [f"{name} {database.execute(f'PRAGMA {name}').fetchone()}" for name in pragmas]
        told += database.iterdump()
    database.close()
    return told


def _tree(root: Path) -> list[str]:
    return sorted(f"{path.relative_to(root)} {path.stat().st_mode:o}" for path in root.rglob("*"))


def test_a_copied_folder_is_as_a_made_one(tmp_path: Path) -> None:
    made, copied = tmp_path / "made", tmp_path / "copied"
    make(made)
    lay(copied)
    World.open(made).pfs.close()
    World.open(copied).pfs.close()

    assert _tree(copied) == _tree(made)
    for name in ("metadata.sqlite", "storage/packs.sqlite"):
        assert _rows(copied / name) == _rows(made / name), name


def test_a_folder_with_data_is_left_alone(tmp_path: Path) -> None:
    world = World.open(tmp_path)
    world.repo("data")
    world.pfs.close()

    lay(tmp_path)

    again = World.open(tmp_path)
    with pytest.raises(Exception, match="already exists"):
        again.repo("data")
    again.pfs.close()
