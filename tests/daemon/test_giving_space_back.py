"""`calf gc` on a folder whose server runs and on one that nobody uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Semaphore

import pytest

from calf.client.connection import connect
from calf.daemon.main import main
from calf.daemon.quiet import QuietCollector
from calf.kit import exit_codes
from calf.kit.cancel import CancelToken
from calf.model.refs import DEFAULT_PROJECT, Branch, CommitRef, Repo
from calf.pfs import branches, files, fsck, repos
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile
from calf.pfs.filesets.create import create
from calf.runner.images.removing import building
from calf.runner.images.store import ImageStore, Manifest, tree_of, write_manifest
from calf.storage.logs import FileLogStore
from calf.wire.messages import calf, pfs
from tests.conftest import serving
from tests.fresh_folder import lay

KEPT, GONE = Repo(DEFAULT_PROJECT, "kept"), Repo(DEFAULT_PROJECT, "gone")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with some data, more garbage, the log of a job that is no more, and an old file set."""
    root = lay(tmp_path / "home")
    made = Pfs.open(root, clock=lambda: 1_700_000_000.0)
    with made.transaction() as txn:
        for repo in (KEPT, GONE):
            repos.create(txn, repo)
            branches.create(txn, Branch(repo, "master"))
    for number in range(20):
        write(made, KEPT, f"/{number}", b"%d" % number)
    write(made, GONE, "/large", bytes(range(256)) * 400)
    create(made, [AddFile("/x", [b"in no commit"])], CancelToken())
    with made.transaction() as txn:
        repos.delete(txn, GONE)
    made.close()
    logs = FileLogStore(root / "logs", lambda: 0.0)
    logs.append((DEFAULT_PROJECT, "edges", "a" * 32), "", "a line", user=False)
    logs.close()
    return root


def write(made: Pfs, repo: Repo, path: str, data: bytes) -> None:
    files.modify(made, CommitRef(repo, "master"), [AddFile(path, [data])], CancelToken())


def packs(home: Path) -> int:
    return len(list((home / "storage" / "packs").glob("*.pack")))


def test_a_dry_run_explains_and_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = packs(home)
    assert main(["gc", "--home", str(home), "--dry-run", "-o", "json"]) == exit_codes.OK
    said = json.loads(capsys.readouterr().out)
    lines = {(line["what"], line["why"]): line for line in said["lines"]}
    assert lines["logs", "their jobs were deleted"]["items"] == 1
    assert lines["file sets", "their time is over"]["items"] == 1
    assert lines["packs", "nothing in it is needed"]["goes"] is True
    assert lines["packs", "one of many small ones"]["items"] == 20
    assert said["freed"] is None
    assert packs(home) == before


