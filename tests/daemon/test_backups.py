"""`calf backup`, made beside a server that writes, `calf restore`, and folders that earlier versions left."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from calf.daemon.main import main
from calf.kit import exit_codes
from calf.kit.cancel import CancelToken
from calf.kit.errors import NoSpace
from calf.model.refs import DEFAULT_PROJECT, Branch, CommitRef, Repo
from calf.pfs import backups, branches, commits, files, fsck, repos
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile
from calf.storage.copying import copy_file
from tests.fresh_folder import lay

REPO = Repo(DEFAULT_PROJECT, "data")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = lay(tmp_path / "home")
    made = Pfs.open(root)
    with made.transaction() as txn:
        repos.create(txn, REPO)
        branches.create(txn, Branch(REPO, "master"))
    for number in range(3):
        put(made, number)
    made.close()
    return root


def put(made: Pfs, number: int) -> None:
    ops = [AddFile(f"/{number}", [b"%d" % number * 3000])]
    files.modify(made, CommitRef(REPO, "master"), ops, CancelToken())


def grow(home: Path, number: int) -> None:
    made = Pfs.open(home)
    put(made, number)
    made.close()


def contents(home: Path) -> dict[str, object]:
    """Every commit with its tree, as long as its checks find nothing."""
    made = Pfs.open(home)
    assert list(fsck.run(made, fsck.checks(made, verify=True))) == []
    with made.read() as tx:
        found: dict[str, object] = {
            info.commit.id: (commits.root(tx, info.commit), info.description, info.finished)
            for info in commits.list_(tx, commits.CommitQuery(REPO))
        }
    made.close()
    return found


def packs(home: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (home / "storage" / "packs").iterdir()}


def test_a_restored_backup_has_equal_commits(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, again = tmp_path / "backup", tmp_path / "again"
    assert main(["backup", str(backup), "--home", str(home)]) == exit_codes.OK
    assert main(["restore", str(backup), "--home", str(again)]) == exit_codes.OK
    assert capsys.readouterr().out.startswith(f"{backup} holds all of {home}")
    assert contents(again) == contents(home)
    assert (backup / "metadata.sqlite").stat().st_mode & 0o777 == 0o600


def test_logs_of_a_pipeline_that_is_deleted_meanwhile_are_left_out(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (home / "logs" / name).mkdir(parents=True)
        (home / "logs" / name / "log").write_text(name)

    def copy(source: Path, target: Path, **more: bool) -> None:
        copy_file(source, target, **more)
        if source.name == "log":
            shutil.rmtree(home / "logs")

    monkeypatch.setattr(backups, "copy_file", copy)
    backups.back_up(home, tmp_path / "backup", 0.0)
    assert len(list((tmp_path / "backup" / "logs").iterdir())) == 1


def test_a_second_backup_copies_what_is_new(home: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backups.back_up(home, backup, 0.0)
    before = packs(backup)
    made = Pfs.open(home)
    put(made, 9)
    made.close()
    assert backups.back_up(home, backup, 0.0).packs == 1
    assert packs(backup).items() > before.items()
    backups.restore(backup, tmp_path / "again", link=True)
    assert contents(tmp_path / "again") == contents(home)


def test_a_backup_beside_writers_holds_all_that_its_commits_need(home: Path, tmp_path: Path) -> None:
    made, stop = Pfs.open(home), threading.Event()

    def write() -> None:
        number = 100
        while not stop.is_set():
            put(made, number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            backups.back_up(home, tmp_path / "backup", float(number))
            backups.restore(tmp_path / "backup", tmp_path / f"again{number}")
    finally:
        stop.set()
        writer.join()
        made.close()
    for number in range(4):
        assert len(contents(tmp_path / f"again{number}")) >= 4


def test_a_backup_that_is_cut_off_leaves_the_one_before(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "backup"
    backups.back_up(home, backup, 0.0)
    expected = contents(home)
    made = Pfs.open(home)
    put(made, 9)
    made.close()

    def full(*_args: object, **_more: object) -> None:
        raise NoSpace("no space")

    with monkeypatch.context() as patched:
        patched.setattr("calf.storage.copying.copy_file", full)
        with pytest.raises(NoSpace):
            backups.back_up(home, backup, 0.0)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "attest.key.copying").write_text("a restore that was killed in the midst of it")
    backups.restore(backup, tmp_path / "again")
    assert contents(tmp_path / "again") == expected
    backups.back_up(home, backup, 0.0)
    backups.restore(backup, tmp_path / "newest")
    assert contents(tmp_path / "newest") == contents(home)


def test_a_backup_that_a_server_ran_on_can_be_brought_up_to_date(home: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backups.back_up(home, backup, 1.0)
    Pfs.open(backup).close()
    backups.back_up(home, backup, 2.0)
    assert contents(backup) == contents(home)


def test_how_much_was_copied_is_told(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = tmp_path / "backup"
    for amount in ("3 new packs of 3, ", "1 new pack of 4, "):
        assert main(["backup", str(backup), "--home", str(home)]) == exit_codes.OK
        assert f" holds all of {home}: {amount}" in capsys.readouterr().out
        grow(home, 3)


@pytest.mark.parametrize("command", ["up", "serve"])
def test_no_server_changes_a_backup(
    home: Path, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = tmp_path / "backup"
    assert main(["backup", str(backup), "--home", str(home)]) == exit_codes.OK
    before = sorted(backup.rglob("*"))
    assert main([command, "--home", str(backup), "--address", "127.0.0.1:0"]) == exit_codes.USAGE
    said = capsys.readouterr().err
    assert f"error: {backup} is a backup, and a server would change it\n" in said
    assert f"hint: `calf restore {backup} --home NEW` makes a data folder of it" in said
    assert sorted(backup.rglob("*")) == before


def test_a_backup_is_not_replaced_by_what_lacks_its_commits(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, copy = tmp_path / "backup", tmp_path / "copy"
    backups.back_up(home, backup, 1.0)
    backups.restore(backup, copy)
    grow(home, 7)
    backups.back_up(home, backup, 2.0)
    for more in range(3):  # an older copy; one that went its own way, then further than the backup
        assert main(["backup", str(backup), "--home", str(copy)]) == exit_codes.CONFLICT
        assert contents(backup) == contents(home)
        assert not list(backup.glob(".metadata*"))
        grow(copy, more)
    said = capsys.readouterr().err
    assert "would lose it: 1 transactions more" in said
    assert "both have gone on since they were the same" in said
    assert main(["backup", str(backup), "--home", str(copy), "--force"]) == exit_codes.OK
    assert contents(backup) == contents(copy)


def test_damage_is_told_and_does_not_travel_into_a_backup(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, again = tmp_path / "backup", tmp_path / "again"
    first, second, *_ = sorted((home / "storage" / "packs").glob("*.pack"))
    data = bytearray(first.read_bytes())
    data[20] ^= 1
    first.write_bytes(data)
    assert main(["backup", str(backup), "--home", str(home)]) == exit_codes.INTEGRITY
    good = (backup / "storage" / "packs" / second.name).read_bytes()
    second.write_bytes(second.read_bytes()[:-1])
    assert main(["backup", str(backup), "--home", str(home)]) == exit_codes.INTEGRITY
    assert (backup / "storage" / "packs" / second.name).read_bytes() == good
    second.unlink()
    assert main(["backup", str(backup), "--home", str(home)]) == exit_codes.INTEGRITY
    said = capsys.readouterr()
    for name, damage in (
        (first.name, "1 objects in it are damaged"),
        (second.name, "its footer is damaged"),
        (second.name, "it is gone"),
    ):
        assert f"pack {name}: {damage}" in said.out
    assert main(["restore", str(backup), "--home", str(again)]) == exit_codes.INTEGRITY
    said = capsys.readouterr()
    assert "which is damaged as said above" in said.out.splitlines()[-1]
    assert "calf repair --from" in said.err


def test_nothing_of_anybody_is_overwritten(home: Path, tmp_path: Path) -> None:
    other = lay(tmp_path / "other")
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "letter").touch()
    for target in (other, papers, home, home / "inside", tmp_path):
        assert main(["backup", str(target), "--home", str(home)]) == exit_codes.USAGE
    assert main(["backup", str(tmp_path / "b"), "--home", str(tmp_path / "none")]) == exit_codes.NOT_FOUND
    backups.back_up(home, tmp_path / "backup", 0.0)
    for target in (other, papers):
        assert main(["restore", str(tmp_path / "backup"), "--home", str(target)]) == exit_codes.USAGE
    assert main(["restore", str(papers), "--home", str(tmp_path / "new")]) == exit_codes.NOT_FOUND
    (home / "attest.key").write_text("ours")
    (tmp_path / "backup" / "attest.key").write_text("theirs")
    assert main(["backup", str(tmp_path / "backup"), "--home", str(home)]) == exit_codes.USAGE


def test_no_sweep_while_a_backup_is_made(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from calf.storage.exclusion import keep_from_sweeps

    with keep_from_sweeps(home / "storage" / "packs"):
        assert main(["gc", "--home", str(home)]) == exit_codes.CONFLICT
    assert "a backup of this data folder is being made" in capsys.readouterr().err
    assert main(["gc", "--home", str(home)]) == exit_codes.OK
