"""Data folders as earlier versions left them are opened, brought up to date, read; newer ones are refused."""

from __future__ import annotations

import sqlite3
import tarfile
from pathlib import Path

import pytest

from calf.client.connection import connect
from calf.kit.cancel import CancelToken
from calf.model.errors import IntegrityError, Precondition
from calf.model.refs import CommitRef, Repo
from calf.pfs import commits, files
from calf.pfs.engine import Pfs
from calf.storage.store import Store
from calf.wire.messages import pfs
from tests.conftest import serving

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.tar.xz"))
LARGE = b"a line that comes again\n"


@pytest.fixture(params=GOLDEN, ids=lambda path: path.name.removesuffix(".tar.xz"))
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder of each released version: a repo, a pipeline that copied it, an open commit."""
    home = tmp_path / "home"
    with tarfile.open(request.param) as archive:
        archive.extractall(home, filter="data")
    return home


def test_a_folder_of_an_earlier_version_is_opened_and_read(golden: Path) -> None:
    with serving(golden) as server, connect(server.address) as client:
        assert list(client.pfs.Fsck(pfs.FsckRequest(verify=True))) == []
    made = Pfs.open(golden)
    for repo in ("notes", "copies"):
        read = b"".join(files.get(made, ref(repo, "master"), "/large.txt", CancelToken()))
        assert len(read) == 2_500_000
        assert read == (LARGE * 104_167)[:2_500_000]
    for text, expected in (("old", b"two\n"), ("master", b"two\n"), ("draft", b"two\n")):
        path = "/open/x.txt" if text == "draft" else "/a.txt"
        assert b"".join(files.get(made, ref("notes", text), path, CancelToken())) == expected
    with made.read() as tx:
        assert len(list(commits.list_(tx, commits.CommitQuery(Repo("default", "copies"))))) == 3
    made.close()


def test_a_folder_without_its_index_is_read_as_well(golden: Path) -> None:
    for path in (golden / "storage").glob("packs.sqlite*"):
        path.unlink()
    made = Pfs.open(golden)
    assert b"".join(files.get(made, ref("notes", "master"), "/r1.txt", CancelToken())) == b"row 1\n"
    made.close()


def test_a_newer_folder_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    Pfs.open(tmp_path).close()
    mark = tmp_path / "storage" / "format"
    assert mark.read_text() == "calf storage 1\n"
    mark.write_text("calf storage 2\n")
    with pytest.raises(Precondition, match="format 2, this calf knows up to 1"):
        Store.open(tmp_path / "storage")
    assert mark.read_text() == "calf storage 2\n"
    mark.write_text("nonsense")
    with pytest.raises(IntegrityError, match="format is damaged"):
        Store.open(tmp_path / "storage")
    mark.write_text("calf storage 1\n")
    with sqlite3.connect(tmp_path / "metadata.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(Precondition, match="has schema 99"):
        Pfs.open(tmp_path)


def ref(repo: str, text: str) -> CommitRef:
    return CommitRef(Repo("default", repo), text)