def test_a_dry_run_is_told_as_what_would_be(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gc", "--home", str(home), "--dry-run"]) == exit_codes.OK
    said = capsys.readouterr().out
    assert "would go  1 log, " in said
    assert "needed: 40, copied into a new pack first; not: 0)" in said
    assert "goes" not in said


def test_what_a_repair_set_aside_is_told_with_when_it_may_go(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aside = home / "storage" / "damaged"
    aside.mkdir()
    (aside / "1.pack").write_bytes(bytes(2048))
    assert main(["gc", "--home", str(home)]) == exit_codes.OK
    assert (
        "stays  1 pack, 2KiB: damaged, which `calf repair` set aside in storage/damaged: once"
        " `pachctl fsck --verify` finds nothing, nothing needs them, and you may remove that folder\n"
    ) in capsys.readouterr().out
    assert (aside / "1.pack").exists()


def test_a_folder_that_nobody_uses_is_swept(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gc", "--home", str(home)]) == exit_codes.OK
    assert "given back: 22 packs removed, 1 written" in capsys.readouterr().out
    assert packs(home) == 1
    assert not (home / "logs" / DEFAULT_PROJECT / "edges" / ("a" * 32)).exists()
    made = Pfs.open(home)
    assert list(fsck.run(made, fsck.checks(made, verify=True))) == []
    read = files.get(made, CommitRef(KEPT, "master"), "/7", CancelToken())
    assert b"".join(read) == b"7"
    with made.transaction() as txn:
        repos.delete(txn, KEPT)
    made.close()
    assert main(["gc", "--home", str(home)]) == exit_codes.OK
    assert "given back: 1 pack removed\n" in capsys.readouterr().out


def test_a_running_server_sweeps_by_itself(home: Path) -> None:
    with serving(home) as server, connect(server.address) as client:
        said = list(client.call("/calf_v1.Storage/Collect", calf.CollectRequest()))
        assert said[-1].freed.packs == 22
        assert said[-1].freed.logs == 1
        assert list(client.pfs.Fsck(pfs.FsckRequest(verify=True))) == []
    assert packs(home) == 1


def make_image(home: Path, digit: str, environment: str) -> str:
    images = ImageStore(home)
    digest = f"sha256:{digit * 64}"
    tree_of(images.folder(digest)).mkdir(parents=True)
    (images.envs / environment).mkdir(parents=True, exist_ok=True)
    write_manifest(images.folder(digest), Manifest(digest, "3.11", "", {}, "", "", environment, 0))
    return digest


def test_images_that_nobody_names_go_when_asked_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tagged, named, stated, unknown = (make_image(home, digit, f"env{digit}") for digit in "1234")
    images = ImageStore(home)
    images.tag("stage", tagged)
    made = Pfs.open(home)
    with made.db.write() as tx:
        columns = (
            "project, pipeline, job, datum, hash, state, reason, download_time, process_time, upload_time"
        )
        columns += ", download_bytes, upload_bytes, image, inputs"
        values = f"'p', 'q', 'r', x'', x'', 0, '', 0.0, 0.0, 0.0, 0, 0, '{named}', ''"
        tx.execute(f"INSERT INTO runs ({columns}) VALUES ({values})")
        row = tx.value("SELECT max(id) FROM commits")
        payload = f'{{"image": "{stated}"}}'.encode()
        tx.execute("INSERT INTO statements VALUES (?, ?, '', '', x'')", (row, payload))
    made.close()
    kept = {"images": {tagged, named, stated}, "environments": {"env1", "env2", "env3"}}

    def there() -> dict[str, set[str]]:
        digests = {f"sha256:{path.parent.name}" for path in images.builds.glob("*/image.json")}
        return {"images": digests, "environments": {path.name for path in images.envs.iterdir()}}

    assert main(["gc", "--home", str(home), "--dry-run", "--images"]) == exit_codes.OK
    explained = capsys.readouterr().out
    assert "would go  2 images and environments" in explained
    assert "what a commit holds stays: the bytes of a deleted file too" in explained
    assert unknown in there()["images"]
    with building(images):
        assert main(["gc", "--home", str(home), "--images"]) == exit_codes.CONFLICT
    assert main(["gc", "--home", str(home), "--images"]) == exit_codes.OK
    assert there() == kept


class NoticedLogs(FileLogStore):
    """Says when a collection begins."""

    begun: Semaphore

    def jobs(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        self.begun.release()
        return super().jobs()


def test_it_is_done_now_and_then_while_nobody_writes(home: Path) -> None:
    made = Pfs.open(home)
    logs = NoticedLogs(home / "logs", lambda: 0.0)
    logs.begun = Semaphore(0)
    trouble: list[BaseException] = []
    collector = QuietCollector(made, logs, 0.01, lambda _, error: trouble.append(error))
    collector.start()
    for _ in range(2):
        assert logs.begun.acquire(timeout=30)
    assert packs(home) == 1
    collector.stop()
    assert trouble == []
    made.close()


def test_there_is_nothing_to_sweep_without_data(tmp_path: Path) -> None:
    assert main(["gc", "--home", str(tmp_path)]) == exit_codes.NO_STORE
    assert list(tmp_path.iterdir()) == []
