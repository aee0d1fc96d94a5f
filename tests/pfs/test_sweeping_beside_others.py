"""Sweeps go on beside everything that writes, and are cut off anywhere: nothing that is needed is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, IntegrityError
from calf.model.refs import Commit
from calf.pfs import branches, commits, files, fsck, repos
from calf.pfs.engine import Pfs
from calf.pfs.files import AddFile, CopyFile, DeleteFile, Op
from calf.pfs.filesets.create import create
from calf.pfs.filesets.lay import lay
from calf.pfs.filesets.take import Part, take
from calf.pfs.sweeping import sweep
from calf.storage.sweeping import Policy
from tests.pfs.stepped_store import open_stepped, play
from tests.pfs.world import World, at, ref, repo_of
from tests.pps.stepping import Conductor

SCHEDULES = int(os.environ.get("SWEEP_SCHEDULES", "60"))
SEED = os.environ.get("SWEEP_SEED", "")
EAGER = Policy(sparse=0.0, small=1 << 30, several=2, limit=2000)
"""Every pack is written anew, again and again."""
TEXTS = [letter * size for letter in "abc" for size in (10, 700)]
Act = Callable[[Pfs, Random], None]


def put(pfs: Pfs, draw: Random) -> None:
    text, path = draw.choice(TEXTS).encode(), f"/{draw.choice('xyz')}/{draw.choice('123')}"
    ops: list[Op] = [DeleteFile(path), AddFile(path, [text]), AddFile("/same", [text])]
    files.modify(pfs, ref(f"{draw.choice('rs')}@master"), ops[draw.randrange(2) :], CancelToken())


def copy(pfs: Pfs, draw: Random) -> None:
    source = ref(f"{draw.choice('rs')}@{draw.choice(['master', 'master^', 'master^2'])}")
    ops = [CopyFile(f"/{draw.choice('xyz')}", source, draw.choice(["/", "/same", "/x"]))]
    files.modify(pfs, ref(f"{draw.choice('rs')}@master"), ops, CancelToken())


def lay_fileset(pfs: Pfs, draw: Random) -> None:
    if draw.random() < 0.5:
        made = create(pfs, [AddFile("/laid", [draw.choice(TEXTS).encode()])], CancelToken())
    else:
        made = take(pfs, ref(f"{draw.choice('rs')}@master"), draw.choice(list(Part)), CancelToken())
    with pfs.transaction() as txn:
        commit = commits.start(txn, at(f"{draw.choice('rs')}@master"))
    try:
        lay(pfs, ref(f"{commit.repo.name}@{commit.id}"), made.id, CancelToken())
    finally:
        with suppress(CalfError), pfs.transaction() as txn:
            commits.finish(txn, commit)


def remove(pfs: Pfs, draw: Random) -> None:
    name = f"{draw.choice('rs')}@{draw.choice(['master', 'master^'])}"
    with pfs.transaction() as txn:
        draw.choice([commits.drop, commits.squash])(txn, ref(name), True)


def wipe(pfs: Pfs, draw: Random) -> None:
    repo = repo_of(draw.choice("rs"))
    with pfs.transaction() as txn:
        repos.delete(txn, repo, force=True)
        repos.create(txn, repo)
        branches.create(txn, at(f"{repo.name}@master"))


def clean(pfs: Pfs, draw: Random) -> None:
    for _ in range(draw.randrange(1, 4)):
        for _ in sweep(pfs, CancelToken(), policy=EAGER):
            pass


def several(pfs: Pfs, draw: Random, acts: list[Act]) -> None:
    """What users do may fail, since others do things beside them; but never for damage."""
    for act in acts:
        try:
            act(pfs, draw)
        except IntegrityError:
            raise
        except CalfError:
            continue


def history(pfs: Pfs, draw: Random) -> None:
    """Some data, and some garbage that the very same data was."""
    with pfs.transaction() as txn:
        for name in "rs":
            repos.create(txn, repo_of(name))
            branches.create(txn, at(f"{name}@master"))
    several(pfs, draw, [draw.choice([put, put, put, copy, remove, wipe]) for _ in range(8)])


def strands(pfs: Pfs, draw: Random) -> dict[str, Callable[[], None]]:
    acts = [put, put, copy, lay_fileset, remove, wipe]
    users = {
        f"user {number}": partial(several, pfs, draw, draw.choices(acts, k=draw.randrange(1, 4)))
        for number in range(draw.randrange(1, 4))
    }
    return {"sweep": partial(several, pfs, draw, [clean]), **users}


def found(pfs: Pfs) -> list[str]:
    return [str(violation) for violation in fsck.run(pfs, fsck.checks(pfs, verify=True))]


def seeds() -> list[str]:
    first = SEED or os.urandom(4).hex()
    return [f"{first}/{number}" for number in range(SCHEDULES)]


@pytest.mark.parametrize("part", range(4))
def test_nothing_that_is_needed_is_swept_beside_writers_and_removers(tmp_path: Path, part: int) -> None:
    for seed in seeds()[part::4]:
        draw, conductor = Random(seed), Conductor()
        pfs = open_stepped(tmp_path / seed.replace("/", "-"), conductor)
        history(pfs, draw)
        play(conductor, strands(pfs, draw), draw)
        assert conductor.errors == [], seed
        assert found(pfs) == [], seed
        clean(pfs, draw)
        assert found(pfs) == [], seed
        pfs.close()


@pytest.mark.parametrize("part", range(4))
def test_a_sweep_that_is_killed_anywhere_has_lost_nothing(tmp_path: Path, part: int) -> None:
    for seed in seeds()[part::4]:
        draw, conductor = Random(seed), Conductor()
        home = tmp_path / seed.replace("/", "-")
        pfs = open_stepped(home, conductor)
        history(pfs, draw)
        play(conductor, strands(pfs, draw), draw, steps=draw.randrange(1, 120))
        conductor.crash()
        assert conductor.errors == [], seed
        pfs.close()
        if draw.random() < 0.3:  # the index is only a cache
            for file in (home / "storage").glob("packs.sqlite*"):
                file.unlink()
        again = World.open(home).pfs
        assert found(again) == [], seed
        clean(again, draw)
        assert found(again) == [], seed
        again.close()


def test_what_was_seen_is_still_there(tmp_path: Path) -> None:
    """A commit that a sweep had to keep reads as before."""
    world = World.open(tmp_path / "home")
    world.repo("r")
    world.branch("r@master")
    kept: Commit = world.commit("r@master", "/a", "/b/c")
    with world.pfs.transaction() as txn:
        repos.create(txn, repo_of("gone"))
    world.commit("gone@master", "/a", "/waste")
    with world.pfs.transaction() as txn:
        repos.delete(txn, repo_of("gone"))
    clean(world.pfs, Random(1))
    assert b"".join(files.get(world.pfs, ref(f"r@{kept.id}"), "/b/c", CancelToken())) == b"/b/c"
    assert len(list((tmp_path / "home/storage/packs").iterdir())) == 1
    world.pfs.close()
