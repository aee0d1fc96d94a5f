"""The location index has no checksums: nothing that it says is believed; the packs are the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from calf.model.errors import IntegrityError
from calf.storage.store import Store


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store of some objects, of which one is compressed."""
    with closing(Store.open(tmp_path)) as store, store.writer() as writer:
        writer.put_all([b"one", b"two", b"3" * 3000])
        writer.seal()
    return tmp_path


def spoil(root: Path, *statements: str) -> None:
    """Change rows as a flipped bit does, whatever their types are declared to be."""
    with closing(sqlite3.connect(root / "packs.sqlite", isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT, ', '')")
        db.execute("UPDATE sqlite_master SET sql = replace(replace(sql, ' STRICT', ''), 'NOT NULL', '')")
        db.execute("PRAGMA writable_schema = RESET")
        for statement in statements:
            db.execute(statement)


def unreadable(root: Path) -> Sequence[str]:
    """What is said of each object that cannot be read, alone or with others; its size is right or untold."""
    found = []
    with closing(Store.open(root)) as store:
        for object_id in store.objects():
            with suppress(IntegrityError):
                assert store.size_of(object_id) in {3, 3000}
            try:
                store.get(object_id)
            except IntegrityError as error:
                found.append(error.message)
                with pytest.raises(IntegrityError):
                    store.get_all([object_id])
    return found


@pytest.mark.parametrize(
    "change",
    [
        '"offset" = -5',
        '"offset" = 1 << 60',
        "stored = 1 << 60",
        "stored = -1",
        "size = size + 1",
        "pack = 77",
    ],
)
def test_a_place_that_is_none_is_damage(root: Path, change: str) -> None:
    assert unreadable(root) == []
    spoil(root, f"UPDATE objects SET {change}")
    assert len(unreadable(root)) == 3


def test_a_row_of_other_types_is_damage(root: Path) -> None:
    spoil(root, "UPDATE objects SET stored = NULL")
    assert all("damaged" in reason for reason in unreadable(root))


@pytest.mark.parametrize("name", ["NULL", "x'00'"])
def test_packs_without_names_have_it_begun_anew(root: Path, name: str) -> None:
    spoil(root, f"UPDATE packs SET name = {name}")
    assert unreadable(root) == []


def test_ids_that_are_none_are_told(root: Path) -> None:
    spoil(root, "UPDATE objects SET id = 7 WHERE stored = 3 AND id = (SELECT min(id) FROM objects)")
    spoil(root, "UPDATE objects SET id = x'00' WHERE id = (SELECT max(id) FROM objects)")
    with closing(Store.open(root)) as store, pytest.raises(IntegrityError, match="out of order"):
        list(store.objects())


def test_a_schema_that_is_no_text_has_it_begun_anew(root: Path) -> None:
    (root / "packs.sqlite").write_bytes((root / "packs.sqlite").read_bytes().replace(b"CREATE", b"CR\xd4ATE"))
    assert unreadable(root) == []
