"""What opening a store makes good, and what it reports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calf.kit.errors import IntegrityError
from calf.storage.store import Store


def fill(root: Path, *values: bytes) -> list[bytes]:
    """One pack a value."""
    store = Store.open(root)
    ids = []
    for value in values:
        with store.writer() as writer:
            ids.append(writer.put(value))
            writer.seal()
    store.close()
    return ids


def opened(root: Path, look: Callable[[Store], None]) -> None:
    store = Store.open(root)
    look(store)
    store.close()


def test_drafts_of_a_crash_are_swept(tmp_path: Path) -> None:
    fill(tmp_path, b"x")
    (tmp_path / "packs/7.draft").write_bytes(b"half")
    opened(tmp_path, lambda store: None)
    assert [path.suffix for path in (tmp_path / "packs").iterdir()] == [".pack"]


@pytest.mark.parametrize("damage", ["gone", "foreign", "other version", "torn"])
def test_a_lost_index_is_rebuilt_from_the_packs(tmp_path: Path, damage: str) -> None:
    ids = fill(tmp_path, b"one", b"two")
    index = tmp_path / "packs.sqlite"
    if damage == "gone":
        index.unlink()
    elif damage == "foreign":
        index.write_bytes(b"this is not a database, but long enough to be taken for one" * 50)
    elif damage == "other version":
        raw = bytearray(index.read_bytes())
        raw[60:64] = (99).to_bytes(4, "big")
        index.write_bytes(raw)
    else:
        index.write_bytes(index.read_bytes()[:4096])
    opened(tmp_path, lambda store: check(store.get(ids[0]) + store.get(ids[1]) == b"onetwo"))


def test_packs_that_a_crash_kept_from_the_index_are_found(tmp_path: Path) -> None:
    elsewhere = fill(tmp_path / "other", b"late")
    fill(tmp_path, b"early")
    for pack in (tmp_path / "other/packs").iterdir():
        pack.rename(tmp_path / "packs" / pack.name)
    opened(tmp_path, lambda store: check(store.get(elsewhere[0]) == b"late"))


def test_an_object_of_a_lost_pack_is_found_in_another_that_has_it(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with store.writer() as one, store.writer() as two:
        shared = one.put(b"shared")
        two.put(b"shared")
        two.put(b"more")
        one.seal()
        first = {path.name for path in (tmp_path / "packs").glob("*.pack")}
        two.seal()
    store.close()
    for name in first:
        (tmp_path / "packs" / name).unlink()
    opened(tmp_path, lambda store: check(store.get(shared) == b"shared"))


def test_a_pack_without_its_end_is_reported_and_left_alone(tmp_path: Path) -> None:
    ids = fill(tmp_path, b"one", b"two")
    [broken, _] = sorted((tmp_path / "packs").iterdir())
    broken.write_bytes(broken.read_bytes()[:-9])
    (tmp_path / "packs.sqlite").unlink()

    def look(store: Store) -> None:
        assert store.damaged_packs == {broken.name: "its footer is damaged"}
        assert sorted(store.has(oid) for oid in ids) == [False, True]

    opened(tmp_path, look)
    assert broken.exists()


def test_each_flipped_byte_of_a_blob_is_noticed(tmp_path: Path) -> None:
    [text, raw] = fill(tmp_path, b"compressible " * 100, b"0123456789")
    store = Store.open(tmp_path)
    for pack in (tmp_path / "packs").iterdir():
        good = pack.read_bytes()
        for place in range(8, 18):
            pack.write_bytes(good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :])
            with pytest.raises(IntegrityError, match="cannot be read"):
                b"".join(map(store.get, (text, raw)))
        pack.write_bytes(good)
    assert store.get(raw) == b"0123456789"
    store.close()


def test_a_pack_that_vanishes_while_in_use_is_named(tmp_path: Path) -> None:
    [oid] = fill(tmp_path, b"x")
    store = Store.open(tmp_path)
    [pack] = (tmp_path / "packs").iterdir()
    pack.unlink()
    with pytest.raises(IntegrityError, match=f"its pack {pack.stem} is gone"):
        store.get(oid)
    store.close()


def test_what_was_sealed_survives_kill_9_and_the_rest_is_swept(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from calf.storage.store import Store\n"
        "store = Store.open(Path(sys.argv[1])); one, two = store.writer(), store.writer()\n"
        "one.put(b'sealed'); one.seal(); two.put(bytes(3_000_000)); two.put(b'x' * 2_000_000)\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -9
    assert list(tmp_path.glob("packs/*.draft"))
    opened(tmp_path, lambda store: check([store.get(oid) for oid in store.objects()] == [b"sealed"]))
    assert not list(tmp_path.glob("packs/*.draft"))


def check(truth: bool) -> None:
    assert truth
