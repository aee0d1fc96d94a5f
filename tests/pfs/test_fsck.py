"""Each invariant is broken once, behind the engine's back, and its own check must see it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calf.model.content import Content, Entry
from calf.model.refs import Commit
from calf.pfs import commits, fsck
from calf.pfs.fsck.contents import objects_are_whole
from calf.pfs.fsck.violations import (
    BranchChanged,
    CommitChanged,
    ContentMissing,
    FileShared,
    HeadStray,
    MetadataDamaged,
    ObjectDamaged,
    ObjectSwept,
    PackDamaged,
    ParentBroken,
    ProvenanceBroken,
    TreeMissing,
)
from calf.storage import trees
from calf.storage.trees import PutEntry
from tests.pfs.world import World, at


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[World]:
    """Two repos, one made from the other, with files; nobody checks it at the end."""
    made = World.open(tmp_path / "home")
    made.repo("in", "out")
    made.branch("out@master", provenance="in@master")
    made.finish("out@master")
    made.commit("in@master", "/a", "/b")
    made.finish("out@master")
    assert made.fsck() == []
    yield made
    made.pfs.close()


def edit(world: World, *statements: str) -> None:
    """Change rows as a stranger with an SQLite shell would, past triggers and foreign keys."""
    with world.pfs.read() as tx:
        path: str = tx.value("SELECT file FROM pragma_database_list")
    connection = sqlite3.connect(path)
    (guard,) = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE name = 'commits_never_change'"
    ).fetchone()
    connection.execute("DROP TRIGGER commits_never_change")
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    connection.execute(guard)
    connection.commit()
    connection.close()


def found(world: World, verify: bool = False) -> list[fsck.Violation]:
    return list(fsck.run(world.pfs, fsck.checks(world.pfs, verify)))


def row_id(world: World, commit: Commit) -> int:
    with world.pfs.read() as tx:
        number: int = tx.value(
            "SELECT c.id FROM commits c JOIN repos r ON r.id = c.repo WHERE c.set_id = ? AND r.name = ?",
            (commit.id, commit.repo.name),
        )
    return number


def lost_tree(world: World) -> type[fsck.Violation]:
    edit(world, "UPDATE commits SET root = x'00' WHERE root IS NOT NULL")
    return TreeMissing


def changed_error(world: World) -> type[fsck.Violation]:
    edit(
        world, f"UPDATE commits SET error = 'not really' WHERE id = {row_id(world, world.head('in@master'))}"
    )
    return CommitChanged


def lost_edge(world: World) -> type[fsck.Violation]:
    edit(world, f"DELETE FROM commit_provenance WHERE downstream = {row_id(world, world.head('out@master'))}")
    return CommitChanged


def changed_branch(world: World) -> type[fsck.Violation]:
    edit(world, "UPDATE branches SET created = created + 1 WHERE name = 'master'")
    return BranchChanged


def lost_branch_edge(world: World) -> type[fsck.Violation]:
    edit(world, "DELETE FROM branch_provenance")
    return BranchChanged


def moved_head(world: World) -> type[fsck.Violation]:
    older = row_id(world, world.log("in")[-1])
    edit(world, f"UPDATE branches SET head = {older} WHERE head = {row_id(world, world.head('in@master'))}")
    return HeadStray


def foreign_head(world: World) -> type[fsck.Violation]:
    other = row_id(world, world.head("in@master"))
    edit(world, f"UPDATE branches SET head = {other} WHERE head = {row_id(world, world.head('out@master'))}")
    return HeadStray


def lost_head(world: World) -> type[fsck.Violation]:
    edit(world, f"UPDATE branches SET head = NULL WHERE head = {row_id(world, world.head('in@master'))}")
    return HeadStray


def cyclic_branches(world: World) -> type[fsck.Violation]:
    edit(
        world,
        "INSERT INTO branch_provenance (branch, position, upstream)"
        " SELECT upstream, 0, branch FROM branch_provenance",
    )
    return ProvenanceBroken


def provenance_from_the_future(world: World) -> type[fsck.Violation]:
    early, late = (row_id(world, world.head(name)) for name in ("in@master", "out@master"))
    edit(world, f"INSERT INTO commit_provenance (downstream, upstream, branch) VALUES ({early}, {late}, 'x')")
    return ProvenanceBroken


def head_of_old_inputs(world: World) -> type[fsck.Violation]:
    older = row_id(world, world.log("in")[-1])
    edit(
        world,
        f"UPDATE commit_provenance SET upstream = {older}"
        f" WHERE downstream = {row_id(world, world.head('out@master'))}",
    )
    return ProvenanceBroken


def parent_elsewhere(world: World) -> type[fsck.Violation]:
    other = row_id(world, world.log("in")[-1])
    edit(world, f"UPDATE commits SET parent = {other} WHERE id = {row_id(world, world.head('out@master'))}")
    return ParentBroken


def dangling_reference(world: World) -> type[fsck.Violation]:
    edit(world, "UPDATE commits SET parent = 12345 WHERE parent IS NOT NULL")
    return MetadataDamaged


def shared_file(world: World) -> type[fsck.Violation]:
    with world.pfs.store.writer() as writer:
        changes = [PutEntry(Entry("/a", tag, writer.content(tag.encode()))) for tag in ("d1", "d2")]
        root = trees.apply(writer.get, writer.put, None, changes)
        writer.seal()
    assert root is not None
    edit(
        world,
        f"UPDATE commits SET root = x'{root.hex()}' WHERE id = {row_id(world, world.head('in@master'))}",
    )
    return FileShared


def lost_writes(world: World) -> type[fsck.Violation]:
    world.write(world.start("in@master"), "/c")
    edit(world, "UPDATE commits SET root = x'00' WHERE finished = 0 AND written")
    return ObjectSwept


@pytest.mark.parametrize(
    "damage",
    [
        lost_tree,
        changed_error,
        lost_edge,
        changed_branch,
        lost_branch_edge,
        moved_head,
        foreign_head,
        lost_head,
        cyclic_branches,
        provenance_from_the_future,
        head_of_old_inputs,
        parent_elsewhere,
        dangling_reference,
        shared_file,
        lost_writes,
    ],
)
def test_damaged_rows_are_found_by_the_check_for_them(
    broken: World, damage: Callable[[World], type[fsck.Violation]]
) -> None:
    expected = damage(broken)
    kinds = {type(violation) for violation in found(broken)}
    assert expected in kinds
    assert kinds <= {expected, CommitChanged, BranchChanged, ProvenanceBroken}
    for violation in found(broken):
        assert str(violation).startswith("consistency error: ")


def packs(tmp_path: Path) -> set[Path]:
    return set((tmp_path / "home" / "storage" / "packs").glob("*.pack"))


def store_alone(world: World, tmp_path: Path, data: bytes) -> tuple[Content, Path]:
    """Some content, and the pack that holds it and nothing else."""
    before = packs(tmp_path)
    with world.pfs.store.writer() as writer:
        content = writer.content(data)
        writer.seal()
    (pack,) = packs(tmp_path) - before
    return content, pack


def commit_content(world: World, content: Content) -> None:
    with world.pfs.store.writer() as writer:
        root = trees.apply(writer.get, writer.put, None, [PutEntry(Entry("/c", "default", content))])
        writer.seal()
    with world.pfs.transaction() as txn:
        commit = commits.start(txn, at("in@other"))
        commits.set_root(txn, commit, root)
        commits.finish(txn, commit)


def test_a_flipped_bit_is_found_when_everything_is_read(broken: World, tmp_path: Path) -> None:
    content, pack = store_alone(broken, tmp_path, b"0123456789")
    stored = pack.read_bytes()
    assert b"0123456789" in stored
    pack.write_bytes(stored.replace(b"0123456789", b"0123456788"))
    assert found(broken) == []
    (violation,) = found(broken, verify=True)
    assert isinstance(violation, ObjectDamaged)
    assert violation.object_id == content.chunks[0]


def test_lost_content_is_found_without_reading_everything(broken: World, tmp_path: Path) -> None:
    content, pack = store_alone(broken, tmp_path, b"soon gone")
    commit_content(broken, content)
    broken.pfs.close()
    pack.unlink()
    again = World.open(tmp_path / "home")
    (violation,) = found(again)
    assert isinstance(violation, ContentMissing)
    assert violation.object_id == content.chunks[0]
    assert str(violation).endswith(f"of default/in@{again.head('in@other').id}:/c is not stored")
    again.pfs.close()


@pytest.mark.parametrize("damage", ["flipped", "swapped", "truncated"])
def test_what_is_damaged_is_named_with_the_files_that_it_hurts(
    broken: World, tmp_path: Path, damage: str
) -> None:
    content, pack = store_alone(broken, tmp_path, b"0123456789")
    commit_content(broken, content)
    _, other = store_alone(broken, tmp_path, b"abcdefghij")
    stored = pack.read_bytes()
    changed = {
        "flipped": stored.replace(b"0123456789", b"0123456788"),
        "swapped": other.read_bytes(),
        "truncated": stored[:9],
    }
    pack.write_bytes(changed[damage])
    *whole_packs, violation = found(broken, verify=True)
    assert [str(each) for each in whole_packs if pack.name not in str(each)] == []
    assert isinstance(violation, ObjectDamaged)
    assert violation.hurts == (f"default/in@{broken.head('in@other').id}:/c",)
    assert "it hurts default/in@" in str(violation)


def test_every_flipped_byte_of_a_pack_is_found(broken: World, tmp_path: Path) -> None:
    _, pack = store_alone(broken, tmp_path, b"0123456789")
    stored = bytearray(pack.read_bytes())
    with broken.pfs.read() as tx:
        for place in range(len(stored)):
            stored[place] ^= 4
            pack.write_bytes(stored)
            (violation,) = objects_are_whole(broken.pfs.store, tx)
            assert isinstance(violation, ObjectDamaged | PackDamaged), place
            stored[place] ^= 4
        pack.write_bytes(stored)
        assert list(objects_are_whole(broken.pfs.store, tx)) == []


def test_a_lost_page_is_named_with_its_folder(broken: World, tmp_path: Path) -> None:
    before = packs(tmp_path)
    broken.commit("in@other", "/d/e", "/d/f")
    (pack,) = packs(tmp_path) - before
    pack.write_bytes(pack.read_bytes()[:8])
    (violation, *_) = found(broken)
    assert isinstance(violation, TreeMissing)
    assert "of folder /, is lost" in str(violation)


def test_a_pack_that_cannot_be_read_is_named(broken: World, tmp_path: Path) -> None:
    _, pack = store_alone(broken, tmp_path, b"not in any commit")
    broken.pfs.close()
    pack.write_bytes(pack.read_bytes()[:-8])
    for index in (tmp_path / "home" / "storage").glob("packs.sqlite*"):
        index.unlink()
    again = World.open(tmp_path / "home")
    assert found(again) == []
    (violation,) = found(again, verify=True)
    assert isinstance(violation, PackDamaged)
    assert violation.name == pack.name
    again.pfs.close()


def test_a_text_that_is_none_is_damage_and_no_mistake_of_ours(broken: World) -> None:
    edit(broken, "UPDATE branches SET name = CAST(x'ff' AS TEXT) WHERE id = 1")
    assert any(isinstance(each, MetadataDamaged) and "no sense" in each.detail for each in found(broken))


def test_a_damaged_name_in_the_schema_is_damage_and_no_mistake_of_ours(broken: World) -> None:
    edit(broken, "ALTER TABLE runs RENAME COLUMN output TO oetput")
    assert any("the schema was changed" in str(each) for each in found(broken))


def everything(home: Path) -> dict[str, tuple[int, int, bytes]]:
    """Each file with its mode, time of change and bytes; of SQLite's shared memory, where its readers count,
    only that it is there.
    """
    return {
        str(path): (0, 0, b"")
        if path.name.endswith("-shm")
        else (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in home.rglob("*")
    }


@pytest.mark.parametrize("damage", [None, lost_tree, moved_head, dangling_reference])
def test_a_check_changes_nothing(
    broken: World, tmp_path: Path, damage: Callable[[World], type[fsck.Violation]] | None
) -> None:
    _, pack = store_alone(broken, tmp_path, b"0123456789")
    if damage is not None:
        damage(broken)
        pack.write_bytes(pack.read_bytes()[:-9])
    before = everything(tmp_path / "home")
    assert bool(found(broken, verify=True)) is (damage is not None)
    assert everything(tmp_path / "home") == before
