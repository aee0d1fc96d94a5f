"""`calf repair`: whatever happened to packs and index, a good copy elsewhere heals it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from calf.daemon.main import main
from calf.kit import exit_codes
from calf.kit.cancel import CancelToken
from calf.model.refs import DEFAULT_PROJECT, Branch, CommitRef, Repo
from calf.pfs import backups, branches, files, fsck, repos
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile
from calf.pfs.fsck.contents import damaged_objects
from calf.storage.mending import good_copies
from calf.storage.pack_writer import PackDraft
from tests.fresh_folder import lay

REPO = Repo(DEFAULT_PROJECT, "data")
FILES = {f"/d{number}/f": bytes([number + 65]) * 5000 + b"%d" % number for number in range(4)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Some files in a commit each, and a backup of it."""
    root = lay(tmp_path / "home")
    made = Pfs.open(root)
    with made.transaction() as txn:
        repos.create(txn, REPO)
        branches.create(txn, Branch(REPO, "master"))
    for path, data in FILES.items():
        files.modify(made, CommitRef(REPO, "master"), [AddFile(path, [data])], CancelToken())
    made.close()
    backups.back_up(root, tmp_path / "backup", 0.0)
    return root


def packs(home: Path) -> list[Path]:
    return sorted((home / "storage" / "packs").glob("*.pack"))


def flip(home: Path) -> None:
    for pack in packs(home):
        data = bytearray(pack.read_bytes())
        data[20] ^= 1
        pack.write_bytes(data)


def truncate(home: Path) -> None:
    for pack in packs(home):
        pack.write_bytes(pack.read_bytes()[:30])


def delete(home: Path) -> None:
    for pack in packs(home):
        pack.unlink()


def swap(home: Path) -> None:
    first, second, *_ = packs(home)
    first_bytes, second_bytes = first.read_bytes(), second.read_bytes()
    first.write_bytes(second_bytes)
    second.write_bytes(first_bytes)


def replace(home: Path) -> None:
    packs(home)[0].write_bytes(bytes(3000))


def forge_index(home: Path) -> None:
    index = home / "storage" / "packs.sqlite"
    index.write_bytes(bytes(index.stat().st_size))


@pytest.mark.parametrize("damage", [flip, truncate, delete, swap, replace, forge_index])
def test_a_backup_heals_what_was_damaged(
    home: Path, tmp_path: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    damage(home)
    repair = ["repair", "--home", str(home), "--from", str(tmp_path / "backup")]
    assert main(repair) == exit_codes.OK, capsys.readouterr()
    made = Pfs.open(home)
    assert [str(each) for each in fsck.run(made, fsck.checks(made, verify=True))] == []
    for path, data in FILES.items():
        assert b"".join(files.get(made, CommitRef(REPO, "master"), path, CancelToken())) == data
    made.close()
    capsys.readouterr()
    assert main(repair) == exit_codes.OK
    said = capsys.readouterr().out
    assert said.startswith("no object is damaged, none is missing\n")
    assert "jobs, statements and images were not looked at: `pachctl fsck` does" in said
    aside = list((home / "storage" / "damaged").glob("*"))
    assert (f"{home / 'storage/damaged'} any more: remove the folder for " in said) == bool(aside)


def test_packs_with_damaged_ends_heal_from_what_is_in_them(home: Path) -> None:
    for number, pack in enumerate(packs(home)):
        data = bytearray(pack.read_bytes())
        data[0 if number % 2 else -1] ^= 1
        pack.write_bytes(data)
    assert main(["repair", "--home", str(home)]) == exit_codes.OK
    made = Pfs.open(home)
    assert [str(each) for each in fsck.run(made, fsck.checks(made, verify=True))] == []
    made.close()
    assert len(list((home / "storage" / "damaged").iterdir())) > 0


def test_a_repair_that_was_cut_off_is_finished_by_the_next(home: Path, tmp_path: Path) -> None:
    """What was lost lies in another pack already, from which it is read if that one's name comes first."""
    flip(home)
    made = Pfs.open(home)
    lost = {oid for oid, _ in damaged_objects(made.store)}
    made.close()
    draft = PackDraft(home / "storage" / "packs" / "1.draft")
    for oid, data in good_copies([tmp_path / "backup" / "storage" / "packs"], lost):
        draft.add(oid, data)
    draft.finish()
    draft.publish(home / "storage" / "packs")
    assert draft.name.hex() < packs(home)[-1].stem
    assert main(["repair", "--home", str(home), "--from", str(tmp_path / "backup")]) == exit_codes.OK
    made = Pfs.open(home)
    assert [str(each) for each in fsck.run(made, fsck.checks(made, verify=True))] == []
    made.close()


def test_what_cannot_be_healed_is_named_and_heals_when_a_copy_is_found(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(home)
    before = {pack.name: pack.read_bytes() for pack in packs(home)}
    assert main(["repair", "--home", str(home)]) == exit_codes.INTEGRITY
    told = capsys.readouterr()
    assert "4 objects damaged, 0 missing: 0 healed" in told.out
    assert "/d3/f is not stored" in told.out
    assert "4 objects still lacking" in told.out
    assert " of stored data\nhint: stored data: after `calf down`, `calf repair --from" in told.err
    assert f"hint: keep {home / 'storage/damaged'}: " in told.err
    aside = {path.name: path.read_bytes() for path in (home / "storage" / "damaged").iterdir()}
    assert aside == before
    assert main(["repair", "--home", str(home), "--from", str(tmp_path / "backup")]) == exit_codes.OK
    assert "0 objects damaged, 4 missing: 4 healed" in capsys.readouterr().out


def test_damaged_copies_heal_nothing(home: Path, tmp_path: Path) -> None:
    flip(home)
    flip(tmp_path / "backup")
    good = lay(tmp_path / "empty")
    sources = ["--from", str(tmp_path / "backup"), "--from", str(good)]
    assert main(["repair", "--home", str(home), *sources]) == exit_codes.INTEGRITY
    assert main(["repair", "--home", str(home), "--from", str(tmp_path)]) == exit_codes.USAGE


def test_damaged_records_are_told_with_what_gives_them_back(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(home / "metadata.sqlite")) as metadata, metadata:
        metadata.execute("UPDATE branches SET created = created + 1")
    assert main(["repair", "--home", str(home)]) == exit_codes.INTEGRITY
    told = capsys.readouterr()
    assert "no object is damaged, none is missing" in told.out
    assert "1 finding: 1 of records" in told.err
    assert "`calf restore BACKUP --home NEW`" in told.err
