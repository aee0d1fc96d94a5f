"""Half of a data folder is not taken for a new one: a sweep would remove the rest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from calf.model.errors import IntegrityError
from calf.pfs.engine import Pfs
from tests.pfs.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a commit that has bytes, and closed."""
    root = tmp_path / "home"
    pfs = Pfs.open(root)
    World(pfs).repo("raw")
    World(pfs).commit("raw@master", "/a")
    pfs.close()
    return root


def test_packs_without_metadata_are_refused_and_stay(folder: Path) -> None:
    for file in folder.glob("metadata.sqlite*"):
        file.unlink()
    before = sorted(path.name for path in folder.rglob("*"))
    with pytest.raises(IntegrityError, match=r"has data in storage, but no metadata\.sqlite"):
        Pfs.open(folder)
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_metadata_without_storage_are_refused(folder: Path) -> None:
    shutil.rmtree(folder / "storage")
    with pytest.raises(IntegrityError, match="has metadata, but no folder storage"):
        Pfs.open(folder)
    assert not (folder / "storage").exists()


def test_a_folder_whose_making_was_cut_off_opens(tmp_path: Path) -> None:
    (tmp_path / "storage" / "packs").mkdir(parents=True)
    Pfs.open(tmp_path).close()
